"""The host's floor: a caller can narrow it and never widen it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policy_ir import terms as t
from policy_ir.admission import admit
from policy_ir.canonical import fingerprint_of, term_bytes
from policy_ir.diagnostics import Refused
from policy_ir.facts import Facts
from policy_ir.floor import MAX_NODES, Floor, admit_floor, effective, floor_of, load_floor, read_floor, under
from policy_ir.normal_form import normal_form
from policy_ir.semantics.configuration import Reject
from policy_ir.semantics.environment import Environment
from policy_ir.semantics.machine import evaluate
from policy_ir.semantics.work import Meter
from policy_ir.signature import located, subterms_of
from policy_ir.snapshot import CandidateList, Snapshot
from policy_ir.syntax import parse
from policy_ir.syntax.loader import load
from policy_ir.terms import Origin, Policy, Pred, Term, Xform
from policy_ir.testing.strategies import catalogues, depth_of, policies, size_of, terms
from policy_ir.vocabulary import extend, vocabulary

STANDARD = vocabulary("standard")
CORE = vocabulary("core")
POLICY: list[Any] = [
    "policy",
    ["is", "has_tee"],
    ["zero"],
    ["argmax"],
    ["set_param", "max_tokens", 9000],
    ["always", {"action": "abort"}],
]
CALLER = admit(load(POLICY), STANDARD)
FILTER, MUTATE = ["is", "no_log"], ["clamp_param", "max_tokens", 1, 4096]


def origins(term: Term) -> list[Origin | None]:
    return [term.origin, *(origin for part in subterms_of(term) for origin in origins(part))]


def codes_of(source: object, under: Any = STANDARD) -> list[tuple[str, str | None]]:
    with pytest.raises(Refused) as refused:
        read_floor(source, under)
    return [(diagnostic.code.code, diagnostic.pointer) for diagnostic in refused.value.diagnostics]


# --- what runs ---------------------------------------------------------------------------------------------------


@given(policies(), terms("Pred"), st.none() | terms("Xform"))
def test_what_runs_is_the_normal_form_of_the_policy_under_the_floor(
    policy: Policy, filter_: Pred, mutate: Xform | None
) -> None:
    placed = cast(Policy, located(policy))
    floor = floor_of((filter_, mutate), STANDARD)
    running, whole = effective(admit(placed, STANDARD), floor), normal_form(under(placed, floor))
    assert running.normal == whole
    assert origins(running.normal) == origins(whole)
    assert running.canonical_bytes == term_bytes(whole)
    assert running.fingerprint == fingerprint_of(whole)


def test_without_a_floor_nothing_is_computed_again() -> None:
    alone = effective(CALLER)
    assert alone.normal is CALLER.normal
    assert alone.canonical_bytes is CALLER.canonical_bytes
    assert alone.fingerprint is CALLER.fingerprint


def test_without_a_floor_the_caller_s_policy_runs() -> None:
    alone = effective(CALLER)
    assert alone.normal == CALLER.normal
    assert alone.fingerprint == alone.policy_fingerprint == CALLER.fingerprint
    assert alone.canonical_bytes == CALLER.canonical_bytes
    assert alone.vocabulary is STANDARD


def test_the_floor_s_predicate_is_conjoined_and_its_transform_runs_last() -> None:
    held = effective(CALLER, read_floor({"filter": FILTER, "mutate": MUTATE}))
    expected = [POLICY[0], ["and", FILTER, POLICY[1]], *POLICY[2:4], ["seq", POLICY[4], MUTATE], POLICY[5]]
    assert held.normal == normal_form(load(expected))
    assert held.policy_fingerprint == CALLER.fingerprint
    assert held.fingerprint == admit(load(expected), STANDARD).fingerprint != CALLER.fingerprint
    assert held.canonical_bytes == admit(load(expected), STANDARD).canonical_bytes


def test_a_floor_without_a_transform_leaves_the_caller_s() -> None:
    held = effective(CALLER, read_floor(FILTER))
    assert held.normal.mutate == load(POLICY[4])


def test_where_caller_and_floor_ask_the_same_the_floor_answers_for_it() -> None:
    held = effective(CALLER, read_floor(POLICY[1]))
    assert held.normal == CALLER.normal
    assert held.normal.filter.origin == Origin("floor", "")


def test_the_caller_s_nodes_keep_their_origins_under_a_floor() -> None:
    normal = effective(CALLER, read_floor({"filter": FILTER, "mutate": MUTATE})).normal
    assert isinstance(normal.filter, t.And)
    assert {part.op + str(part.origin) for part in normal.filter.preds} == {
        f"is{Origin('policy', '/1')}",
        f"is{Origin('floor', '/filter')}",
    }
    assert isinstance(normal.mutate, t.Seq)
    assert [part.origin for part in normal.mutate.xforms] == [Origin("policy", "/4"), Origin("floor", "/mutate")]
    assert (normal.origin, normal.rank.origin) == (Origin("policy", ""), Origin("policy", "/2"))


def test_a_term_of_another_sort_cannot_run() -> None:
    with pytest.raises(Refused, match="PIR0213"):
        effective(admit(load(["top"]), STANDARD), None)


def test_a_floor_is_admitted_under_the_policy_s_vocabulary_before_it_runs() -> None:
    under_core = admit(load(POLICY), CORE)
    floor = read_floor(["tag_in", "region", ["eu"]], STANDARD)
    assert floor.vocabulary is STANDARD
    assert effective(CALLER, floor).floor is floor
    with pytest.raises(Refused, match="PIR0401"):
        effective(under_core, floor)
    unasked = effective(CALLER, read_floor(FILTER)).floor
    assert unasked is not None
    assert unasked.vocabulary is STANDARD


@settings(max_examples=60, deadline=None)
@given(terms("Pred", max_nodes=10), terms("Pred", max_nodes=10), catalogues(min_size=1, max_size=4))
def test_what_a_floor_refuses_no_caller_gets(floor: Pred, caller: Pred, listed: tuple[Any, ...]) -> None:
    snapshot = Snapshot.take(CandidateList(listed), STANDARD)
    env = Environment(snapshot, Facts())
    policy = Policy(caller, t.Zero(), t.Argmax(), t.Id(), t.Always(t.Action("abort")))
    held = effective(admit(policy, STANDARD), floor_of(floor, STANDARD)).normal

    def accepts(pred: Term, i: int) -> bool:
        return not isinstance(evaluate(normal_form(pred), i, env, Meter(10**9)), Reject)

    for i in range(snapshot.size):
        assert accepts(held.filter, i) == (accepts(floor, i) and accepts(caller, i))


@settings(max_examples=60, deadline=None)
@given(terms("Policy"), terms("Pred"), terms("Xform"))
def test_an_effective_term_is_no_larger_than_both_and_two_nodes_more(
    policy: Policy, filter: Pred, mutate: Xform
) -> None:
    held = effective(admit(policy, STANDARD), floor_of((filter, mutate), STANDARD)).normal
    assert size_of(held) <= size_of(policy) + size_of(filter) + size_of(mutate) + 2
    assert depth_of(held) <= max(depth_of(policy) + 1, depth_of(filter) + 2, depth_of(mutate) + 2)


def deep(depth: int) -> list[Any]:
    value: list[Any] = ["cmp", "context", "ge", 1]
    for _ in range((depth - 1) // 2):
        value = ["or", ["and", value, ["is", "has_tee"]], ["is", "no_log"]]
    return value if depth % 2 else ["not", value]


def test_caller_and_floor_are_bounded_separately() -> None:
    floor = read_floor({"filter": deep(64), "mutate": ["when", deep(63), ["inject_seed", "seed"]]}, STANDARD)
    caller = admit(load([POLICY[0], deep(63), *POLICY[2:]]), STANDARD)
    normal = effective(caller, floor).normal
    assert depth_of(normal) == 66
    assert codes_of({"filter": ["top"], "mutate": ["when", deep(64), ["id"]]}) == [("PIR0301", "/mutate" + "/1" * 64)]


def wide(nodes: int) -> list[Any]:
    return ["or", *[["cmp", "context", "ge", at] for at in range(nodes - 1)]]


def test_a_floor_has_4094_nodes_at_most_filter_and_transform_together() -> None:
    assert read_floor(wide(MAX_NODES), STANDARD).vocabulary is STANDARD
    assert codes_of(wide(MAX_NODES + 1)) == [("PIR0741", "")]
    assert codes_of({"filter": wide(MAX_NODES), "mutate": ["id"]}) == [("PIR0741", "")]
    caller = admit(load([POLICY[0], wide(4091), *POLICY[2:]]), STANDARD)
    held = effective(caller, read_floor(wide(MAX_NODES)))
    assert size_of(caller.term) == 4096
    assert size_of(held.normal) <= 8192
    assert held.canonical_bytes


# --- reading ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "source",
    [
        FILTER,
        tuple(FILTER),
        {"filter": FILTER},
        {"filter": FILTER, "mutate": None},
        json.dumps(FILTER),
        json.dumps({"filter": FILTER, "mutate": None}),
        "filter no_log",
        t.Is("no_log"),
        parse("filter no_log", sort="Pred"),
        parse('["is", "no_log"]', source="elsewhere"),
    ],
)
def test_a_floor_is_a_predicate_in_either_syntax_or_an_object(source: object) -> None:
    floor = read_floor(source)
    assert (floor.filter, floor.mutate) == (t.Is("no_log"), None)
    assert floor.vocabulary is None
    assert {origin.source for origin in origins(floor.filter) if origin} == {"floor"}


def test_origins_of_a_floor_point_into_its_json() -> None:
    floor = read_floor({"filter": ["and", ["top"], ["not", FILTER]], "mutate": ["seq", ["id"], MUTATE]})
    assert origins(floor.filter) == [Origin("floor", f"/filter{at}") for at in ("", "/1", "/2", "/2/1")]
    assert floor.mutate is not None
    assert origins(floor.mutate) == [Origin("floor", f"/mutate{at}") for at in ("", "/1", "/2")]
    assert origins(read_floor(["not", FILTER]).filter) == [Origin("floor", ""), Origin("floor", "/1")]


def test_a_floor_of_terms_is_admitted_at_once() -> None:
    floor = floor_of((t.Is("no_log"), t.ClampParam("max_tokens", 1, 4096)), STANDARD)
    assert floor.vocabulary is STANDARD
    assert floor.mutate == load(MUTATE)
    assert floor_of((t.Is("no_log"), None), STANDARD).mutate is None
    assert floor_of(t.Is("no_log"), STANDARD).filter.origin == Origin("floor", "")
    with pytest.raises(Refused, match="PIR0401"):
        floor_of(t.Is("nowhere"), STANDARD)
    with pytest.raises(Refused, match="PIR0201"):
        floor_of(5, STANDARD)  # type: ignore[arg-type]


def test_a_floor_that_was_built_by_hand_is_admitted_too() -> None:
    admitted = admit_floor(Floor(t.Is("no_log")), STANDARD)
    assert admitted.vocabulary is STANDARD
    with pytest.raises(Refused, match="PIR0401"):
        admit_floor(Floor(t.Is("nowhere")), STANDARD)


def test_every_diagnostic_of_a_floor_points_into_its_json() -> None:
    source = {"filter": ["and", ["is", "x"], ["cmp", "y", "le", 1]], "mutate": ["set_param", "temperature", 9]}
    expected = [("PIR0401", "/filter/1/1"), ("PIR0401", "/filter/2/1"), ("PIR0406", "/mutate/2")]
    assert codes_of(source) == expected
    assert codes_of(json.dumps(source)) == expected


def test_diagnostics_of_a_text_have_places_in_it() -> None:
    text = '{"filter": ["is", "x"], "mutate": ["oops"]}'
    with pytest.raises(Refused) as refused:
        read_floor(text, STANDARD, name="floor.json")
    (diagnostic,) = refused.value.diagnostics
    assert diagnostic.span is not None
    assert (text[diagnostic.span.start : diagnostic.span.end], diagnostic.source) == ('"oops"', "floor.json")
    with pytest.raises(Refused) as refused:
        read_floor('{"filter": ["is", "x"]}', STANDARD, name="floor.json")
    (diagnostic,) = refused.value.diagnostics
    assert diagnostic.span is not None
    assert (text[diagnostic.span.start : diagnostic.span.end], diagnostic.source) == ('"x"', "floor.json")
    with pytest.raises(Refused) as refused:
        read_floor("filter no_log and nowhere", STANDARD, name="house.policy")
    (diagnostic,) = refused.value.diagnostics
    assert (diagnostic.code.code, diagnostic.source) == ("PIR0401", "house.policy")
    assert diagnostic.span is not None


def test_diagnostics_of_a_value_name_the_floor() -> None:
    for source in ({"filter": ["is", "x"]}, {"filter": ["oops"]}, ["is", "x"], {"oops": 1}, 5):
        with pytest.raises(Refused) as refused:
            read_floor(source, STANDARD)
        assert {diagnostic.source for diagnostic in refused.value.diagnostics} == {"floor"}


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        (5, [("PIR0740", "")]),
        (None, [("PIR0740", "")]),
        ({}, [("PIR0740", "")]),
        ({"filter": None}, [("PIR0740", "")]),
        ({"mutate": ["id"]}, [("PIR0740", "")]),
        ({"filter": FILTER, "fallback": 1}, [("PIR0740", "/fallback")]),
        ({"filter": FILTER, 5: 1}, [("PIR0740", "")]),
        ({"filter": ["zero"]}, [("PIR0203", "/filter")]),
        ({"filter": FILTER, "mutate": ["top"]}, [("PIR0203", "/mutate")]),
        ({"filter": ["not", 5], "mutate": ["drop_param"]}, [("PIR0201", "/filter/1"), ("PIR0204", "/mutate")]),
        (["zero"], [("PIR0203", "")]),
        (t.Zero(), [("PIR0203", "")]),
        (t.And((t.Zero(),)), [("PIR0203", "/1")]),
        (parse('["zero"]'), [("PIR0203", "")]),
        ('["zero"]', [("PIR0203", "")]),
        ('{"filter": ["top"],}', [("PIR0106", None)]),
    ],
)
def test_anything_else_is_refused(source: object, expected: list[tuple[str, str | None]]) -> None:
    assert [code for code, _ in codes_of(source)] == [code for code, _ in expected]
    assert all(wanted in (None, found) for (_, found), (_, wanted) in zip(codes_of(source), expected, strict=True))


def test_a_misspelt_key_gets_a_did_you_mean() -> None:
    with pytest.raises(Refused) as refused:
        read_floor({"filter": FILTER, "mutat": ["id"], "q": 1})
    assert [diagnostic.help for diagnostic in refused.value.diagnostics] == ["did you mean `mutate`?", None]


def test_a_floor_is_read_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "floor.json"
    path.write_text(json.dumps({"filter": FILTER, "mutate": MUTATE}))
    floor = load_floor(path, STANDARD)
    assert floor.document is not None
    assert floor.document.name == str(path)
    held = effective(CALLER, floor)
    assert held.documents == {"floor": floor.document}
    with pytest.raises(Refused, match="PIR0001"):
        load_floor(tmp_path / "absent")


def test_the_texts_of_policy_and_floor_are_at_hand_for_evidence() -> None:
    document = parse(json.dumps(POLICY))
    assert document.term is not None
    held = effective(admit(document.term, STANDARD, document=document), read_floor("filter no_log"))
    assert held.documents.keys() == {"policy", "floor"}
    assert held.documents["policy"] is document
    assert effective(CALLER).documents == {}


def test_a_floor_of_a_house_vocabulary_is_refused_under_another() -> None:
    house = extend(STANDARD, {"vocabulary": 1, "name": "house", "customs": {"stamp": "1"}}, "house")
    floor = read_floor({"filter": ["top"], "mutate": ["custom", "stamp"]}, house)
    with pytest.raises(Refused, match="PIR0408"):
        effective(CALLER, floor)
