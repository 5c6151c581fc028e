"""The evaluator as a whole: what it keeps, what it refuses, and that nothing it keeps changes an answer."""

from __future__ import annotations

import gc
import json
import random
import threading
import weakref
from array import array
from typing import Any

import pytest
from agreeing import Both, assert_same, overlay_of
from small_worlds import HOUSE, candidate, policy, snapshot

import policy_ir.evaluator
from policy_ir.admission import Admitted, admit
from policy_ir.decision import decide
from policy_ir.diagnostics import Refused
from policy_ir.evaluator import Bound, Evaluator, Overlay, writing
from policy_ir.facts import Facts, read_facts
from policy_ir.floor import Effective, effective, floor_of
from policy_ir.snapshot import Snapshot
from policy_ir.syntax.loader import load
from policy_ir.values import value_of
from policy_ir.vocabulary import vocabulary

pytestmark = pytest.mark.filterwarnings("error")

LIVE = ["not", ["is", "disabled"]]
CHEAP = ["neg", ["normalize", ["field", "price_out"]]]
QUICK = ["neg", ["normalize", ["field", "latency_ms"]]]
WAYS: dict[str, dict[str, Any]] = {
    "walk": {"rank": CHEAP},
    "climb": {"rank": ["neg", ["field", "call_cost"]]},
    "scan": {"rank": ["add", CHEAP, QUICK]},
    "whole": {"rank": CHEAP, "select": ["rank_by", QUICK, ["argmax"]]},
}


def world(size: int = 12, shift: int = 0) -> Snapshot:
    return snapshot(
        *(
            candidate(
                f"m{i}",
                price_in=1.0 + i,
                price_out=float((i * 5 + shift) % 13),
                context=1e3 * (i % 5),
                latency_ms=2.0 * i,
            )
            for i in range(size)
        )
    )


def refusal(call: Any) -> tuple[str, Any]:
    """What a call raises: the class, and each code and place or the words."""
    with pytest.raises((Refused, ValueError)) as caught:
        call()
    if isinstance(caught.value, Refused):
        return "Refused", [(one.code.code, one.pointer, one.message) for one in caught.value.diagnostics]
    return "ValueError", str(caught.value)


# --- the same answers ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("required", [[], [["meets_req"]]], ids=["no shape", "shapes"])
def test_each_way_gives_the_machine_s_answer_at_the_first_call_and_at_every_other(way: str, required: Any) -> None:
    both = Both(policy(filter=["and", LIVE, *required], **WAYS[way]), world())
    assert both.way == way
    request = {"min_context": 2000, "fields": {"prompt_tokens": 10, "completion_tokens": 5}}
    for _ in range(5):
        both.call(request, seed=3)
    for down in range(12):
        both.call(
            request,
            {"disabled": [i <= down for i in range(12)], "latency_ms": [None if i % 5 else 3.0 for i in range(12)]},
        )


@pytest.mark.parametrize(
    "slots",
    [
        {"rank": ["add", ["field", "prompt_tokens"], ["lit", 2]]},
        {"rank": ["normalize", ["field", "prompt_tokens"]]},
        {"rank": CHEAP, "select": ["prefer", ["cmp", "prompt_tokens", "gt", 4], ["argmax"]]},
        {"rank": CHEAP, "select": ["prefer", ["is", "vip"], ["top_k", 2, ["ordered"]]]},
        {"rank": CHEAP, "filter": ["or", ["known", "teams"], LIVE]},
        {"rank": ["add", QUICK, ["normalize", ["field", "prompt_tokens"]]]},
        {
            "rank": [
                "gate",
                ["test", ["field", "price_out"], "gt", 3],
                ["add", ["normalize", ["field", "prompt_tokens"]], QUICK],
            ]
        },
        {"rank": ["gate", ["is", "vip"], QUICK]},
    ],
)
def test_what_the_request_says_of_everybody_alike_is_left_to_the_whole_order(slots: Any) -> None:
    both = Both(policy(**{"filter": LIVE, **slots}), world())
    assert both.way == "whole"
    for fields in ({}, {"prompt_tokens": 5, "vip": True}, {"prompt_tokens": 1e308, "teams": ["red"]}):
        both.calls({"fields": fields}, times=3)
        both.call({"fields": fields}, {"disabled": [i < 5 for i in range(12)]})


@pytest.mark.parametrize("way", WAYS)
def test_a_choice_read_later_says_what_was_decided(way: str) -> None:
    snapshot = world()
    admitted = policy(filter=["and", LIVE, ["meets_req"]], **WAYS[way])
    bound = Evaluator().bind(admitted, snapshot)
    made = []
    overlay = Overlay.of(snapshot)
    latencies = array("d", (3.0 * (i % 4) for i in range(12)))
    for number in range(12):
        flags = bytearray(i < number for i in range(12))
        overlay = overlay.replace({"disabled": flags, "latency_ms": latencies})
        facts = read_facts({"min_context": 500.0 * (number % 3)}, HOUSE)
        made.append((bound.decide(facts, overlay, number), decide(admitted, overlay.snapshot, facts, number)))
        # What was handed over may be used again for another call.
        flags[:] = bytes(12)
        latencies[number] = 1000.0
    for choice, decision in reversed(made):
        assert_same(choice, decision)


def test_a_choice_has_all_that_a_decision_has() -> None:
    admitted = policy(
        filter=LIVE, rank=CHEAP, select=["top_k", 3, ["argmax"]], mutate=["set_param", "temperature", 0.5]
    )
    choice = Evaluator().bind(admitted, world()).decide(seed=4)
    decision = decide(admitted, world(), seed=4)
    assert choice.decision is choice.decision
    assert choice.reading is choice.reading
    assert choice.decision.record() == choice.record() == decision.record()
    assert choice.to_json() == decision.to_json()
    assert (choice.ordered, choice.rejected, choice.cut) == (decision.ordered, decision.rejected, decision.cut)
    assert choice.attempt(1, {"model": "x"}) == decision.attempt(1, {"model": "x"})
    assert choice.next(0, 0, "timeout") == decision.next(0, 0, "timeout")
    assert repr(choice) == "Choice('m0')"
    assert repr(Evaluator().bind(admitted, snapshot()).decide()) == "Choice(None)"


def test_a_floor_holds() -> None:
    admitted = policy(filter=LIVE, rank=CHEAP)
    floor = floor_of(load(["cmp", "price_out", "ge", 3], source="floor"), HOUSE)  # type: ignore[arg-type]
    held = effective(admitted, floor)
    evaluator = Evaluator()
    with_floor, without = Both(held, world(), evaluator), Both(admitted, world(), evaluator)
    assert with_floor.calls().id != without.calls().id
    both = evaluator.decide(held, world(), seed=1)
    assert_same(both, decide(held, world(), seed=1))


def test_two_policies_that_come_to_the_same_under_a_floor_are_recorded_apart() -> None:
    floor = floor_of(load(LIVE, source="floor"), HOUSE)  # type: ignore[arg-type]
    held = [effective(admitted, floor) for admitted in (policy(rank=CHEAP), policy(filter=LIVE, rank=CHEAP))]
    assert held[0].fingerprint == held[1].fingerprint
    evaluator, over = Evaluator(), world()
    for program in held * 2:
        assert_same(evaluator.decide(program, over), decide(program, over))


def test_each_state_of_a_snapshot_is_decided_over_as_it_is() -> None:
    evaluator, admitted = Evaluator(), policy(filter=LIVE, rank=["add", CHEAP, QUICK])
    state = world()
    for number in range(12):
        state = state.with_state({f"m{number}": {"disabled": True, "latency_ms": 3.0}})
        for one in (admitted, effective(admitted)):
            assert_same(evaluator.decide(one, state), decide(admitted, state))
        bound = evaluator.bind(admitted, state)
        assert bound.snapshot is state
        assert_same(bound.decide(), decide(admitted, state))
    assert evaluator.sizes()["catalogues"][0] == 1


# --- numbers and structure -----------------------------------------------------------------------------------


def test_policies_of_one_structure_share_their_code_but_not_their_numbers() -> None:
    evaluator, over = Evaluator(), world()
    before = writing.compiled.cache_info()
    pairs = []
    for price in range(12):
        filter_ = ["and", LIVE, ["cmp", "latency_ms", "ge", price], ["cmp", "price_out", "ge", price / 2]]
        pairs.append(Both(policy(filter=filter_, rank=["add", ["scale", price / 4, CHEAP], QUICK]), over, evaluator))
    for _ in range(3):
        for both in pairs:
            both.call()
    after = writing.compiled.cache_info()
    assert after.misses - before.misses <= 3


@pytest.mark.parametrize("zeros", [(0, -0.0), (-0.0, 0)])
@pytest.mark.parametrize("way", ["walk", "scan"])
def test_a_zero_and_its_negative_are_the_same_number_to_every_policy(way: str, zeros: Any) -> None:
    evaluator, over = Evaluator(), world()
    inner = CHEAP if way == "walk" else ["add", CHEAP, QUICK]
    for rank in (
        ["scale", "zero", inner],
        ["add", ["lit", "zero"], inner],
        ["clamp", "zero", 1, inner],
        ["clamp", -1, "zero", inner],
    ):
        for zero in zeros:
            written = json.loads(json.dumps(rank).replace('"zero"', repr(zero)))
            both = Both(policy(filter=LIVE, rank=written), over, evaluator)
            both.calls()


def test_a_request_may_say_zero_in_either_way() -> None:
    both = Both(policy(filter=LIVE, rank=["neg", ["field", "call_cost"]]), world())
    for zero in (0, -0.0, 0.0):
        both.calls({"fields": {"prompt_tokens": zero, "completion_tokens": 1}}, times=2)


# --- refusals ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("calls_before", [0, 1, 2, 5])
@pytest.mark.parametrize("way", WAYS)
def test_a_binding_refuses_what_it_cannot_decide_at_the_first_call_and_later(way: str, calls_before: int) -> None:
    admitted, over, other = policy(filter=["and", LIVE, ["meets_req"]], **WAYS[way]), world(), world()
    bound = Evaluator().bind(admitted, over)
    for _ in range(calls_before):
        bound.decide()
    assert refusal(lambda: bound.decide(None, Overlay.of(other))) == (
        "ValueError",
        "the overlay belongs to another catalogue than the binding's",
    )
    for facts in (Facts(privacy="secret"), Facts(needs=("flying",)), Facts(fields={"price_out": 1.0})):
        expected = refusal(lambda facts=facts: decide(admitted, over, facts))  # type: ignore[misc]
        assert expected[0] == "Refused"
        assert refusal(lambda facts=facts: bound.decide(facts)) == expected  # type: ignore[misc]
    for seed in (-1, 1.5, True, "7", 2**53):
        expected = refusal(lambda seed=seed: decide(admitted, over, None, seed))  # type: ignore[misc]
        assert refusal(lambda seed=seed: bound.decide(None, None, seed)) == expected  # type: ignore[misc]
    assert_same(bound.decide(), decide(admitted, over))


def test_an_unknown_privacy_level_never_fails_open() -> None:
    bound = Evaluator().bind(policy(filter=["meets_req"], rank=CHEAP), world())
    for _ in range(4):
        bound.decide()
        (code, pointer, _), *_ = refusal(lambda: bound.decide(Facts(privacy="tee-required")))[1]
        assert (code, pointer) == ("PIR0713", "/privacy")


def test_an_evaluator_refuses_what_decide_refuses_in_the_same_order() -> None:
    admitted, over = policy(rank=CHEAP), world()
    foreign = Snapshot.take(_none(), vocabulary("standard"))
    predicate = admit(load(["top"], sort="Pred"), HOUSE)
    cases: list[tuple[Any, ...]] = [
        (predicate, foreign, Facts(privacy="x"), -1),
        (admitted, foreign, Facts(privacy="x"), -1),
        (admitted, over, Facts(privacy="x"), -1),
        (admitted, over, None, -1),
    ]
    for case in cases:
        assert refusal(lambda case=case: Evaluator().decide(*case)) == refusal(lambda case=case: decide(*case))  # type: ignore[misc]
    for case in cases[:2]:
        assert refusal(lambda case=case: Evaluator().bind(*case[:2])) == refusal(lambda case=case: decide(*case))  # type: ignore[misc]


def _none() -> Any:
    from policy_ir.snapshot import CandidateList

    return CandidateList(())


@pytest.mark.parametrize("limit", [0, 50, 2**40])
def test_too_much_work_is_refused_before_any(limit: int, monkeypatch: pytest.MonkeyPatch) -> None:
    over, admitted = world(), policy(rank=CHEAP)
    drawn = policy(select=["sample", 1])
    many = snapshot(*(candidate(f"m{i}") for i in range(12000))) if limit == 2**40 else over
    refused = drawn if limit == 2**40 else admitted
    evaluator = Evaluator(work_limit=limit)

    def worked(*_: Any) -> None:
        raise AssertionError("work was done")

    expected = refusal(lambda: decide(refused, many, work_limit=limit))
    with monkeypatch.context() as context:
        context.setattr(Bound, "__init__", worked)
        assert refusal(lambda: evaluator.bind(refused, many)) == expected
        assert refusal(lambda: evaluator.decide(refused, many)) == expected
    assert expected[1][0][0] == "PIR0309"
    assert evaluator.sizes()["bindings"][0] == evaluator.sizes()["programs"][0] == 0
    if limit == 2**40:
        limited = policy(select=["top_k", 2, ["sample", 1]])
        assert evaluator.decide(limited, many, seed=1).id == f"m{decide(limited, many, seed=1).ordered[0].index}"


# --- what is kept --------------------------------------------------------------------------------------------


def tiny() -> Evaluator:
    return Evaluator(policies=2, programs=2, bindings=2, catalogues=2)


SLOTS: list[dict[str, Any]] = [
    {"filter": ["and", LIVE, ["meets_req"], ["cmp", "price_out", "ge", i]], **WAYS[way]}
    for i in range(3)
    for way in WAYS
]


def test_a_tiny_evaluator_answers_the_same_and_stays_tiny() -> None:
    evaluator, draw = tiny(), random.Random(5)
    texts = [json.dumps(value_of(policy(**slots).term)).encode() for slots in SLOTS]
    worlds = [world(), world(9, 3), world(14, 6)]
    for number in range(150):
        text, over = draw.choice(texts), draw.choice(worlds)
        admitted = evaluator.load(text, HOUSE)
        facts = read_facts({"min_context": draw.choice([0, 1500, 3000])}, HOUSE)
        assert_same(evaluator.decide(admitted, over, facts, number), decide(admitted, over, facts, number))
        for name, (held, most) in evaluator.sizes().items():
            assert held <= most, name
    assert {name: most for name, (_, most) in evaluator.sizes().items()} == {
        "policies": 2,
        "programs": 2,
        "catalogues": 2,
        "bindings": 4,
    }


def test_what_was_bound_is_bound_once() -> None:
    evaluator, over, admitted = Evaluator(), world(), policy(rank=CHEAP)
    first = evaluator.bind(admitted, over)
    assert evaluator.bind(admitted, over) is first
    beside = evaluator.bind(admitted, over.with_state({"m0": {"disabled": True}}))
    assert beside is not first
    assert beside.way == first.way == "walk"
    assert beside.vector is first.vector
    assert evaluator.sizes()["bindings"][0] == 1


def test_a_decision_tells_each_caller_of_its_own_policy_though_both_come_to_the_same() -> None:
    open_, cheap = ["not", ["is", "disabled"]], ["cmp", "price_out", "le", 5]
    one, other = policy(filter=["and", open_, cheap]), policy(filter=["and", cheap, open_, open_])
    assert one.fingerprint == other.fingerprint
    evaluator, over = Evaluator(), world()
    for _ in range(3):
        for admitted in (one, other):
            for choice in (evaluator.bind(admitted, over).decide(), evaluator.decide(admitted, over)):
                assert choice.decision.program.policy is admitted
                assert choice.fingerprint == decide(admitted, over).fingerprint
    assert evaluator.sizes()["bindings"][0] == 1


def test_a_binding_is_prepared_for_all_who_ask_it() -> None:
    evaluator, over = Evaluator(), world()
    first, second = (evaluator.bind(policy(rank=CHEAP), over) for _ in range(2))
    assert second.prepare() is second
    assert first.way == second.way == "walk"
    facts = read_facts({}, over.vocabulary)
    assert second.seen(facts, second.own_state) == "bounds"
    for _ in range(2):
        second.decide(facts)
    assert first.seen(facts, first.own_state) == "warm"


@pytest.mark.parametrize("cache", ["policies", "programs", "bindings", "catalogues"])
def test_an_evaluator_that_could_keep_nothing_is_refused(cache: str) -> None:
    with pytest.raises(ValueError, match="keeps one of everything"):
        Evaluator(**{cache: 0})


def test_a_catalogue_that_is_no_longer_decided_over_goes() -> None:
    evaluator, old = tiny(), world()
    gone = weakref.ref(old.catalogue)
    admitted = policy(rank=CHEAP)
    for _ in range(3):
        evaluator.decide(admitted, old)
    del old
    for shift in range(3):
        evaluator.decide(admitted, world(5, shift))
    gc.collect()
    assert gone() is None


def test_eight_threads_may_use_one_evaluator() -> None:
    evaluator = tiny()
    worlds = [world(), world(9, 3), world(14, 6)]
    loaded: list[Admitted | Effective] = [policy(**slots) for slots in SLOTS]
    requests = [read_facts({"min_context": least}, HOUSE) for least in (0, 1500, 3000)]
    downs = [{"disabled": [i % 4 == k for i in range(14)]} for k in range(3)]
    states = [[overlay_of(over, {"disabled": down["disabled"][: over.size]}) for down in downs] for over in worlds]
    expected = {
        (p, w, f, s): next(iter(decide(loaded[p], state.snapshot, requests[f], 7).ordered), None)
        for p in range(len(loaded))
        for w in range(3)
        for f in range(3)
        for s, state in enumerate(states[w])
        if state is not None
    }
    wrong: list[Any] = []
    start = threading.Barrier(8)

    def work(number: int) -> None:
        draw = random.Random(number)
        start.wait()
        try:
            for _ in range(60):
                p, w, f, s = draw.randrange(len(loaded)), draw.randrange(3), draw.randrange(3), draw.randrange(3)
                first = expected[p, w, f, s]
                bound = evaluator.bind(loaded[p], worlds[w])
                for _ in range(draw.randrange(1, 4)):
                    choice = bound.decide(requests[f], states[w][s], 7)
                    if (
                        choice.id != (None if first is None else first.id)
                        or choice.ids()[:1] != [choice.id][: first is not None]
                    ):
                        wrong.append((p, w, f, s, choice))
        except BaseException as raised:
            wrong.append(raised)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


# --- names ---------------------------------------------------------------------------------------------------


def test_the_package_names_what_is_public_and_nothing_else() -> None:
    assert set(policy_ir.evaluator.__all__) <= set(dir(policy_ir.evaluator))
    for name in policy_ir.evaluator.__all__:
        assert getattr(policy_ir.evaluator, name).__module__.startswith("policy_ir.evaluator.")
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = policy_ir.evaluator.nothing
