"""The closed unions of `terms`, for exhaustive matches, hold exactly the operations of the signature."""

from __future__ import annotations

import typing

import pytest

from policy_ir import terms as t
from policy_ir.signature import SIGNATURE, operations_of


@pytest.mark.parametrize("sort", ["Pred", "Scorer", "Selector", "Xform", "FailPlan"])
def test_the_union_of_a_sort_holds_its_operations(sort: str) -> None:
    union = typing.get_args(getattr(t, f"Any{sort}"))
    assert union == tuple(row.cls for row in operations_of(sort))


def test_the_union_of_all_terms_holds_every_operation() -> None:
    assert set(typing.get_args(t.AnyTerm)) == {row.cls for row in SIGNATURE.values()}
