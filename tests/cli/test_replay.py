"""`policy-ir replay`: a history decided again, and another policy over it."""

from __future__ import annotations

import sqlite3
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import attrs
import pytest
from commands import command, fine
from histories import BEST, CHEAP, NOON, TOOLS, Kept, admitted, called, refused_call, snapshot

from policy_ir.trace.parts import Part
from policy_ir.trace.store import Store

DAY = 86_400.0


@pytest.fixture
def kept() -> Kept:
    """Four calls of four days: dear, dear, cheap, and one whose policy was refused."""
    history = Kept()
    called(history, admitted(BEST), snapshot(), at=NOON, policy_name="best")
    called(history, admitted(BEST), snapshot(3.0), at=NOON + DAY, policy_name="best")
    called(history, admitted(CHEAP), snapshot(3.0), at=NOON + 2 * DAY, policy_name="cheap")
    refused_call(history, at=NOON + 3 * DAY)
    return history


@pytest.fixture(autouse=True)
def path(kept: Kept, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "traces.db"
    monkeypatch.setenv("POLICY_IR_TRACES", str(file))
    write(kept)
    tmp_path.joinpath("tools.policy").write_text(TOOLS, "utf-8")
    return file


def write(kept: Kept) -> None:
    with Store.open() as store:
        store.write(kept.traces, [Part(kind, name, content) for (kind, name), content in kept.parts.items()])


def damage(path: Path, statement: str, *values: object) -> None:
    with sqlite3.connect(path) as connection:
        assert connection.execute(statement, values).rowcount > 0
    connection.close()


# --- the same again ------------------------------------------------------------------------------------------


def test_a_history_that_comes_out_the_same_ends_with_0() -> None:
    out = fine("replay", "--since", "2020-01-01").out
    assert "4 traces" in out
    assert "3  decided the same again" in out
    assert "1  never came to a decision" in out


def test_a_trace_by_its_id_or_the_beginning_of_it_tells_its_winner(kept: Kept) -> None:
    trace = kept.traces[0]
    for id in (trace.id, trace.id[:-17]):
        out = fine("replay", id).out
        assert f"{trace.id}  decided the same again" in out
        assert "a/plum comes first of 4 candidates" in out
        assert str(trace.decision) in out


def test_traces_by_id_are_told_once_each_in_the_order_of_time(kept: Kept) -> None:
    first, second = kept.traces[0].id, kept.traces[2].id
    told = fine("replay", second, first, second, "--format", "json").json
    assert [one["id"] for one in told["listed"]] == [first, second]
    assert (told["traces"], told["same"]) == (2, 2)


def test_a_window_of_time_leaves_the_rest_out() -> None:
    def traces(*options: str) -> int:
        count: int = fine("replay", *options, "--format", "json").json["traces"]
        return count

    assert traces("--since", "2026-09-22") == 3
    assert traces("--until", "2026-09-22") == 1
    assert traces("--since", "2026-09-22", "--until", "2026-09-23T12:00+00:00") == 1
    assert traces("--since", "2020-01-01", "--limit", "2") == 2
    assert traces("--since", "2020-01-01", "--policy-name", "best") == 2
    assert traces("--since", "2040-01-01") == 0


def test_as_json_a_history_is_counts_and_what_is_not_the_same(kept: Kept) -> None:
    told = fine("replay", "--since", "2020-01-01", "--format", "json").json
    assert told == {
        "traces": 4, "same": 3, "different": 0, "damaged": 0, "undecided": 1, "flows": 0, "unreadable": 0,
        "first": kept.traces[0].at, "last": kept.traces[-1].at, "listed": [],
    }  # fmt: skip


# --- not the same --------------------------------------------------------------------------------------------


def test_a_mismatch_ends_with_3_and_says_which_part_differs(kept: Kept) -> None:
    other = Kept()
    lying = attrs.evolve(called(other, admitted(CHEAP), snapshot(), at=NOON + 9 * DAY), winner="b/pear")
    other.traces[:] = [lying]
    write(other)
    ended = command("replay", lying.id)
    assert ended.code == 3
    assert "decided otherwise" in ended.out
    words = " ".join(ended.out.split())
    assert "winner then b/pear now c/fig" in words
    told = command("replay", "--since", "2020-01-01", "--format", "json")
    assert (told.code, told.json["different"], told.json["same"]) == (3, 1, 3)
    assert told.json["listed"][0]["differences"] == [{"part": "winner", "then": "b/pear", "now": "c/fig"}]


def test_a_missing_part_ends_with_3_and_not_before_the_others_are_replayed(kept: Kept, path: Path) -> None:
    damage(path, "DELETE FROM policy_ir_parts WHERE kind = 'catalogue' AND digest = ?", kept.traces[0].catalogue)
    ended = command("replay", "--since", "2020-01-01")
    assert ended.code == 3
    assert "1  cannot be decided again" in ended.out
    assert "2  decided the same again" in ended.out
    assert "PIR0931" in ended.out
    assert "catalogue" in ended.out


def test_a_damaged_record_is_counted_and_the_others_are_replayed(kept: Kept, path: Path) -> None:
    damage(path, "UPDATE policy_ir_traces SET body = '{' WHERE id = ?", kept.traces[1].id)
    ended = command("replay", "--since", "2020-01-01", "--format", "json")
    assert (ended.code, ended.json["unreadable"], ended.json["same"]) == (3, 1, 2)


# --- what is refused -----------------------------------------------------------------------------------------


def test_times_that_are_none_are_refused_all_at_once() -> None:
    ended = command("replay", "--since", "yesterday", "--until", "2026-13-01", "--format", "json")
    assert ended.code == 1
    assert [one["code"] for one in ended.diagnostics] == ["PIR0933", "PIR0933"]


def test_ids_that_no_trace_has_are_refused_all_at_once(kept: Kept) -> None:
    ended = command("replay", "tr_zz", kept.traces[0].id, "nonsense", "--format", "json")
    assert (ended.code, ended.out) == (1, "")
    assert [one["code"] for one in ended.diagnostics] == ["PIR0932", "PIR0932"]


def test_a_store_that_is_not_there_is_refused() -> None:
    ended = command("replay", "--since", "2h", "--store", "nowhere.db", "--format", "json")
    assert ended.code == 1
    assert [one["code"] for one in ended.diagnostics] == ["PIR0930"]
    assert not Path("nowhere.db").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("tr_0", "--since", "2h"),
        ("tr_0", "--limit", "2"),
        ("tr_0", "--policy-name", "best"),
        ("--since", "2h", "--svg", "out.svg"),
        ("--since", "2h", "--policy", "tools.policy", "--svg", "nowhere/out.svg"),
        ("--since", "2h", "--limit", "0"),
    ],
)
def test_options_that_make_no_sense_together_are_wrong_usage(arguments: tuple[str, ...]) -> None:
    ended = command("replay", *arguments)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err


# --- another policy ------------------------------------------------------------------------------------------


def test_another_policy_is_told_by_pairs_costs_refusals_and_what_is_not_known() -> None:
    out = fine("replay", "--since", "2020-01-01", "--policy", "tools.policy").out
    words = " ".join(out.split())
    assert "tools.policy in place of the policies that the calls came with" in words
    assert "3 compared" in words
    assert "1 would have no candidate any more" not in words
    assert "a/plum b/pear 1" in words
    assert "cmp:price_out:le" in words
    assert "by the tokens that providers counted" in words
    assert "The latency, the failures and the answers of another model are not known." in words


def test_the_costs_of_another_policy_are_those_of_the_tokens_that_there_were() -> None:
    told = fine("replay", "--until", "2026-09-22", "--policy", "tools.policy", "--format", "json").json
    assert told["pairs"] == [
        {"from": "a/plum", "to": "b/pear", "calls": 1, "priced": {
            "calls": 1, "usd_then": pytest.approx(0.0028), "usd_now": pytest.approx(0.0007),
            "usd_difference": pytest.approx(-0.0021)}},
    ]  # fmt: skip
    assert told["cost"]["by_basis"]["usage"]["calls"] == 1
    assert told["refused"] == [{"candidate": "a/plum", "reason": "cmp:price_out:le", "calls": 1}]


def test_another_policy_can_be_held_against_single_traces(kept: Kept) -> None:
    told = fine("replay", kept.traces[0].id, "--policy", "tools.policy", "--format", "json").json
    assert [(one["id"], one["from"], one["to"]) for one in told["calls"]] == [(kept.traces[0].id, "a/plum", "b/pear")]


def test_the_other_policy_may_come_from_standard_input() -> None:
    out = fine("replay", "--since", "2020-01-01", "--policy", "-", given=CHEAP).out
    assert out.startswith("the other policy in place of")


def test_a_policy_that_is_refused_is_not_run(path: Path) -> None:
    Path("wrong.policy").write_text("policy { filter price_ou <= 3 }", "utf-8")
    ended = command("replay", "--since", "2020-01-01", "--policy", "wrong.policy", "--format", "json")
    assert (ended.code, ended.out) == (1, "")
    assert [one["code"] for one in ended.diagnostics] == ["PIR0401"]


def test_a_backtest_of_no_calls_is_one() -> None:
    told = fine("replay", "--since", "2040-01-01", "--policy", "tools.policy", "--svg", "-").out
    assert ElementTree.fromstring(told) is not None
    assert "no cost is known" in fine("replay", "--since", "2040-01-01", "--policy", "tools.policy").out


def test_a_picture_and_json_do_not_both_go_to_standard_output() -> None:
    ended = command("replay", "--since", "2020-01-01", "--policy", "tools.policy", "--svg", "-", "--format", "json")
    assert (ended.code, ended.out) == (2, "")
    assert "--svg - and --format json both go to standard output" in ended.err


def test_the_picture_is_written_beside_the_table() -> None:
    ended = command("replay", "--since", "2020-01-01", "--policy", "tools.policy", "--svg", "out.svg")
    assert (ended.code, ended.err) == (0, "out.svg: written\n")
    assert "b/pear" in ended.out
    assert ElementTree.parse("out.svg").getroot().tag.endswith("svg")


def test_a_backtest_that_had_to_leave_calls_out_ends_with_3(kept: Kept, path: Path) -> None:
    damage(path, "DELETE FROM policy_ir_parts WHERE kind = 'catalogue' AND digest = ?", kept.traces[0].catalogue)
    ended = command("replay", "--since", "2020-01-01", "--policy", "tools.policy")
    assert ended.code == 3
    assert "1  left out: a part is missing or damaged" in ended.out


@pytest.mark.parametrize("columns", [40, 80, 200])
def test_nothing_is_wider_than_the_terminal(columns: int, kept: Kept) -> None:
    for arguments in (("--policy", "tools.policy"), ()):
        out = fine("replay", "--since", "2020-01-01", *arguments, columns=columns).out
        assert max(map(len, out.splitlines())) <= columns


def test_progress_is_for_terminals() -> None:
    assert fine("replay", "--since", "2020-01-01").err == ""
    assert "replaying" in command("replay", "--since", "2020-01-01", terminal=True, environment={"NO_COLOR": "1"}).err
