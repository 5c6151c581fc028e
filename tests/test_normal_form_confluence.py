"""Rewriting ends, and ends at one term, whatever the order: by random walks, and exhaustively on small terms."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rewriting import contracted, measure

from policy_ir.normal_form import EQUATIONS, is_normal, normal_form, redexes
from policy_ir.syntax.loader import load
from policy_ir.terms import Term
from policy_ir.testing.strategies import terms

Value = list[Any]

ABORT, RETRY = {"action": "abort"}, {"action": "retry_same"}


@given(terms(admitted=False), st.randoms(use_true_random=False))
def test_any_order_of_rewriting_ends_at_the_normal_form(term: Term, random: Any) -> None:
    rewritten = term
    while found := list(redexes(rewritten)):
        rewritten = contracted(rewritten, random.choice(found))
    assert rewritten == normal_form(term)


@given(terms(admitted=False))
@example(load(["chain", [{"provider_id": "a", "model": "m"}]]))
@example(load(["override", ["override", ["always", ABORT], "b", RETRY], "a", RETRY]))
def test_every_rewrite_lowers_the_measure(term: Term) -> None:
    before = measure(term)
    for redex in redexes(term):
        assert measure(contracted(term, redex)) < before


# --- all small terms -----------------------------------------------------------------------------------------


def _grown(
    leaves: list[Value], grow: Callable[[list[Value], list[Value]], Iterator[Value]], levels: int
) -> list[Value]:
    """Leaves, and what `grow` makes of those of the level before and of all so far."""
    every, last = list(leaves), list(leaves)
    for _ in range(levels):
        last = list(grow(last, every))
        every += last
    return every


def _predicates(last: list[Value], every: list[Value]) -> Iterator[Value]:
    for p in last:
        yield ["not", p]
        yield ["and", p]
        yield ["or", p]
        for op, q in itertools.product(("and", "or"), every[:24]):
            yield [op, p, q]
            yield [op, q, p]


def _scorers(last: list[Value], every: list[Value]) -> Iterator[Value]:
    for s in last:
        yield ["normalize", s]
        yield ["add", s]
        for factor in (0.0, 1.0, 2.0):
            yield ["scale", factor, s]
        for p in (["top"], ["bot"], ["meets_req"], ["not", ["top"]]):
            yield ["gate", p, s]
        for r in every:
            yield ["add", s, r]
            yield ["add", r, s]


def _transforms(last: list[Value], every: list[Value]) -> Iterator[Value]:
    for x in last:
        yield ["seq", x]
        for p in (["top"], ["bot"], ["meets_req"], ["not", ["bot"]]):
            yield ["when", p, x]
        for y in every:
            yield ["seq", x, y]
            yield ["seq", y, x]


def _selectors(last: list[Value], every: list[Value]) -> Iterator[Value]:
    for o, p in itertools.product(last, (["top"], ["bot"], ["meets_req"], ["not", ["bot"]])):
        yield ["prefer", p, o]


def _chains() -> Iterator[Value]:
    entries = [{"provider": "a", "model": "m"}, {"provider_id": "a", "model_family": "m"},
               {"provider": "a", "provider_id": "b", "model": "m"}, {"provider": "b", "model_family": "m"}]  # fmt: skip
    for count in range(4):
        yield from (["chain", list(chosen)] for chosen in itertools.product(entries, repeat=count))


def _plans() -> Iterator[Value]:
    overrides = list(itertools.product("ab", (ABORT, RETRY)))
    for count in range(5):
        for chosen in itertools.product(overrides, repeat=count):
            plan: Value = ["always", ABORT]
            for reason, action in chosen:
                plan = ["override", plan, reason, action]
            yield plan


SMALL: dict[str, list[Value]] = {
    "predicates": _grown([["top"], ["bot"], ["meets_req"]], _predicates, 2),
    "scorers": _grown([["zero"], ["lit", 1.0]], _scorers, 2),
    "transforms": _grown([["id"], ["inject_seed", "seed"]], _transforms, 2),
    "selectors": _grown([["argmax"]], _selectors, 3),
    "chains": list(_chains()),
    "plans": list(_plans()),
}


@pytest.mark.parametrize("kind", SMALL)
def test_on_small_terms_every_rewrite_keeps_the_normal_form(kind: str) -> None:
    for value in SMALL[kind]:
        term = load(value)
        normal = normal_form(term)
        assert is_normal(normal)
        for redex in redexes(term):
            assert normal_form(contracted(term, redex)) == normal, (value, redex.equation.id)


def test_small_terms_have_redexes_of_every_equation_but_one() -> None:
    some = [value for values in SMALL.values() for value in values[:400]]
    met = {redex.equation.id for value in some for redex in redexes(load(value))}
    assert {equation.id for equation in EQUATIONS} - met == {"tag_in/sort"}
