"""The fast load: it accepts what the definition accepts, with equal results, and refuses in the same words."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from enum import StrEnum
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policy_ir.admission import Admitted, admit_policy
from policy_ir.diagnostics import Refused
from policy_ir.evaluator.loading import _loaded, load_policy
from policy_ir.evaluator.loading.doubt import DOUBTS
from policy_ir.presets import presets
from policy_ir.signature import arguments_of
from policy_ir.syntax import parse
from policy_ir.syntax.loader import load
from policy_ir.syntax.wire import to_wire
from policy_ir.terms import Term
from policy_ir.testing.strategies import ill_sorted_values, mangled_values, numbers, wire_values
from policy_ir.vocabulary import Vocabulary, extend, vocabulary

STANDARD = vocabulary("standard")
HOUSE = extend(
    STANDARD,
    {"vocabulary": 1, "name": "house", "extends": "standard", "customs": {"s": "1"}, "recipes": ["redact", "resize"]},
    "house",
)
VECTORS = Path(__file__).parents[2] / "conformance" / "vectors"


def policy(**slots: Any) -> list[Any]:
    """A policy with some slots, the others as plain as can be."""
    plain = {
        "filter": ["top"],
        "rank": ["zero"],
        "select": ["argmax"],
        "mutate": ["id"],
        "fallback": ["always", {"action": "abort"}],
    }
    return ["policy", *(plain | slots).values()]


def anatomy(part: Any) -> Any:
    """A tree in full: classes, origins, and every parameter with its exact type."""
    if isinstance(part, Term):
        return type(part), part.origin, [anatomy(argument) for argument in arguments_of(part)]
    if attrs.has(type(part)):
        return type(part), [anatomy(getattr(part, field.name)) for field in attrs.fields(type(part))]
    return (tuple, list(map(anatomy, part))) if type(part) is tuple else (type(part), repr(part))


def outcome(loaded: Callable[[], Admitted]) -> Any:
    """Everything that a load gives, or the findings of its refusal."""
    try:
        admitted = loaded()
    except Refused as refused:
        return list(refused.diagnostics)
    term, normal = admitted.term, admitted.normal
    return anatomy(term), anatomy(normal), normal is term, admitted.canonical_bytes, admitted.fingerprint, admitted.sort


def assert_same(value: Any, vocabulary: Vocabulary = STANDARD) -> None:
    assert outcome(lambda: load_policy(value, vocabulary)) == outcome(lambda: admit_policy(load(value), vocabulary))


def is_fast(value: Any, vocabulary: Vocabulary = STANDARD) -> bool:
    """Whether the load does without the definition."""
    try:
        _loaded(value, vocabulary)
    except DOUBTS:
        return False
    return True


# --- any policy ----------------------------------------------------------------------------------------------------


@given(wire_values("Policy", max_depth=7, max_nodes=60))
def test_an_admitted_policy_loads_fast_as_the_definition_loads_it(value: list[Any]) -> None:
    assert_same(value)
    assert is_fast(value)


@given(wire_values("Policy", admitted=False, max_nodes=40))
def test_a_well_sorted_policy_is_admitted_or_refused_as_by_the_definition(value: list[Any]) -> None:
    assert_same(value)


@given(ill_sorted_values("Policy"))
def test_a_policy_that_is_ill_sorted_somewhere_is_refused_in_the_same_words(value: Any) -> None:
    assert_same(value)


@given(mangled_values("Policy") | mangled_values())
def test_a_mangled_policy_has_the_same_outcome(value: Any) -> None:
    assert_same(value)


CONSTANTS = [["top"], ["bot"], ["zero"], ["id"]]


def redexes(sort: str, inner: dict[str, st.SearchStrategy[list[Any]]]) -> st.SearchStrategy[list[Any]]:
    """Terms to which many equations apply, over such terms."""
    pred, scorer, xform = inner["Pred"], inner["Scorer"], inner["Xform"]

    def node(op: str, *arguments: Any) -> st.SearchStrategy[list[Any]]:
        return st.tuples(st.just(op), *arguments).map(list)

    def siblings(op: str, part: st.SearchStrategy[list[Any]]) -> st.SearchStrategy[list[Any]]:
        return st.lists(part, min_size=1, max_size=4).map(lambda parts: [op, *parts])

    factors = st.sampled_from((0, 1, -0.0, 1.0, 0.5))
    match sort:
        case "Pred":
            tags = st.lists(st.sampled_from("ba"), min_size=1, max_size=3)
            leaves = st.sampled_from((["top"], ["bot"], ["is", "disabled"], ["is", "no_log"]))
            test = node("test", scorer, st.just("ge"), factors)
            either = siblings("and", pred) | siblings("or", pred) | node("not", pred) | test
            return leaves | either | node("tag_in", st.just("region"), tags)
        case "Scorer":
            leaves = st.sampled_from((["zero"], ["lit", 1], ["field", "context"]))
            either = siblings("add", scorer) | node("scale", factors, scorer) | node("gate", pred, scorer)
            return leaves | either | node("neg", scorer)
        case _:
            leaves = st.sampled_from((["id"], ["drop_param", "temperature"], ["drop_param", "top_p"]))
            return leaves | siblings("seq", xform) | node("when", pred, xform)


def nests(depth: int) -> dict[str, st.SearchStrategy[list[Any]]]:
    flat = {"Pred": st.just(["top"]), "Scorer": st.just(["zero"]), "Xform": st.just(["id"])}
    if depth == 0:
        return flat
    inner = nests(depth - 1)
    return {sort: redexes(sort, inner) for sort in flat}


@st.composite
def reducible(draw: st.DrawFn) -> list[Any]:
    """Policies to which equations apply nearly everywhere."""
    parts = {sort: draw(strategy) for sort, strategy in nests(4).items()}
    rank: list[Any] = parts["Scorer"]
    for op in draw(st.lists(st.sampled_from(("normalize", "neg")), max_size=3)):
        rank = [op, rank]
    select: list[Any] = ["argmax"]
    for pred in draw(st.lists(nests(2)["Pred"], max_size=2)):
        select = ["prefer", pred, select]
    actions = st.sampled_from(({"action": "abort"}, {"action": "abort", "attempts": 1}, {"action": "next_candidate"}))
    plan: list[Any] = ["always", draw(actions)]
    for reason in draw(st.lists(st.sampled_from(("timeout", "rate_limit", "a", "b")), max_size=5)):
        plan = ["override", plan, reason, draw(actions)]
    return policy(filter=parts["Pred"], rank=rank, select=select, mutate=parts["Xform"], fallback=plan)


@settings(max_examples=300)
@given(reducible())
def test_the_equations_make_the_same_normal_form_with_the_same_origins(value: list[Any]) -> None:
    assert_same(value)
    assert is_fast(value)


@given(st.lists(st.sampled_from(("provider", "provider_id", "model", "model_family")), min_size=1, max_size=6))
def test_a_chain_has_its_keys_spelled_and_its_duplicates_left_out(keys: list[str]) -> None:
    records = [{key: "x", "provider": "p", "model": "m"} for key in keys]
    assert_same(policy(select=["chain", [*records, {"provider_id": "p", "model_family": "m"}]]))


# --- the policies there are ----------------------------------------------------------------------------------------


def test_the_presets_load_fast() -> None:
    for preset in presets():
        term = parse(preset.text).term
        assert term is not None
        assert_same(to_wire(term))
        assert is_fast(to_wire(term))


def policies_in(value: Any) -> Iterator[list[Any]]:
    if isinstance(value, dict):
        for part in value.values():
            yield from policies_in(part)
    elif isinstance(value, list):
        if value and value[0] == "policy":
            yield value
        for part in value:
            yield from policies_in(part)


def test_the_policies_of_the_conformance_vectors_have_the_same_outcome() -> None:
    seen = 0
    for path in sorted(VECTORS.glob("*/*.json")):
        for value in policies_in(json.loads(path.read_text("utf-8"))):
            assert_same(value)
            seen += 1
    assert seen > 100


# --- nodes ---------------------------------------------------------------------------------------------------------


@given(wire_values("Policy"))
def test_a_node_cannot_be_told_from_one_that_its_class_made(value: list[Any]) -> None:
    made, loaded = load(value), load_policy(value, STANDARD).term
    assert loaded == made
    assert hash(loaded) == hash(made)
    assert repr(loaded) == repr(made)
    assert copy.deepcopy(loaded) == made
    assert attrs.evolve(loaded) == made  # type: ignore[misc]
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        loaded.filter = None  # type: ignore[attr-defined]


def test_the_text_that_a_policy_came_from_stays_with_it() -> None:
    document = parse(json.dumps(policy()))
    assert load_policy(policy(), STANDARD, document=document).document is document
    assert load_policy(tuple(policy()), STANDARD, document=document).document is document


# --- what a dict takes for the same --------------------------------------------------------------------------------


class Word(str):
    """A string that says it is another one."""

    def __str__(self) -> str:
        return "another"


class Wording(StrEnum):
    """Strings as members of an enumeration."""

    DISABLED = "disabled"


class Impostor:
    """What is no string, but equal to one."""

    def __repr__(self) -> str:
        return "Impostor()"  # no address: a test's name is the same in every process

    def __hash__(self) -> int:
        return hash("disabled")

    def __eq__(self, other: object) -> bool:
        return other == "disabled"


class Whole(int):
    """An integer of a subclass."""


@pytest.mark.parametrize(
    "value",
    [
        policy(rank=["lit", True]),
        policy(rank=["lit", 1]),
        policy(rank=["lit", 1.0]),
        policy(rank=["lit", Whole(1)]),
        policy(rank=["lit", -0.0]),
        policy(rank=["lit", 0]),
        policy(rank=["scale", False, ["lit", 2]]),
        policy(rank=["lit", 2**53 + 1]),
        policy(rank=["lit", 2**1024]),
        policy(rank=["lit", 10**400]),
        policy(rank=["lit", float("nan")]),
        policy(rank=["lit", float("inf")]),
        policy(rank=["lit", "1"]),
        policy(rank=["lit", None]),
        policy(select=["top_k", True, ["argmax"]]),
        policy(select=["top_k", 1, ["argmax"]]),
        policy(select=["top_k", 1.5, ["argmax"]]),
        policy(select=["top_k", 0, ["argmax"]]),
        policy(filter=["is", Word("disabled")]),
        policy(filter=["is", Wording.DISABLED]),
        policy(filter=["is", Impostor()]),
        policy(filter=[Impostor(), "disabled"]),
        policy(filter=[Word("top")]),
        policy(filter=[["top"]]),
        policy(filter=("is", "disabled")),
        policy(filter={0: "top"}),
        policy(filter=[]),
        policy(filter=["and", "top"]),
        policy(filter=["and"]),
        policy(filter=["top", "top"]),
        policy(filter=["zero"]),
        policy(filter=["is", "nothing"]),
        policy(filter=["is", "price_out"]),
        policy(filter=["cmp", "price_out", "LE", 1]),
        policy(filter=["provider_eq", "\ud800"]),
        policy(filter=["provider_eq", "x" * 256]),
        policy(filter=["provider_eq", "x" * 257]),
        policy(filter=["provider_eq", "é" * 129]),
        policy(filter=["tag_in", "region", []]),
        policy(filter=["tag_in", "region", ["x"] * 64]),
        policy(filter=["tag_in", "region", ["x"] * 65]),
        policy(filter=["tag_in", "region", ["x", 1]]),
        policy(filter=["test", ["normalize", ["zero"]], "ge", 1]),
        policy(filter=["test", ["gate", ["test", ["zero"], "ge", 1], ["normalize", ["zero"]]], "ge", 1]),
        policy(filter=["and", ["test", ["zero"], "ge", 1], ["top"]], rank=["normalize", ["zero"]]),
        policy(mutate=["clamp_param", "temperature", 0, 9]),
        policy(mutate=["clamp_param", "max_tokens", 0.5, 9]),
        policy(mutate=["clamp_param", "nothing", 0, 9]),
        policy(mutate=["set_param", "temperature", 1]),
        policy(mutate=["set_param", "temperature", True]),
        policy(mutate=["set_param", "temperature", "1"]),
        policy(mutate=["set_param", "temperature", []]),
        policy(mutate=["custom", "s"]),
        policy(mutate=["filter_text", ["redact", {"resize": 1}]]),
        policy(mutate=["filter_text", ["nothing"]]),
        ["policy"],
        [*policy(), ["top"]],
        tuple(policy()),
        ["top"],
        [Word("policy"), *policy()[1:]],
        [],
        "policy",
        None,
        {"policy": 1},
    ],
    ids=repr,
)
def test_what_looks_alike_is_told_apart(value: Any) -> None:
    for _ in range(2):  # a table may know it the second time
        assert_same(value)
        assert_same(value, HOUSE)


@pytest.mark.parametrize(
    "action",
    [
        {"action": "abort"},
        {"action": "abort", "attempts": True},
        {"attempts": 1, "action": "retry_same", "then_action": "abort", "backoff_ms": [1, 2.5], "open_breaker_ms": 0},
        {"action": "abort", "backoff_ms": -0.0},
        {"action": "abort", "backoff_ms": []},
        {"action": "abort", "backoff_ms": [1] * 16},
        {"action": "abort", "backoff_ms": [1] * 17},
        {"action": "abort", "backoff_ms": [1] * 65},
        {"action": "abort", "backoff_ms": (1, 2)},
        {"action": "abort", "attempts": 11},
        {"action": "abort", "attempts": 11, "x": 1},
        {"action": "abort", "x": 1, "a": 2},
        {"action": "retry_same", "then_action": "retry_same"},
        {Word("action"): "abort"},
        {"action": Word("abort")},
        {"action": "explode"},
        {"action": None},
        {"attempts": 1},
        {"attempts": 1, "x": 1},
        {1: "abort"},
        {},
        [],
    ],
    ids=repr,
)
def test_an_action_is_read_as_the_definition_reads_it(action: Any) -> None:
    assert_same(policy(fallback=["always", action]))
    assert_same(policy(fallback=["override", ["always", {"action": "abort"}], "timeout", action]))


# --- bounds --------------------------------------------------------------------------------------------------------


def nested(depth: int, inner: list[Any]) -> list[Any]:
    for _ in range(depth):
        inner = ["neg", inner]
    return inner


@pytest.mark.parametrize(("depth", "fast"), [(61, True), (62, True), (63, False), (100, False), (5000, False)])
def test_a_policy_is_64_deep_at_most(depth: int, fast: bool) -> None:
    value = policy(rank=nested(depth, ["lit", 2]))
    assert is_fast(value) is fast
    assert_same(value)


def test_a_deep_nest_of_siblings_is_bounded_too() -> None:
    for depth in (61, 62, 63):
        filter_: list[Any] = ["is", "disabled"]
        for _ in range(depth):
            filter_ = ["and", filter_, ["not", ["is", "no_log"]]]
        assert_same(policy(filter=filter_))


@pytest.mark.parametrize(("leaves", "fast"), [(4090, True), (4091, False), (100_000, False)])
def test_a_policy_has_4096_nodes_at_most(leaves: int, fast: bool) -> None:
    value = policy(rank=["add", *[["lit", 2]] * leaves])
    assert is_fast(value) is fast
    assert_same(value)


def test_a_value_that_shares_its_parts_is_not_read_forever() -> None:
    pred: list[Any] = ["top"]
    scorer: list[Any] = ["lit", 2]
    for _ in range(60):
        pred, scorer = ["and", pred, pred], ["gate", ["test", scorer, "ge", 1], scorer]
    assert_same(policy(filter=pred))
    assert_same(policy(rank=scorer))


def test_a_value_that_contains_itself_is_refused() -> None:
    pred: list[Any] = ["not"]
    pred.append(pred)
    assert_same(policy(filter=pred))


@given(numbers())
def test_numbers_are_encoded_as_the_definition_does(number: float) -> None:
    assert_same(policy(rank=["scale", number, ["lit", -number]]))
