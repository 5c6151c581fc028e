"""bench: what a policy of one's own takes over a catalogue of one's own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from commands import CATALOG, command, fine

from policy_ir.cli.bench_calls import Calls
from policy_ir.evaluator import Choice
from policy_ir.facts import read_facts
from policy_ir.snapshot import Candidate, CandidateList, Snapshot
from policy_ir.vocabulary import extend, vocabulary

pytestmark = pytest.mark.usefixtures("folder")

OVER = ("--catalog", "catalog.json", "--rounds", "6")

CASES = [
    *(("load", "fresh"), ("load", "known"), ("state", "overlay")),
    *(("bind", "first_answer"), ("bind", "prepare"), ("bind", "prepare_known_form")),
    *(("decide", "warm"), ("decide", "new_bounds"), ("decide", "new_shape")),
    *(("read", "everything"), ("machine", "everything")),
]


def measured(*arguments: object) -> Any:
    return fine("bench", *arguments, *OVER, "--format", "json").json


def ranked(folder: Path, rank: str, select: str = "argmax", filter: str = "meets_req and not disabled") -> str:
    folder.joinpath("mine.policy").write_text(
        f"policy {{ filter {filter} rank {rank} select {select} fallback abort }}", "utf-8"
    )
    return "mine.policy"


def without_times(value: Any) -> Any:
    return {**value, "costs": [[cost["cost"], cost["case"], cost["measured"]] for cost in value["costs"]]}


# --- what is measured ----------------------------------------------------------------------------------------


def test_every_cost_has_a_median_and_a_p99_and_says_how_many_calls_were_measured() -> None:
    shown = measured("small.policy", "--facts", "@facts.json")
    assert [(cost["cost"], cost["case"]) for cost in shown["costs"]] == CASES
    assert shown["unit"] == "us"
    for cost in shown["costs"]:
        if cost["measured"]:
            assert 0 < cost["median"] <= cost["p99"]
        else:
            assert cost["median"] is None
            assert cost["p99"] is None
    counts = {(cost["cost"], cost["case"]): cost["measured"] for cost in shown["costs"]}
    assert counts["load", "fresh"] == counts["bind", "prepare"] == counts["read", "everything"] == 6
    assert counts["decide", "new_bounds"] == counts["decide", "new_shape"] == 6
    assert counts["machine", "everything"] == shown["checked"] == 20


def test_what_is_not_a_time_is_the_same_each_time_and_another_seed_draws_other_states() -> None:
    asked = ("small.policy", "--down", "0.4")
    first, again, other = measured(*asked), measured(*asked), measured(*asked, "--seed", "2")
    assert without_times(first) == without_times(again)
    assert (first["seed"], other["seed"]) == (1, 2)
    assert without_times(first)["survivors"] == {"least": 0, "most": 2}


def test_the_fingerprints_say_what_was_measured() -> None:
    shown, decided = (
        measured("small.policy", "--floor", "floor.json"),
        fine("decide", "small.policy", *OVER[:2], "--floor", "floor.json", "--format", "json").json,
    )
    for name in ("policy", "effective", "vocabulary"):
        assert shown[name] == decided[name]
    assert shown["policy"] != shown["effective"]
    assert shown["catalogue"].startswith("blake3:")
    assert shown["candidates"] == 5


def test_requests_are_asked_in_turn() -> None:
    shown = measured("small.policy", "--facts", "@facts.json", "--facts", '{"needs": ["vision"]}', "--down", "0")
    assert shown["requests"] == 2
    assert shown["survivors"] == {"least": 0, "most": 2}


def test_no_more_calls_begin_when_the_seconds_are_over() -> None:
    shown = fine("bench", "small.policy", *OVER[:2], "--rounds", "1000", "--seconds", "0", "--format", "json").json
    (fresh,) = (cost for cost in shown["costs"] if cost["case"] == "fresh")
    assert fresh["measured"] == 16


def test_a_policy_that_draws_is_asked_with_a_seed_of_its_own_each_time(folder: Path) -> None:
    shown = measured(ranked(folder, "neg(price_in)", "top_k(2, sample(0.5))"))
    assert shown["checked"] == 20
    world = Snapshot.take(CandidateList([Candidate(id="m", provider="p", family="f")]), HOUSE)
    first, second = Calls(world, [read_facts({}, HOUSE)], 1, seeded=True).take(2)
    assert first.seed != second.seed


def test_the_shipped_catalogue_is_measured_where_none_is_given(folder: Path) -> None:
    policy = ranked(folder, "neg(price_in)")
    assert fine("bench", policy, "--rounds", "1", "--format", "json").json["candidates"] > 500


def test_a_catalogue_without_candidates_can_be_measured(folder: Path) -> None:
    folder.joinpath("empty.json").write_text(json.dumps({**CATALOG, "candidates": []}), "utf-8")
    shown = fine("bench", "small.policy", "--catalog", "empty.json", "--rounds", "1", "--format", "json").json
    assert shown["survivors"] == {"least": 0, "most": 0}


# --- the way -------------------------------------------------------------------------------------------------

NORMAL = "neg(normalize(price_in))"


@pytest.mark.parametrize(
    ("rank", "select", "way", "why"),
    [
        ("neg(price_in)", "argmax", "walk", None),
        ("neg(call_cost)", "argmax", "climb", None),
        (f"{NORMAL} + neg(normalize(latency_ms))", "argmax", "scan", "the state (`latency_ms`)"),
        ("neg(normalize(call_cost))", "argmax", "scan", "brings `call_cost` to 0..1, which the numbers"),
        (f"{NORMAL} + normalize(price_out)", "argmax", "scan", "brings `price_in`, `price_out` to 0..1, which is not"),
        ("neg(call_cost)", "prefer(supports_tools, argmax)", "scan", "(`call_cost`) under `prefer`"),
        ("neg(call_cost)", "sample(1)", "scan", "(`call_cost`) under `sample`"),
        ("gate(call_cost <= 1, price_in)", "argmax", "scan", "does not rise or fall"),
        ("gate(scope_matches, price_in)", "argmax", "whole", "what the request requires"),
        ("price_in", "prefer(call_cost <= 1 or scope_matches, argmax)", "whole", "what the request requires"),
        ("0", "rank_by(price_in, argmax)", "whole", "the whole order"),
        ("budget_left", "argmax", "whole", "nothing that tells one candidate"),
    ],
)
def test_the_way_is_told_with_a_reason_where_it_is_not_a_short_one(
    folder: Path, rank: str, select: str, way: str, why: str | None
) -> None:
    shown = measured(ranked(folder, rank, select))
    assert shown["way"] == way
    assert shown["about"].endswith(".")
    assert (shown["hint"] is None) == (why is None)
    assert why is None or why in shown["hint"]


# --- for people ----------------------------------------------------------------------------------------------


def test_a_person_reads_the_way_and_a_row_for_each_cost() -> None:
    out = fine("bench", "small.policy", *OVER).out
    assert out.startswith("small.policy over 5 candidates, of which its filter accepts ")
    assert "`scan`  The scores" in out or "`walk`  An order" in out
    for word in ("bytes never seen", "to the first answer", "winner, warm", "order, reasons", "machine", "measured"):
        assert word in out
    assert "The machine agrees on 20 calls." in out


@pytest.mark.parametrize("columns", [40, 79])
def test_a_narrow_terminal_is_not_overrun_and_is_told_no_counts(columns: int) -> None:
    out = fine("bench", "small.policy", *OVER, columns=columns).out
    assert max(map(len, out.splitlines())) <= columns
    assert "measured" not in out
    assert "winner, warm" in out or columns < 60


def test_a_disagreement_is_told_and_nothing_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Choice, "fingerprint", "blake3:other")
    ended = command("bench", "small.policy", *OVER)
    assert (ended.code, ended.err) == (3, "")
    assert "evaluator and machine disagree on call 1" in ended.out
    assert "blake3:other" in ended.out
    assert "median" not in ended.out
    ended = command("bench", "small.policy", *OVER, "--format", "json")
    assert (ended.code, ended.json["costs"]) == (3, [])
    assert ended.json["difference"]["evaluator"] == "blake3:other"


def test_another_winner_is_a_disagreement(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Choice, "id", "c/medlar")
    ended = command("bench", "small.policy", *OVER, "--format", "json")
    assert (ended.code, ended.json["difference"]["evaluator"]) == (3, "c/medlar")


# --- what cannot be measured ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("pred.json",), "PIR0213"),
        (("wrong.policy",), "PIR0203"),
        (("small.policy", "--catalog", "missing.json"), "PIR0001"),
        (("small.policy", "--facts", '{"needs": ["wings"]}'), "PIR0711"),
        (("small.policy", "--floor", "wrong.policy"), "PIR0401"),
    ],
)
def test_what_is_refused_elsewhere_is_refused_here(arguments: tuple[str, ...], code: str) -> None:
    ended = command("bench", *arguments, "--format", "json")
    assert (ended.code, ended.out) == (1, "")
    assert code in {found["code"] for found in ended.diagnostics} or ended.diagnostics


def test_too_much_work_is_refused_before_any_is_done(folder: Path) -> None:
    rows = [{"id": f"m{i}", "provider": "a", "family": "f"} for i in range(17_000)]
    folder.joinpath("large.json").write_text(json.dumps({**CATALOG, "candidates": rows}), "utf-8")
    policy = ranked(folder, "0", "sample(1)")
    ended = command("bench", policy, "--catalog", "large.json", "--format", "json")
    assert (ended.code, [found["code"] for found in ended.diagnostics]) == (1, ["PIR0309"])


@pytest.mark.parametrize("option", ["--down=nan", "--seconds=nan", "--down=2", "--rounds=0", "--seed=-1"])
def test_a_number_out_of_range_is_wrong_usage(option: str) -> None:
    ended = command("bench", "small.policy", option)
    assert (ended.code, ended.out) == (2, "")


# --- what is drawn -------------------------------------------------------------------------------------------

HOUSE = extend(vocabulary("standard"), {
    "vocabulary": 1, "name": "house", "extends": "standard",
    "fields": {
        "up": {"sort": "bool", "default": True, "source": "state", "about": "answers"},
        "load": {"sort": "num", "default": -1, "source": "state", "minimum": -2, "maximum": -1, "about": "how busy"},
        "debt": {"sort": "num", "unit": "USD", "default": -5, "source": "state", "maximum": 0, "about": "owed"},
        "zone": {"sort": "tag", "source": "state", "about": "where it answers from"},
    },
}, "house")  # fmt: skip


def test_a_state_has_numbers_in_the_range_of_their_field_and_a_share_of_booleans_turned() -> None:
    world = Snapshot.take(CandidateList([Candidate(id=f"m{i}", provider="p", family="f") for i in range(2000)]), HOUSE)
    calls = Calls(world, [read_facts({}, HOUSE)], 1, down=0.25)
    assert set(calls.columns) == set(world.state_fields) - {"zone"}
    state = calls.state()
    assert all(-2 <= number <= -1 for number in state["load"])
    assert all(number <= 0 for number in state["debt"])
    assert 400 < bytes(state["up"]).count(0) < 600
    assert 400 < bytes(state["disabled"]).count(1) < 600
    assert calls.state() != state
    first, second = calls.take(2)
    assert first.overlay.snapshot.fingerprint != second.overlay.snapshot.fingerprint
    assert first.seed is None
