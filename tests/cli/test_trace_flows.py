"""`policy-ir trace` and `replay` over flows: the calls of their nodes, in a terminal and as JSON."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import attrs
import pytest
from commands import command, fine
from flow_histories import diamond, failed_over, flowed
from histories import CHEAP, NOON, TOOLS, Kept, admitted, answered, called, snapshot

from policy_ir.trace.parts import Part
from policy_ir.trace.record import Cost, Trace, new_id
from policy_ir.trace.store import Store

FLOW = diamond()
WIDTHS = [20, 40, 60, 79, 80, 120]


@pytest.fixture
def kept() -> Kept:
    """A call; a flow whose draft failed over and whose right opinion was passed on; one that failed; one by name."""
    history = Kept()
    called(history, admitted(CHEAP), snapshot(), at=NOON, policy_name="cheap")
    lost = answered("a/plum", outcome="failed", reason="timeout", message="too\x1b[31m slow", ended_ms=5.0)
    of_nodes = {
        "draft": {"hops": failed_over("a/plum", "c/fig")},
        "right": {"hops": [lost], "outcome": "failed", "status": 504, "reason": "timeout", "passed": True},
    }
    flowed(history, FLOW, snapshot(), at=NOON + 60, seed=7, key="team", session="s", of_nodes=of_nodes)
    failed = {"left": {"hops": [lost], "outcome": "failed", "status": 504, "reason": "timeout"}}
    flowed(
        history, FLOW, snapshot(), at=NOON + 120, run={"draft", "left"}, of_nodes=failed,
        flow_name="opinions", outcome="failed", status=504, reason="timeout", failed_node="left",
    )  # fmt: skip
    return history


@pytest.fixture(autouse=True)
def path(kept: Kept, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "traces.db"
    monkeypatch.setenv("POLICY_IR_TRACES", str(file))
    with Store.open() as store:
        store.write(kept.traces, [Part(kind, name, content) for (kind, name), content in kept.parts.items()])
    tmp_path.joinpath("tools.policy").write_text(TOOLS, "utf-8")
    return file


def damage(path: Path, kind: str, digest: str | None) -> None:
    with sqlite3.connect(path) as connection:
        gone = connection.execute("DELETE FROM policy_ir_parts WHERE kind = ? AND digest = ?", (kind, digest))
        assert gone.rowcount == 1
    connection.close()


# --- list ----------------------------------------------------------------------------------------------------


def test_a_list_shows_flows_among_calls_by_their_names() -> None:
    lines = [line.split() for line in fine("trace", "list").out.splitlines()[1:]]
    assert [line[3] for line in lines] == ["flow:opinions", "flow", "cheap"]
    assert lines[1][4:7] == ["ok", "a/plum", "5"]  # five attempts at four nodes
    assert lines[0][4:6] == ["failed", "2"]


@pytest.mark.parametrize("columns", WIDTHS)
def test_a_list_with_flows_fits_its_terminal(columns: int) -> None:
    assert all(len(line) <= columns for line in fine("trace", "list", columns=columns).out.splitlines())


@pytest.mark.parametrize(
    ("options", "found"),
    [
        (["--flow", "opinions"], [2]),
        (["--flow", "flow:opinions"], [2]),
        (["--flow", FLOW.fingerprint], [2, 1]),
        (["--flow", "other"], []),
        (["--candidate", "a/plum"], [1]),
        (["--policy-name", FLOW.policies["draft"].fingerprint], [2, 1, 0]),
        (["--flow", FLOW.fingerprint, "--key", "team"], [1]),
    ],
    ids=lambda value: " ".join(map(str, value))[:40],
)
def test_a_list_can_be_narrowed_to_flows(kept: Kept, options: list[str], found: list[int]) -> None:
    told = fine("trace", "list", *options, "--format", "json").json["traces"]
    assert [Trace.from_json(one) for one in told] == [kept.traces[i] for i in found]


# --- show ----------------------------------------------------------------------------------------------------


def test_show_tells_each_node_of_a_flow_and_what_came_of_it(kept: Kept) -> None:
    out = fine("trace", "show", kept.traces[1].id).out
    rows = {line.split()[0]: line for line in out.splitlines() if line.strip()}
    for name, words in {
        "draft": ["question", "c/fig", "0 ms", "900 ms", "2", "0.002", "ok"],
        "left": ["draft", "1 s", "900 ms", "1", "ok"],
        "right": ["draft", "failed timeout, passed on"],
        "verify": ["left, right", "a/plum", "ok"],
    }.items():
        line = next(line for line in out.splitlines() if line.startswith(f"{name}  "))
        assert all(word in line for word in words), (words, line)
    assert all(
        word in out
        for word in (
            "4 run",
            "team",
            "USD",
            'draft  a/plum 429 rate_limit; "slow down"; then next_candidate',
            "right  a/plum timeout",
        )
    )
    assert FLOW.fingerprint in out
    assert str(kept.traces[1].nodes[0].decision) in out
    assert "each node has the same decision" in out
    assert "never run" not in out
    assert "\x1b" not in out
    assert rows["seed"].split() == ["seed", "7"]


def test_show_tells_which_node_failed_a_flow_and_which_were_never_run(kept: Kept) -> None:
    out = fine("trace", "show", kept.traces[2].id).out
    assert "opinions" in out
    assert "2 run, 2 never run" in out
    assert "left, for timeout" in out
    told = {line.split()[0] for line in out.splitlines() if line.endswith("never run") and "2 run" not in line}
    assert told == {"right", "verify"}


def test_a_node_that_failed_undecided_was_run(kept: Kept) -> None:
    run = kept.traces[1]
    lost = next(node for node in run.nodes if node.node == "right")
    bare = Trace(
        id=run.id, at=lost.at, node="right", outcome="failed", status=400, reason="bad_request", passed=True,
        diagnostics=({"code": "PIR0801", "message": "a message has another form"},),
    )  # fmt: skip
    again = attrs.evolve(run, id=run.id[:-1] + "z", nodes=tuple(bare if one is lost else one for one in run.nodes))
    with Store.open() as store:
        store.write([again])
    out = fine("trace", "show", again.id).out
    assert "4 run" in out
    assert "never run" not in out
    assert "failed bad_request, passed on" in out
    assert "each node has the same decision" in out
    told = fine("trace", "show", again.id, "--format", "json").json
    assert (told["never_run"], told["replayed"], told["nodes"]["right"]["replayed"]) == ([], "same", "undecided")
    assert "right  PIR0801: a message has another form" in out
    one = fine("trace", "show", again.id, "--node", "right").out
    assert "the request was refused" in one
    assert "bad_request" in one


@pytest.mark.parametrize("columns", WIDTHS)
@pytest.mark.parametrize("place", [1, 2])
def test_show_of_a_flow_fits_its_terminal(kept: Kept, columns: int, place: int) -> None:
    out = fine("trace", "show", kept.traces[place].id, columns=columns).out
    assert all(len(line) <= columns for line in out.splitlines())


def test_show_of_one_node_is_that_of_a_call(kept: Kept) -> None:
    trace = kept.traces[1]
    out = fine("trace", "show", trace.id, "--node", "draft").out
    for said in (f"{trace.id} at draft", "a/plum by p", "rate_limit", "refused", "it is the same decision"):
        assert said in out, said
    assert "its input was passed on" in fine("trace", "show", trace.id, "--node", "right").out
    told = fine("trace", "show", trace.id, "--node", "draft", "--format", "json").json
    assert Trace.from_json(told["trace"]) == trace.nodes[0]
    assert (told["replayed"], sum(told["refused"].values())) == ("same", trace.nodes[0].refused)


def test_a_node_that_is_not_there_is_wrong_usage(kept: Kept) -> None:
    for place, name, said in (
        (1, "drafts", "did you mean `draft`?"),
        (2, "verify", "the flow has run no node `verify`"),
        (0, "draft", "is the trace of a call and has no nodes"),
    ):
        ended = command("trace", "show", kept.traces[place].id, "--node", name)
        assert (ended.code, said in ended.err) == (2, True), ended.err


def test_show_of_a_flow_as_json_has_its_nodes_and_those_that_were_never_run(kept: Kept) -> None:
    told = fine("trace", "show", kept.traces[2].id, "--format", "json").json
    assert Trace.from_json(told["trace"]) == kept.traces[2]
    assert (told["replayed"], told["never_run"]) == ("same", ["right", "verify"])
    assert told["nodes"]["draft"]["replayed"] == "same"
    assert list(told["nodes"]) == ["draft", "left"]


def test_show_without_the_flow_tells_what_it_can(kept: Kept, path: Path) -> None:
    trace = kept.traces[2]
    damage(path, "flow", trace.flow_part)
    out = fine("trace", "show", trace.id).out
    assert "draft" in out
    assert "never run" not in out
    assert "it cannot be decided again: the flow" in out.replace("\n", " ")
    told = fine("trace", "show", trace.id, "--format", "json").json
    assert (told["replayed"], told["never_run"]) == ("damaged", None)


def test_show_of_a_flow_that_was_refused_tells_why(kept: Kept, path: Path) -> None:
    finding = {"code": "PIR1025", "message": "`a` depends on itself", "pointer": "/1/a"}
    refused = attrs.evolve(
        kept.traces[0], id=kept.traces[0].id[:-1] + "z", policy=None, policy_part=None, decision=None, hops=(),
        cost=Cost(),
        flow_name="loop", outcome="refused", status=400, diagnostics=(finding,), vocabulary=None, chosen=None,
    )  # fmt: skip
    with Store.open() as store:
        store.write([refused])
    out = fine("trace", "show", refused.id).out
    assert "the flow was refused" in out
    assert "PIR1025: `a` depends on itself" in out
    assert "0 run" in out


def test_a_flow_that_came_with_its_call_and_was_refused_is_listed_as_a_flow() -> None:
    one = Trace(id=new_id(int(NOON * 1000) + 500, bytes(10)), at=NOON, flow_name="*", outcome="refused", status=400)
    with Store.open() as store:
        store.write([one])
    out = fine("trace", "list", "--outcome", "refused").out
    (line,) = [line for line in out.splitlines() if "refused" in line]
    assert " flow " in line
    assert "inline" not in line
    assert ["flow", "inline"] in [line.split() for line in fine("trace", "show", one.id).out.splitlines()]


# --- export and import ---------------------------------------------------------------------------------------


def test_an_export_of_flows_with_parts_can_be_replayed_elsewhere(kept: Kept, tmp_path: Path) -> None:
    fine("trace", "export", "--parts", "-o", "out.jsonl")
    taken = fine("trace", "import", "out.jsonl", "--store", "elsewhere.db", "--format", "json").json
    assert (taken["traces"], taken["without_parts"]) == (3, 0)
    told = fine("replay", "--since", "2020-01-01", "--store", "elsewhere.db", "--format", "json").json
    assert (told["same"], told["flows"]) == (3, 2)
    assert fine("trace", "export", "--parts", "--store", "elsewhere.db").raw == (tmp_path / "out.jsonl").read_bytes()


def test_an_export_can_be_of_one_flow(kept: Kept) -> None:
    (line,) = fine("trace", "export", "--flow", "opinions").out.splitlines()
    assert Trace.from_json(json.loads(line)) == kept.traces[2]


def test_an_import_of_flows_without_parts_says_what_cannot_be_replayed() -> None:
    text = fine("trace", "export").raw
    taken = fine("trace", "import", "-", "--store", "elsewhere.db", "--format", "json", given=text).json
    assert (taken["traces"], taken["without_parts"]) == (3, 3)


def test_an_import_refuses_a_flow_that_is_not_what_it_is_named() -> None:
    lines = fine("trace", "export", "--parts").out.splitlines()
    (place,) = [at for at, line in enumerate(lines) if json.loads(line).get("part") == "flow"]
    told = json.loads(lines[place])
    lines[place] = json.dumps(told | {"text": told["text"].replace("briefly", "at length")})
    given = "\n".join(lines)
    ended = command("trace", "import", "-", "--store", "elsewhere.db", "--format", "json", given=given)
    assert (ended.code, [found["code"] for found in ended.diagnostics]) == (1, ["PIR0931"])


# --- replay --------------------------------------------------------------------------------------------------


def test_what_a_replay_tells_of_a_trace_from_elsewhere_steers_no_terminal(kept: Kept) -> None:
    trace = kept.traces[1]
    strange = attrs.evolve(trace.nodes[0], node="\x1b[31m")
    with Store.open() as store:
        store.write([attrs.evolve(trace, id=f"{trace.id[:-1]}0", nodes=(strange,))], [])
    ended = command("replay", f"{trace.id[:-1]}0")
    assert (ended.code, "\x1b" in ended.out) == (3, False)
    assert "node then \\x1b[31m now none" in " ".join(ended.out.split())


def test_a_history_with_flows_says_how_many_there_are() -> None:
    out = fine("replay", "--since", "2020-01-01").out
    assert "2  of them flows, each node decided again" in out
    assert "3  decided the same again" in out


def test_a_flow_by_its_id_tells_how_many_nodes_are_the_same(kept: Kept) -> None:
    out = fine("replay", kept.traces[2].id).out
    assert "flow:opinions: 2 of 2 nodes that were run" in out
    assert FLOW.fingerprint in out
    (told,) = fine("replay", kept.traces[1].id, "--format", "json").json["listed"]
    assert [one["node"] for one in told["nodes"]] == ["draft", "left", "right", "verify"]


@pytest.mark.parametrize("columns", WIDTHS)
def test_a_flow_with_a_damaged_node_is_told_with_that_node(kept: Kept, path: Path, columns: int) -> None:
    damage(path, "policy", kept.traces[1].nodes[3].policy_part)
    ended = command("replay", "--since", "2020-01-01", columns=columns)
    assert ended.code == 3
    assert all(len(line) <= columns for line in ended.out.splitlines())
    if columns >= 79:
        assert "flow: 3 of 4 nodes that were run" in ended.out
        assert "  verify  cannot be decided again" in ended.out
        assert "PIR0931" in ended.out


def test_another_policy_leaves_flows_out_and_says_how_many() -> None:
    out = fine("replay", "--since", "2020-01-01", "--policy", "tools.policy").out
    assert "2  left out: flows" in out
    told = fine("replay", "--since", "2020-01-01", "--policy", "tools.policy", "--format", "json").json
    assert (told["flows"], told["compared"]) == (2, 1)
