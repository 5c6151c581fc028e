"""What a family of random requests is, and the parts that many are made of.

A case is a kind of request with a strategy of its inputs.
"""

from __future__ import annotations

from typing import Any

import attrs
from hypothesis import strategies as st

from policy_ir.testing.strategies import catalogues, seeds, wire_values

Input = dict[str, Any]


@attrs.frozen(slots=True)
class Case:
    """A family of requests: name, kind, the strategy of the inputs, how often it is drawn, the features it needs.

    Of a family with `verdict` it is compared only that both accept, and what, or that both refuse. One with a share of
    0 is drawn when it is asked for by name.
    """

    name: str
    kind: str
    inputs: st.SearchStrategy[Input]
    share: int = 1
    features: tuple[str, ...] = ()
    verdict: bool = False


def wire_term(sort: str | None = None, *, admitted: bool = True) -> st.SearchStrategy[Any]:
    """Terms as decoded JSON."""
    return wire_values(sort, admitted=admitted, max_depth=6, max_nodes=30)


def candidate_lists(least: int = 0, most: int = 8) -> st.SearchStrategy[list[Any]]:
    """Lists of candidates as a catalogue file has them."""
    return catalogues(min_size=least, max_size=most).map(lambda some: [_candidate(one) for one in some])


def _candidate(candidate: Any) -> Input:
    keys = {name: getattr(candidate, name) for name in ("id", "provider", "family", "served_model", "served_by")}
    keys |= {"tier": candidate.tier, "scope": candidate.scope, "capabilities": list(candidate.capabilities)}
    fields = {name: list(value) if isinstance(value, tuple) else value for name, value in candidate.fields.items()}
    return {name: value for name, value in keys.items() if value is not None} | {"fields": fields}


def seeded(inputs: st.SearchStrategy[Input]) -> st.SearchStrategy[Input]:
    """The inputs, some with a seed."""
    return st.builds(lambda given, seed: given if seed is None else given | {"seed": seed}, inputs, seeds())


def request(**parts: st.SearchStrategy[Any]) -> st.SearchStrategy[Input]:
    """Inputs of these members."""
    return st.fixed_dictionaries(dict(parts))


@st.composite
def mangled_bytes(draw: st.DrawFn, canonical: st.SearchStrategy[bytes]) -> str:
    """Bytes, or bytes near them: flipped, cut, doubled; in hexadecimal."""
    data = bytearray(draw(canonical))
    for _ in range(draw(st.integers(0, 2))):
        at = draw(st.integers(0, len(data) - 1)) if data else 0
        match draw(st.sampled_from(["flip", "set", "cut", "put", "drop"])):
            case "flip" if data:
                data[at] ^= 1 << draw(st.integers(0, 7))
            case "set" if data:
                data[at] = draw(
                    st.sampled_from([0x00, 0x1B, 0x7F, 0x80, 0x9F, 0xA0, 0xC0, 0xF4, 0xF6, 0xF9, 0xFB, 0xFF])
                )
            case "cut":
                del data[at:]
            case "put":
                data[at:at] = draw(st.binary(min_size=1, max_size=3))
            case _:
                del data[at : at + 1]
    return data.hex()
