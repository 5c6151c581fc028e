"""`policy-ir trace`: the history of a router, as its operator sees it."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import attrs
import pytest
from commands import Ended, command, fine
from some_traces import decided, ordinary

from policy_ir.admission import admit_policy
from policy_ir.decision import Decision, decide
from policy_ir.facts import read_facts
from policy_ir.floor import effective, floor_of_value
from policy_ir.snapshot import Candidate, CandidateList, Snapshot
from policy_ir.syntax import parse
from policy_ir.trace.record import Cost, Hop, Trace
from policy_ir.trace.store import Store
from policy_ir.vocabulary import vocabulary

STANDARD = vocabulary("standard")
NOON = 1_795_000_000.0  # 2026-11-18 11:06:40 UTC


def decision() -> Decision:
    listed = [
        Candidate(id="a/plum", provider="a", family="plum", fields={"price_in": 1}),
        Candidate(id="b/fig", provider="b", family="fig", fields={"price_in": 2}),
        Candidate(id="c/date", provider="c", family="date", fields={"price_in": 9}),
    ]
    document = parse("policy { filter price_in <= 5  rank neg(price_in)  select argmax }")
    assert document.term is not None
    program = effective(
        admit_policy(document.term, STANDARD), floor_of_value({"filter": ["not", ["is", "disabled"]]}, STANDARD)
    )
    snapshot = Snapshot.take(CandidateList(listed), STANDARD)
    return decide(program, snapshot, read_facts({"fields": {"prompt_tokens": 900}}, STANDARD), 7)


@pytest.fixture
def history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Trace]:
    """Three calls in the default store, the oldest first: failed over, refused, without a candidate."""
    monkeypatch.setenv("POLICY_IR_TRACES", str(tmp_path / "traces.db"))
    monkeypatch.chdir(tmp_path)
    cost = Cost(usd=0.00213, basis="usage", prompt_tokens=900, completion_tokens=120)
    hops = (
        Hop(
            number=0, position=0, candidate="a/plum", provider="acme", outcome="failed", status=429, started_ms=0.4,
            reason="rate_limit", message="slow\x1b[31m down", action="next_candidate", waited_ms=200, ended_ms=30,
        ),
        Hop(
            number=1, position=1, candidate="b/fig", provider="other", outcome="ok", status=200, started_ms=230,
            first_byte_ms=120.2, first_token_ms=300, ended_ms=1000, cost=cost,
        ),
    )  # fmt: skip
    first, parts = decided(
        decision(), NOON, policy_name="support", key="team-a", session="s-1", chosen="b/fig", eligible=2, refused=1,
        ended_ms=1234.5, hops=hops, cost=cost,
    )  # fmt: skip
    finding = {"code": "PIR0401", "message": "unknown field `cheapness`", "pointer": "/1"}
    made = [
        first,
        ordinary(NOON + 60, outcome="refused", status=400, diagnostics=(finding,)),
        ordinary(NOON + 120, outcome="no_candidate", status=422, refused=12),
    ]
    with Store.open(str(tmp_path / "traces.db")) as store:
        store.write(made, parts)
    return made


def ids(ended: Ended) -> list[str]:
    return [trace["id"] for trace in ended.json["traces"]]


# --- list ----------------------------------------------------------------------------------------------------


def test_list_shows_the_latest_calls_first(history: list[Trace]) -> None:
    head, *lines = fine("trace", "list").out.splitlines()
    assert head.split()[:2] == ["trace", "when"]
    assert [line.split()[0] for line in lines] == [trace.id[:15] for trace in reversed(history)]
    assert lines[2].split()[1:] == [
        "2026-11-18", "11:06:40", "support", "ok", "b/fig", "2", "1.23", "s", "0.00213"
    ]  # fmt: skip


def test_list_as_json_has_whole_traces(history: list[Trace]) -> None:
    ended = fine("trace", "list", "--format", "json")
    assert ended.json["store"].endswith("traces.db")
    assert [Trace.from_json(trace) for trace in ended.json["traces"]] == history[::-1]


@pytest.mark.parametrize(
    ("options", "found"),
    [
        (["--policy-name", "support"], [0]),
        (["--candidate", "b/fig"], [0]),
        (["--outcome", "refused"], [1]),
        (["--key", "team-a"], [0]),
        (["--session", "s-1", "--key", "nobody"], []),
        (["--since", "2026-11-18T11:07:40"], [2, 1]),
        (["--until", "2026-11-18T12:07:40+01:00"], [0]),
        (["--since", "1ms"], []),
        (["--limit", "2"], [2, 1]),
    ],
    ids=str,
)
def test_list_can_be_narrowed(history: list[Trace], options: list[str], found: list[int]) -> None:
    assert ids(fine("trace", "list", *options, "--format", "json")) == [history[i].id for i in found]


def test_list_goes_on_where_it_ended(history: list[Trace]) -> None:
    ended = fine("trace", "list", "--limit", "2")
    last = ended.out.splitlines()[-1].split()[-1]
    assert ids(fine("trace", "list", "--before", last, "--format", "json")) == [history[0].id]


@pytest.mark.parametrize("columns", [20, 40, 60, 80, 120])
def test_list_fits_its_terminal(history: list[Trace], columns: int) -> None:
    for line in fine("trace", "list", columns=columns).out.splitlines():
        assert len(line) <= columns


def test_a_list_of_nothing_says_so(history: list[Trace]) -> None:
    assert fine("trace", "list", "--key", "nobody").out == "no trace is like that\n"


def test_ids_are_shortened_as_far_as_they_can_be_told_apart(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    made = [attrs.evolve(ordinary(), id=f"tr_{'0' * 20}{end:0>6}") for end in ("1", "2", "3")]
    with Store.open(str(path)) as store:
        store.write(made)
    lines = fine("trace", "list", "--store", path).out.splitlines()[1:]
    assert [line.split()[0] for line in lines] == [trace.id for trace in reversed(made)]


# --- show ----------------------------------------------------------------------------------------------------


def test_show_tells_what_was_decided_and_what_came_of_it(history: list[Trace]) -> None:
    out = fine("trace", "show", history[0].id).out
    for said in (
        "2026-11-18 11:06:40 UTC", "ok 200 after 1.23 s", "support", "team-a", "prompt_tokens 900",
        "2 in order, 1 refused, 0 cut", "b/fig, not the first of the order",
        "USD 0.00213 for 900 prompt and 120 completion tokens, as the provider counts them",
        "refused 1 of 3", "a/plum by acme", "429", "rate_limit", "then next_candidate, after 200 ms",
        str(history[0].decision), "it is the same decision",
    ):  # fmt: skip
        assert said in out, said
    assert "\x1b" not in out


def test_show_takes_the_beginning_of_an_id(history: list[Trace]) -> None:
    for part in (history[1].id[:14], history[1].id[3:14]):
        assert history[1].id in fine("trace", "show", part).out


def test_show_tells_why_a_policy_was_refused(history: list[Trace]) -> None:
    out = fine("trace", "show", history[1].id).out
    assert "the policy was refused" in out
    assert "PIR0401: unknown field `cheapness`" in out


def test_show_without_parts_tells_what_it_can(history: list[Trace]) -> None:
    assert "refused 12; for which reasons cannot be told" in fine("trace", "show", history[2].id).out


def test_show_as_json_has_the_trace_and_the_reasons(history: list[Trace]) -> None:
    shown = fine("trace", "show", history[0].id, "--format", "json").json
    assert Trace.from_json(shown["trace"]) == history[0]
    assert (list(shown["refused"].values()), shown["replayed"]) == ([1], "same")


@pytest.mark.parametrize("columns", [20, 40, 79, 120])
def test_show_fits_its_terminal(history: list[Trace], columns: int) -> None:
    for line in fine("trace", "show", history[0].id, columns=columns).out.splitlines():
        assert len(line) <= columns


@pytest.mark.parametrize("id", ["tr_zzzz", "", "nonsense", "%", "tr_\0"])
def test_an_id_that_is_not_there_is_refused(history: list[Trace], id: str) -> None:
    ended = command("trace", "show", id, "--format", "json")
    assert (ended.code, [found["code"] for found in ended.diagnostics]) == (1, ["PIR0932"])


def test_an_abbreviation_of_several_ids_names_some_of_them(history: list[Trace]) -> None:
    ended = command("trace", "show", "tr_")
    assert ended.code == 1
    assert history[0].id in ended.err
    assert history[1].id in ended.err


# --- export and import ---------------------------------------------------------------------------------------


def test_an_export_with_parts_can_be_replayed_elsewhere(history: list[Trace], tmp_path: Path) -> None:
    fine("trace", "export", "--parts", "-o", "out.jsonl")
    taken = fine("trace", "import", "out.jsonl", "--store", "elsewhere.db", "--format", "json").json
    assert (taken["traces"], taken["without_parts"]) == (3, 0)
    out = fine("trace", "show", history[0].id, "--store", "elsewhere.db").out
    assert "it is the same decision" in out
    again = fine("trace", "export", "--parts", "--store", "elsewhere.db").raw
    assert again == (tmp_path / "out.jsonl").read_bytes()


def test_an_export_is_one_trace_a_line_the_oldest_first(history: list[Trace]) -> None:
    lines = fine("trace", "export").out.splitlines()
    assert [Trace.from_json(json.loads(line)) for line in lines] == history


def test_an_export_can_be_of_some_traces_only(history: list[Trace]) -> None:
    for options in (["--outcome", "refused"], [history[1].id[:14]]):
        (line,) = fine("trace", "export", *options).out.splitlines()
        assert json.loads(line)["id"] == history[1].id
    ended = command("trace", "export", history[0].id, "--outcome", "ok")
    assert (ended.code, "leave out" in ended.err) == (2, True)


def test_an_import_can_be_repeated_and_read_from_standard_input(history: list[Trace]) -> None:
    text = fine("trace", "export", "--parts").raw
    for _ in range(2):
        assert fine("trace", "import", "-", given=text).out == "3 traces taken in\n"
    assert len(ids(fine("trace", "list", "--format", "json"))) == 3


def test_an_import_without_parts_says_what_cannot_be_replayed(history: list[Trace]) -> None:
    text = fine("trace", "export").raw
    out = fine("trace", "import", "-", "--store", "elsewhere.db", given=text).out
    assert out == "3 traces taken in\n1 of them without their parts: they cannot be replayed\n"


def test_an_import_refuses_parts_that_are_not_what_they_are_named(history: list[Trace]) -> None:
    lines = fine("trace", "export", "--parts").out.splitlines()
    changes = {
        "policy": ("5", "4"),
        "floor": ("disabled", "breaker_open"),
        "vocabulary": ("USD/Mtok", "EUR/Mtok"),
        "catalogue": ('"price_in":1', '"price_in":3'),
        "state": ("{}", '{"latency_ms":[[0],[1]]}'),
    }
    kinds = [json.loads(line).get("part") for line in lines]
    assert set(changes) < set(kinds)
    for place, line in enumerate(lines):
        if kinds[place] is None:
            continue
        text = json.loads(line)["text"]
        wrong = text.replace(*changes[kinds[place]])
        assert wrong != text
        given = "\n".join([*lines[:place], json.dumps(json.loads(line) | {"text": wrong}), *lines[place + 1 :]])
        ended = command("trace", "import", "-", "--store", f"elsewhere{place}.db", "--format", "json", given=given)
        assert (ended.code, [found["code"] for found in ended.diagnostics]) == (1, ["PIR0931"]), line[:80]
        with Store.open(f"elsewhere{place}.db") as store:
            assert store.count() == 0


@pytest.mark.parametrize(
    "line", [b"{", b"[]", b"{}", b"\xff", b'{"part": 1}', b'{"part": "a", "digest": "b", "text": 1}', b"[" * 100_000]
)
def test_an_import_says_which_line_is_neither_a_trace_nor_a_part(history: list[Trace], line: bytes) -> None:
    given = fine("trace", "export").raw + b"\n" + line
    ended = command("trace", "import", "-", "--format", "json", given=given)
    assert (ended.code, len(ended.diagnostics)) == (1, 1)
    assert "line 5 is neither" in ended.diagnostics[0]["message"]


def test_an_import_bounds_its_lines(history: list[Trace], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("policy_ir.trace.exchange.MAX_LINE", 100)
    ended = command("trace", "import", "-", given=b"[" * 1000)
    assert (ended.code, "more than 100 bytes" in ended.err) == (1, True)


def test_an_export_that_fails_leaves_the_old_file(history: list[Trace], tmp_path: Path) -> None:
    Path("out.jsonl").write_text("precious")
    with Store.open(str(tmp_path / "traces.db")) as store, store._database.writing.begin() as connection:
        connection.exec_driver_sql("DELETE FROM policy_ir_parts WHERE kind = 'state'")
    ended = command("trace", "export", "--parts", "-o", "out.jsonl")
    assert (ended.code, "PIR0931" in ended.err) == (1, True)
    assert Path("out.jsonl").read_text() == "precious"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.jsonl", "traces.db"]


# --- prune ---------------------------------------------------------------------------------------------------


def test_prune_removes_what_is_older(history: list[Trace]) -> None:
    assert fine("trace", "prune", "--before", "2026-11-18T11:08:00").out == "2 traces removed\n"
    assert ids(fine("trace", "list", "--format", "json")) == [history[2].id]
    assert fine("trace", "prune", "--before", "2026-11-18", "--format", "json").json["removed"] == 0
    assert command("trace", "prune").code == 2


# --- what can be wrong ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments", [["list"], ["show", "tr_0"], ["export"], ["prune", "--before", "1d"]], ids=lambda some: some[0]
)
def test_a_store_that_is_not_there_is_said_kindly(
    arguments: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("POLICY_IR_TRACES", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    ended = command("trace", *arguments)
    assert (ended.code, ended.out) == (1, "")
    assert "there are no traces yet" in ended.err
    assert "policy-ir serve --sandbox" in ended.err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("time", ["yesterday", "2h ago", "-1d", "2026-13-01", "", "1e9", "9" * 30 + "d"])
def test_a_time_that_is_none_is_refused(history: list[Trace], time: str) -> None:
    ended = command("trace", "list", f"--since={time}", "--format", "json")
    assert (ended.code, [found["code"] for found in ended.diagnostics]) == (1, ["PIR0933"])


def test_times_that_are_none_are_refused_all_at_once(history: list[Trace]) -> None:
    ended = command("trace", "list", "--since", "yesterday", "--until", "2026-13-01", "--format", "json")
    assert [found["code"] for found in ended.diagnostics] == ["PIR0933", "PIR0933"]


def test_an_outcome_that_is_none_is_wrong_usage(history: list[Trace]) -> None:
    ended = command("trace", "list", "--outcome", "fail")
    assert (ended.code, "did you mean `failed`?" in ended.err) == (2, True)


def test_a_damaged_record_is_reported_beside_the_others(history: list[Trace], tmp_path: Path) -> None:
    with Store.open(str(tmp_path / "traces.db")) as store, store._database.writing.begin() as connection:
        connection.exec_driver_sql("UPDATE policy_ir_traces SET body = '{' WHERE id = ?", (history[1].id,))
    for verb in ("list", "export"):
        ended = command("trace", verb)
        assert (ended.code, "PIR0931" in ended.err) == (1, True)
        assert len(ended.out.splitlines()) == (3 if verb == "list" else 2)


@pytest.mark.parametrize(
    ("library", "url", "extra"),
    [("sqlalchemy", "traces.db", "router"), ("psycopg", "postgresql://localhost/traces", "postgres")],
)
def test_a_missing_extra_is_named(
    library: str, url: str, extra: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in [name for name in sys.modules if name.startswith((library, "policy_ir.trace.store_"))]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, library, None)
    ended = command("trace", "list", "--store", url)
    assert (ended.code, ended.err) == (2, f'error: a trace store needs more: pip install "policy-ir[{extra}]"\n')
