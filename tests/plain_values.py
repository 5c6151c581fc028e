"""Plain values of any shape: what the encoder takes, terms or not."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from policy_ir.cbor import SAFE
from policy_ir.testing.strategies import numbers, texts


def values() -> st.SearchStrategy[Any]:
    scalars = st.one_of(st.booleans(), numbers(), texts(), st.integers(-SAFE, SAFE))
    return st.recursive(
        scalars, lambda inner: st.lists(inner, max_size=5) | st.dictionaries(texts(), inner, max_size=5), max_leaves=12
    )


def deep(levels: int, inner: Any = "x") -> Any:
    for _ in range(levels):
        inner = [inner]
    return inner
