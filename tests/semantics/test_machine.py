"""The machine: determinism, progress, preservation, the bound on its steps; stuck configurations; what a step shows."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st
from small_worlds import HOUSE, NEXT, candidate, normal, policy, term, world

from policy_ir import terms as t
from policy_ir.diagnostics import InternalError
from policy_ir.facts import read_facts
from policy_ir.normal_form import normal_form
from policy_ir.semantics import STEPS_PER_WORK, Draft, Environment, Meter, Step, machine, work
from policy_ir.semantics.configuration import (
    ACCEPT,
    DONE,
    Accept,
    Become,
    Call,
    Contest,
    Done,
    Everybody,
    Failure,
    Finish,
    Focus,
    Outcome,
    PolicyFrame,
    PredFrame,
    Ranking,
    Reject,
    action_of,
    outcome_of,
    ranking_of,
    vector_of,
    verdict_of,
)
from policy_ir.semantics.machine import evaluate
from policy_ir.semantics.policies import resume as resume_policy
from policy_ir.semantics.predicates import resume as resume_predicate
from policy_ir.signature import TERM_SORTS, sort_of
from policy_ir.snapshot import CandidateList, Snapshot
from policy_ir.testing import strategies

VALUES: dict[str, Any] = {
    "Pred": (Accept, Reject),
    "Scorer": tuple,
    "Selector": Ranking,
    "Xform": Done,
    "FailPlan": t.Action,
    "Policy": Outcome,
}


@st.composite
def environments(draw: st.DrawFn, min_size: int = 0, max_size: int = 6) -> Environment:
    snapshot = Snapshot.take(CandidateList(draw(strategies.catalogues(min_size=min_size, max_size=max_size))), HOUSE)
    return Environment(snapshot, read_facts(draw(strategies.facts_values()), HOUSE), draw(strategies.seeds()))


@st.composite
def configurations(draw: st.DrawFn) -> tuple[t.Term, Focus, Environment, int]:
    """A normal form of any sort under a focus of its sort, and the size of the population it is over."""
    sort = draw(st.sampled_from(sorted(TERM_SORTS)))
    node = normal_form(draw(strategies.terms(sort, max_depth=5, max_nodes=30)))
    env = draw(environments(min_size=0 if sort == "Policy" else 1))
    n = env.snapshot.size
    members = tuple(range(n))
    match node:
        case t.Pred():
            return node, 0, env, 1
        case t.Scorer():
            return node, members, env, n
        case t.Selector():
            scores = tuple(draw(st.lists(st.floats(), min_size=n, max_size=n)))
            return node, Contest(members, scores), env, n
        case t.Xform():
            return node, Call(0, Draft({"temperature": 1, "seed": "x"})), env, 1
        case t.FailPlan():
            return node, Failure(draw(st.sampled_from(["timeout", "unknown"]))), env, 1
        case _:
            return node, Everybody(), env, n


def derivation(node: t.Term, focus: Focus, env: Environment, meter: Meter) -> tuple[list[Step], Any]:
    steps: list[Step] = []
    if isinstance(focus, Call):
        focus = Call(focus.candidate, Draft(dict(focus.draft.request)))
    return steps, evaluate(node, focus, env, meter, steps.append)


def told(steps: list[Step]) -> list[tuple[Any, ...]]:
    return [(step.rule, step.candidate, step.redex, step.result) for step in steps]


@settings(max_examples=150, deadline=None)
@given(configurations())
def test_the_machine_is_deterministic_never_stuck_keeps_sorts_and_ends_within_its_bound(
    configuration: tuple[t.Term, Focus, Environment, int],
) -> None:
    node, focus, env, n = configuration
    meter = Meter(budget=10**9)
    steps, value = derivation(node, focus, env, meter)  # progress: it does not raise
    again, _ = derivation(node, focus, env, Meter(budget=10**9))
    assert told(steps) == told(again)  # determinism
    assert isinstance(value, VALUES[sort_of(type(node))])
    for step in steps:  # preservation
        match step.move:
            case Finish(_, result):
                assert isinstance(result, VALUES[sort_of(type(step.node))])
            case Become(_, inner):
                assert sort_of(type(inner)) == sort_of(type(step.node))
            case _:
                assert step.move.frame.node is step.node
    bound = STEPS_PER_WORK * work(node, n) if n else 1  # termination
    assert len(steps) == meter.steps <= meter.spent <= bound
    event(f"{sort_of(type(node))}: {100 * meter.spent // bound // 10 * 10} % of the bound")


@settings(max_examples=40, deadline=None)
@given(configurations())
def test_watching_changes_nothing(configuration: tuple[t.Term, Focus, Environment, int]) -> None:
    node, focus, env, _ = configuration
    if isinstance(focus, Call):
        focus = Call(0, Draft({}))
    watched, unwatched = Meter(10**9), Meter(10**9)
    assert repr(evaluate(node, focus, env, watched, lambda step: None)) == repr(evaluate(node, focus, env, unwatched))
    assert watched == unwatched


def test_the_constant_of_the_bound_is_needed() -> None:
    """Nothing much below 2 would do: a long `and` at every candidate takes nearly two steps for each node."""
    long = ["and", *(["cmp", "price_in", "ge", -n] for n in range(300))]
    admitted = policy(filter=long)
    env = world(*(candidate(f"m{i}", price_in=1) for i in range(20)))
    meter = Meter(10**9)
    evaluate(admitted.normal, Everybody(), env, meter)
    assert 1.9 * work(admitted.normal, 20) < meter.steps <= 2 * work(admitted.normal, 20)


def test_the_machine_does_not_recurse() -> None:
    import sys

    deep: t.Pred = t.Top()
    for _ in range(5 * sys.getrecursionlimit()):
        deep = t.Not(deep)
    assert evaluate(deep, 0, world(), Meter(10**9)) is ACCEPT


# --- stuck configurations --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "focus"), [(["top"], (0,)), (["zero"], 0), (["argmax"], (0,)), (["id"], 0), (NEXT, 0)], ids=str
)
def test_a_term_under_the_focus_of_another_sort_is_stuck(value: Any, focus: Focus) -> None:
    with pytest.raises(InternalError, match="stuck"):
        evaluate(term(value), focus, world(), Meter(100))


@pytest.mark.parametrize("part", [verdict_of, vector_of, ranking_of, action_of, outcome_of])
def test_a_value_of_another_sort_is_stuck(part: Any) -> None:
    with pytest.raises(InternalError, match="stuck"):
        part(DONE)


def test_a_context_that_gets_a_value_of_another_sort_is_stuck() -> None:
    with pytest.raises(InternalError, match="stuck"):
        resume_predicate(PredFrame(t.Not(t.Top()), 0), DONE, Meter(9))
    with pytest.raises(InternalError, match="stuck"):
        resume_policy(PolicyFrame(normal(["policy", ["top"], ["zero"], ["argmax"], ["id"], NEXT]), 1), DONE, Meter(9))


# --- what a step shows -------------------------------------------------------------------------------------------


def shown(value: Any, focus: Any = 0, env: Environment | None = None) -> list[tuple[str, int | None, str, str]]:
    steps: list[Step] = []
    evaluate(term(value), focus, env or WORLD, Meter(10**6), steps.append)
    return [(step.rule, step.candidate, step.redex, step.result) for step in steps]


WORLD = world(candidate("a", price_in=1, disabled=True), candidate("b", price_in=3), candidate("c"), seed=1)


def test_a_derivation_of_a_predicate() -> None:
    assert shown(["or", ["not", ["top"]], ["cmp", "price_in", "le", 2.5], ["tag_in", "region", ["eu", "us"]]], 1) == [
        ("top/accept", 1, "top", "accept"),
        ("not/reject", 1, "not(accept)", "reject not"),
        ("or/next", 1, "or(reject not, cmp(…), tag_in(…))", 'or(cmp("price_in", "le", 2.5), tag_in(…))'),
        ("cmp/reject", 1, 'cmp("price_in", "le", 2.5)', "reject cmp:price_in:le"),
        ("or/next", 1, "or(reject cmp:price_in:le, tag_in(…))", 'or(tag_in("region", ["eu", "us"]))'),
        ("tag_in/reject", 1, 'tag_in("region", ["eu", "us"])', "reject tag:region"),
        ("or/reject", 1, "or(reject tag:region)", "reject or"),
    ]


def test_a_derivation_of_a_scorer_under_a_test_is_about_the_candidate() -> None:
    assert shown(["test", ["scale", 2, ["field", "price_in"]], "gt", 5], 1) == [
        ("field/score", 1, 'field("price_in")', "[3]"),
        ("scale/score", 1, "scale(2, [3])", "[6]"),
        ("test/accept", 1, 'test([6], "gt", 5)', "accept"),
    ]


def test_a_derivation_of_a_scorer_is_about_its_population() -> None:
    gate = ["gate", ["is", "disabled"], ["neg", ["field", "price_in"]]]
    assert shown(["add", ["lit", 0.1], gate, ["zero"]], (0, 1, 2)) == [
        ("lit/score", None, "lit(0.1)", "[0.1, 0.1, 0.1]"),
        ("add/next", None, "add([0.1, 0.1, 0.1], gate(…), zero)", "add_[0.1, 0.1, 0.1](gate(is(…), neg(…)), zero)"),
        ("field/score", None, 'field("price_in")', "[1, 3, inf]"),
        ("neg/score", None, "neg([1, 3, inf])", "[0, -2, -inf]"),
        ("is/accept", 0, 'is("disabled")', "accept"),
        ("gate/open", 0, "gate_0(accept, [0, -2, -inf])", "gate_1(is(…), [0, -2, -inf])"),
        ("is/reject", 1, 'is("disabled")', "reject is:disabled"),
        ("gate/shut", 1, "gate_1(reject is:disabled, [0, -2, -inf])", "gate_2(is(…), [0, 0, -inf])"),
        ("is/reject", 2, 'is("disabled")', "reject is:disabled"),
        ("gate/shut", 2, "gate_2(reject is:disabled, [0, 0, -inf])", "gate_3(is(…), [0, 0, 0])"),
        ("gate/score", None, "gate_3(is(…), [0, 0, 0])", "[0, 0, 0]"),
        ("add/next", None, "add_[0.1, 0.1, 0.1]([0, 0, 0], zero)", "add_[0.1, 0.1, 0.1](zero)"),
        ("zero/score", None, "zero", "[0, 0, 0]"),
        ("add/score", None, "add_[0.1, 0.1, 0.1]([0, 0, 0])", "[0.1, 0.1, 0.1]"),
    ]


def test_a_derivation_of_a_selector() -> None:
    select = ["top_k", 1, ["prefer", ["is", "disabled"], ["rank_by", ["field", "price_in"], ["chain", [
        {"provider": "p", "model": "f"}]]]]]  # fmt: skip
    env = world(candidate("a", price_in=1, disabled=True), candidate("b", price_in=3), candidate("x", family="g"))
    assert shown(select, Contest((0, 1, 2), (9.0, 8.0, 7.0)), env) == [
        ("select/chain", None, 'chain([{"provider": "p", "model": "f"}])', "(a: -1, b: -1); 1 cut"),
        ("field/score", None, 'field("price_in")', "[1, 3]"),
        ("select/rank_by", None, "rank_by([1, 3], (a: -1, b: -1); 1 cut)", "(b: 3, a: 1); 1 cut"),
        ("is/reject", 1, 'is("disabled")', "reject is:disabled"),
        (
            "prefer/other",
            1,
            "prefer_0(reject is:disabled, (b: 3, a: 1); 1 cut)",
            "prefer_1(is(…), (b: 3, a: 1); 1 cut)",
        ),
        ("is/accept", 0, 'is("disabled")', "accept"),
        ("prefer/match", 0, "prefer_1(accept, (b: 3, a: 1); 1 cut)", "prefer_2(is(…), (b: 3, a: 1); 1 cut)"),
        ("select/prefer", None, "prefer_2(is(…), (b: 3, a: 1); 1 cut)", "(a: 1, b: 3); 1 cut"),
        ("select/top_k", None, "top_k(1, (a: 1, b: 3); 1 cut)", "(a: 1); 2 cut"),
    ]  # fmt: skip


def test_a_derivation_of_a_policy() -> None:
    node = ["policy", ["not", ["is", "disabled"]], ["neg", ["field", "price_in"]], ["ordered"], ["id"], NEXT]
    assert [line for line in shown(node, Everybody()) if line[0].split("/")[0] in ("filter", "decision")] == [
        ("filter/drop", 0, "policy_0(reject not, neg(…), ordered)", "policy_1(not(…), neg(…), ordered)"),
        ("filter/keep", 1, "policy_1(accept, neg(…), ordered)", "policy_2(not(…), neg(…), ordered)"),
        ("filter/keep", 2, "policy_2(accept, neg(…), ordered)", "policy_3(not(…), neg(…), ordered)"),
        ("decision/done", None, "policy(-, -, (b: -2, c: -inf))", "(b: -2, c: -inf); 1 rejected, 0 cut"),
    ]
    nobody = ["policy", ["bot"], ["zero"], ["ordered"], ["id"], NEXT]
    assert shown(nobody, Everybody())[-1] == (
        *("decision/empty", None, "policy_3(bot, zero, ordered)", "(); 3 rejected, 0 cut"),
    )


def test_a_derivation_of_a_transform() -> None:
    node = ["seq", ["when", ["is", "disabled"], ["set_param", "top_p", 0.5]], ["filter_text", ["RedactPII",
        {"TruncateText": 9}]], ["id"]]  # fmt: skip
    assert shown(node, Call(0, Draft({}))) == [
        ("is/accept", 0, 'is("disabled")', "accept"),
        ("when/take", 0, "when(accept, set_param(…))", 'set_param("top_p", 0.5)'),
        ("set_param/set", 0, 'set_param("top_p", 0.5)', "done"),
        ("seq/next", 0, "seq(done, filter_text(…), id)", 'seq(filter_text(["RedactPII", {"TruncateText": 9}]), id)'),
        ("filter_text/hold", 0, 'filter_text(["RedactPII", {"TruncateText": 9}])', "done"),
        ("seq/next", 0, "seq(done, id)", "seq(id)"),
        ("id/done", 0, "id", "done"),
        ("seq/done", 0, "seq(done)", "done"),
    ]


def test_a_derivation_of_a_failure_plan() -> None:
    plan = ["override", NEXT, "timeout", {"action": "abort"}]
    assert shown(plan, Failure("unknown")) == [
        ("override/pass", None, 'override(always(…), "timeout", {"action": "abort"})',
         'always({"action": "next_candidate"})'),
        ("always/answer", None, 'always({"action": "next_candidate"})', '{"action": "next_candidate"}'),
    ]  # fmt: skip


def test_long_lists_are_cut_short_and_scores_rounded() -> None:
    many = world(*(candidate(f"m{i}", price_in=i / 7) for i in range(9)))
    assert shown(["field", "price_in"], tuple(range(9)), many)[0][3] == "[0, 0.142857, 0.285714, 0.428571, … 5 more]"
    assert shown(["field", "price_in"], tuple(range(5)), many)[0][3].endswith("0.571429]")


def test_a_step_knows_its_place_in_the_author_s_term() -> None:
    steps: list[Step] = []
    machine.outcome(policy(filter=["and", ["is", "disabled"], ["top"]]).normal, world(), steps.append)  # type: ignore[arg-type]
    assert {(step.rule, step.origin.pointer) for step in steps if step.origin} >= {("is/reject", "/1/1")}
