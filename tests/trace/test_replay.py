"""Replay: the same decision from stored parts, and exactly what is otherwise where it is not."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import attrs
import pytest
from histories import (
    BEST,
    CHEAP,
    NOON,
    STANDARD,
    TOOLS,
    Kept,
    admitted,
    called,
    refused_call,
    snapshot,
)

from policy_ir.floor import read_floor
from policy_ir.trace.parts import names_of_parts, policy_part
from policy_ir.trace.record import Trace
from policy_ir.trace.replay import LISTED, Replayer, replay, replay_all
from policy_ir.vocabulary import extend

FLOOR = read_floor({"filter": ["cmp", "price_out", "le", 4]}, STANDARD)
DRAWN = "policy { filter price_out <= 100 rank neg(price_out) select sample(5) }"


def parts_that_differ(kept: Kept, trace: Trace) -> list[str]:
    return [one.part for one in replay(kept, trace).differences]


# --- the same again ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", [CHEAP, BEST, TOOLS, DRAWN])
@pytest.mark.parametrize("floor", [None, FLOOR])
@pytest.mark.parametrize("seed", [None, 0, 2**53 - 1])
def test_a_decision_comes_out_the_same_from_what_its_trace_names(text: str, floor: Any, seed: int | None) -> None:
    kept = Kept()
    over = snapshot().with_state({"c/fig": {"breaker_open": True}, "a/plum": {"latency_ms": 320.5}})
    trace = called(kept, admitted(text), over, seed=seed, floor=floor)
    replayed = replay(kept, trace)
    assert (replayed.verdict, replayed.same, replayed.differences) == ("same", True, ())
    assert replayed.decision is not None
    assert replayed.decision.fingerprint == trace.decision


def test_a_decision_that_left_nobody_is_replayed_too() -> None:
    kept = Kept()
    trace = called(kept, admitted("policy { filter price_out < 0 }"), snapshot())
    assert trace.winner is None
    assert replay(kept, trace).same


def test_traces_of_other_policies_catalogues_states_and_vocabularies_do_not_disturb_each_other() -> None:
    kept, own = Kept(), extend(STANDARD, {"vocabulary": 1, "name": "own", "customs": {"own": "1"}}, "own")
    down = {"c/fig": {"breaker_open": True}}
    for turn in range(3):
        for dearer in (1.0, 3.0):
            for text in (CHEAP, BEST):
                called(kept, admitted(text), snapshot(dearer), at=NOON + turn)
                called(kept, admitted(text), snapshot(dearer).with_state(down), at=NOON + turn, floor=FLOOR)
                called(kept, admitted(text, own), snapshot(dearer, own), at=NOON + turn)
    tally = replay_all(kept, kept.traces)
    assert tally.counts == {"same": 36, "different": 0, "damaged": 0, "undecided": 0}
    assert tally.holds
    assert (tally.first, tally.last) == (NOON, NOON + 2)


def test_what_traces_share_is_read_once() -> None:
    kept = Kept()
    for turn in range(50):
        called(kept, admitted(CHEAP), snapshot(), at=NOON + turn)
    replay_all(kept, kept.traces)
    assert kept.asked == 4


def test_another_process_replays_what_this_one_has_decided() -> None:
    program = (
        "import sys, json; from histories import *; from policy_ir.trace.replay import replay\n"
        "kept = Kept(); trace = called(kept, admitted(CHEAP), snapshot(), seed=7)\n"
        "print(replay(kept, trace).verdict, trace.decision)"
    )
    made = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=__file__.rpartition("/")[0],
        env={"PYTHONHASHSEED": "77", "PYTHONPATH": ":".join(sys.path)},
    )  # fmt: skip
    here = called(Kept(), admitted(CHEAP), snapshot(), seed=7)
    assert made.stdout.split() == ["same", here.decision]


# --- what is otherwise ---------------------------------------------------------------------------------------


def test_a_trace_that_names_another_decision_is_a_mismatch_in_the_decision() -> None:
    kept = Kept()
    trace = attrs.evolve(called(kept, admitted(CHEAP), snapshot()), decision="blake3:" + "0" * 64)
    replayed = replay(kept, trace)
    assert replayed.verdict == "different"
    assert not replayed.same
    (found,) = replayed.differences
    assert (found.part, found.then) == ("decision", "blake3:" + "0" * 64)
    assert replayed.decision is not None
    assert found.now == replayed.decision.fingerprint


@pytest.mark.parametrize("part", ["policy", "effective", "snapshot"])
def test_a_trace_that_names_another_input_than_its_parts_make_differs_in_that(part: str) -> None:
    kept = Kept()
    trace = called(kept, admitted(CHEAP), snapshot())
    other: dict[str, Any] = {part: "blake3:" + "1" * 64}
    assert parts_that_differ(kept, attrs.evolve(trace, **other)) == [part]


def test_another_winner_is_a_mismatch() -> None:
    kept = Kept()
    trace = called(kept, admitted(CHEAP), snapshot())
    assert parts_that_differ(kept, attrs.evolve(trace, winner="a/plum")) == ["winner"]


def test_another_seed_or_other_facts_show_in_the_decision() -> None:
    kept = Kept()
    trace = called(kept, admitted(DRAWN), snapshot(), seed=1)
    assert "decision" in parts_that_differ(kept, attrs.evolve(trace, seed=2))
    assert "decision" in parts_that_differ(kept, attrs.evolve(trace, facts={"fields": {"prompt_tokens": 1}}))


def test_another_policy_part_shows_in_everything_that_follows_from_it() -> None:
    kept = Kept()
    trace = called(kept, admitted(CHEAP), snapshot())
    other = policy_part(admitted(BEST))
    kept.parts["policy", other.digest] = other.content
    found = parts_that_differ(kept, attrs.evolve(trace, policy_part=other.digest))
    assert found == ["policy", "effective", "decision", "winner"]


def test_without_the_floor_that_it_was_under_a_call_is_another_one() -> None:
    kept = Kept()
    trace = called(kept, admitted(BEST), snapshot(), floor=FLOOR)
    assert parts_that_differ(kept, attrs.evolve(trace, floor=None)) == ["effective", "decision", "winner"]


# --- what is missing or damaged ------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["policy", "floor", "vocabulary", "catalogue", "state"])
@pytest.mark.parametrize("damage", ["missing", "empty", "cut", "other"])
def test_a_missing_or_damaged_part_is_a_finding_of_its_trace_and_ends_nothing(kind: str, damage: str) -> None:
    kept = Kept()
    trace = called(kept, admitted(CHEAP), snapshot().with_state({"b/pear": {"latency_ms": 9.0}}), floor=FLOOR)
    called(kept, admitted(BEST), snapshot(3.0), floor=None)
    (key,) = [name for name in names_of_parts(trace) if name[0] == kind]
    shared = kind == "vocabulary"
    if damage == "missing":
        del kept.parts[key]
    else:
        content = kept.parts[key]
        kept.parts[key] = {"empty": b"", "cut": content[:-3], "other": b"[]"}[damage]
    tally = replay_all(kept, kept.traces)
    assert tally.counts["damaged"] == (2 if shared else 1)
    assert tally.counts["same"] == (0 if shared else 1)
    assert not tally.holds
    assert {one.code.code for replayed in tally.listed for one in replayed.findings} == {"PIR0931"}
    assert kind in tally.listed[0].findings[0].message


def test_all_damage_of_a_trace_is_found_and_not_only_the_first() -> None:
    kept = Kept()
    trace = called(kept, admitted(CHEAP), snapshot())
    for kind, name in names_of_parts(trace):
        if kind in ("policy", "state"):
            del kept.parts[kind, name]
    replayed = replay(kept, attrs.evolve(trace, facts={"needs": ["wings"]}))
    assert (replayed.verdict, replayed.same, replayed.decision) == ("damaged", False, None)
    told = " ".join(found.message for found in replayed.findings)
    assert len(replayed.findings) == 3
    assert all(word in told for word in ("policy", "state", "facts"))


@pytest.mark.parametrize("part", ["policy_part", "vocabulary", "catalogue", "state"])
def test_a_decided_trace_that_does_not_name_a_part_is_damaged(part: str) -> None:
    kept = Kept()
    trace = called(kept, admitted(CHEAP), snapshot())
    without: dict[str, Any] = {part: None}
    assert replay(kept, attrs.evolve(trace, **without)).verdict == "damaged"


def test_a_part_that_is_mended_is_read_again() -> None:
    kept = Kept()
    trace = called(kept, admitted(CHEAP), snapshot())
    replayer, whole = Replayer(kept), dict(kept.parts)
    kept.parts.clear()
    assert replayer.replay(trace).verdict == "damaged"
    kept.parts |= whole
    assert replayer.replay(trace).same


# --- what there is to compare --------------------------------------------------------------------------------


def test_a_call_whose_policy_was_refused_is_counted_apart_and_is_no_mismatch() -> None:
    kept = Kept()
    called(kept, admitted(CHEAP), snapshot())
    refused_call(kept)
    tally = replay_all(kept, kept.traces)
    assert tally.counts == {"same": 1, "different": 0, "damaged": 0, "undecided": 1}
    assert tally.holds
    assert replay(kept, kept.traces[1]).decision is None
    assert not replay(kept, kept.traces[1]).same


def test_of_many_mismatches_some_are_listed_and_all_are_counted() -> None:
    kept = Kept()
    trace = attrs.evolve(called(kept, admitted(CHEAP), snapshot()), winner="a/plum")
    seen = []
    tally = replay_all(kept, (trace for _ in range(LISTED + 5)), on_each=lambda one: seen.append(one.verdict))
    assert tally.counts["different"] == len(seen) == LISTED + 5
    assert len(tally.listed) == LISTED
    assert all(one.decision is None for one in tally.listed)


def test_unreadable_records_keep_a_tally_from_holding() -> None:
    tally = replay_all(Kept(), [])
    assert tally.holds
    tally.unreadable += 1
    assert not tally.holds
    assert tally.to_json()["unreadable"] == 1


def test_a_tally_as_json_names_what_differs() -> None:
    kept = Kept()
    trace = attrs.evolve(called(kept, admitted(CHEAP), snapshot()), winner="a/plum")
    told = replay_all(kept, [trace]).to_json()
    assert (told["traces"], told["different"], told["same"]) == (1, 1, 0)
    (listed,) = told["listed"]
    assert listed["differences"] == [{"part": "winner", "then": "a/plum", "now": "c/fig"}]
    assert (listed["id"], listed["verdict"], listed["diagnostics"]) == (trace.id, "different", [])
