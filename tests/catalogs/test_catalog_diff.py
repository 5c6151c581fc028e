"""What changed between two catalogues."""

from __future__ import annotations

from typing import Any

from policy_ir.catalogs import CatalogDiff, Change, diff
from policy_ir.snapshot import Candidate


def candidate(name: str, **more: Any) -> Candidate:
    return Candidate(id=name, provider="p", family="f", **more)


A, B, C = candidate("a"), candidate("b"), candidate("c")


def test_equal_catalogues_do_not_differ() -> None:
    same = diff([A, B], [A, B])
    assert same == CatalogDiff((), (), (), reordered=False)
    assert not same


def test_ids_are_added_and_removed() -> None:
    # diff/candidates
    found = diff([A, B], [B, C])
    assert (found.added, found.removed, found.changed, found.reordered) == (("c",), ("a",), (), False)
    assert found
    assert diff([A], [])
    assert diff([], [A])


def test_values_change_with_both_values_in_sight() -> None:
    # diff/values
    old = candidate(
        "a", tier="partner", capabilities=["x"], fields={"price_in": 1, "region": "us", "labels": ["b", "a"]}
    )
    new = candidate("a", capabilities=["y"], fields={"price_in": 2, "context": 5, "labels": ("a", "b")})
    found = diff([old], [new])
    assert found.changed == (
        Change("a", "tier", "partner", None),
        Change("a", "capabilities", ("x",), ("y",)),
        Change("a", "fields/context", None, 5),
        Change("a", "fields/price_in", 1, 2),
        Change("a", "fields/region", "us", None),
    )
    assert found


def test_another_order_is_a_difference() -> None:
    # diff/order
    found = diff([A, B, C], [C, A])
    assert found.reordered
    assert found.removed == ("b",)
    assert not diff([A, B, C], [A, C]).reordered
    assert diff([A, B], [B, A])
