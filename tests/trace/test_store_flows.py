"""Flows in a store: they are found by what they are and by what their nodes are, and stores from before them go on."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from some_traces import BEGIN, ordinary
from sqlalchemy import inspect

from policy_ir.trace import store as store_module
from policy_ir.trace.parts import Part, names_of_parts
from policy_ir.trace.record import Cost, Trace
from policy_ir.trace.replay import replay_all
from policy_ir.trace.store import Store, Unwritable

DAY = 86_400.0
FIRST_SCHEMA = Path(__file__).with_name("first_schema.sql")
"""A store that the first release with traces has made: a call that was decided, and one that was refused."""


def flow(at: float = BEGIN, *nodes: tuple[str, str, str], **fields: Any) -> Trace:
    """A flow with nodes, each by its name, its policy and who answered; the last one answers."""
    made = tuple(
        ordinary(at + i, node=name, policy=policy, chosen=chosen, policy_part=f"of {policy}", cost=Cost(usd=0.5))
        for i, (name, policy, chosen) in enumerate(nodes)
    )
    told: dict[str, Any] = {"flow": "blake3:f", "flow_part": "sent", "chosen": made[-1].chosen if made else None}
    told |= {"nodes": made, "cost": Cost.total(node.cost for node in made)}
    return ordinary(at, **(told | fields))


def ids(found: Any) -> list[str]:
    return [trace.id for trace in found]


def test_a_flow_is_found_by_its_name_and_by_its_fingerprint(store: Store) -> None:
    one = flow(BEGIN, ("draft", "p", "a"), flow_name="drafts")
    other = flow(BEGIN + 1, ("draft", "p", "a"), flow="blake3:g")
    store.write([one, other, ordinary(BEGIN + 2, policy_name="drafts")])
    assert store.get(one.id) == one
    assert ids(store.find(flow="drafts")) == ids(store.find(flow="blake3:f")) == [one.id]
    assert ids(store.find(flow="blake3:g")) == [other.id]
    assert ids(store.find(flow="flow:drafts")) == [one.id]
    assert store.find(flow="d%") == []
    assert store.count(flow="drafts") == 1


def test_a_flow_that_ran_no_node_is_found_by_its_name(store: Store) -> None:
    refused = ordinary(flow_name="drafts", outcome="refused", status=400)
    store.write([refused])
    assert ids(store.find(flow="drafts")) == [refused.id]


def test_a_flow_is_found_once_by_every_candidate_and_policy_of_its_nodes(store: Store) -> None:
    made = flow(BEGIN, ("draft", "p", "a"), ("check", "p", "a"), ("verify", "q", "b"))
    call = ordinary(BEGIN + 9, policy="p", chosen="a")
    store.write([made, call])
    assert ids(store.iterate(candidate="a")) == ids(store.iterate(policy="p")) == [made.id, call.id]
    assert ids(store.iterate(candidate="b")) == ids(store.iterate(policy="q")) == [made.id]
    assert ids(store.iterate(candidate="b", policy="p", flow="blake3:f", outcome="ok")) == [made.id]
    assert store.count(candidate="a") == 2
    assert store.count(candidate="b", until=BEGIN) == store.count(candidate="b", outcome="failed") == 0


def test_what_a_flow_has_cost_counts_once(store: Store) -> None:
    made = flow(BEGIN, ("draft", "p", "a"), ("verify", "q", "b"), session="s", key="team")
    store.write([made, ordinary(session="s", key="team", cost=Cost(usd=4.0))])
    assert store.spent("team", "s") == 5.0


def test_a_flow_that_is_written_again_stays_as_it_was(store: Store) -> None:
    made = flow(BEGIN, ("draft", "p", "a"))
    for _ in range(2):
        store.write([made])
    assert ids(store.find(candidate="a")) == [made.id]


@pytest.mark.parametrize("name", ["a\0b", "\ud800", "a\\x00b", "%", "' or 1=1 --"])
def test_nodes_are_found_by_names_of_any_kind(store: Store, name: str) -> None:
    store.write([flow(BEGIN, ("draft", name, name), ("last", "p", "a"), flow_name=name)])
    for wanted in ({"candidate": name}, {"policy": name}, {"flow": name}):
        assert store.count(**wanted) == 1  # type: ignore[arg-type]


def test_many_nodes_are_written_in_few_statements(store: Store) -> None:
    made = [flow(BEGIN + i, *((f"n{j}", f"p{j}", f"c{j}") for j in range(200))) for i in range(3)]
    assert store.at_once is None or store.at_once(made[:1], [])
    store.write(made)
    assert store.count(candidate="c199") == store.count(policy="p7") == 3


def test_pruning_removes_what_flows_were_found_by_and_the_parts_that_only_their_nodes_name(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("policy_ir.trace.store_database.PRUNED", 10)
    now = BEGIN
    monkeypatch.setattr(store_module, "time", lambda: now)
    old = [flow(BEGIN + i, ("draft", "old", "a"), ("verify", "kept", "b")) for i in range(15)]
    store.write(old, [Part(*named, b"1") for trace in old for named in names_of_parts(trace)])
    now = BEGIN + 10 * DAY
    new = flow(now, ("verify", "kept", "b"))
    store.write([new], [Part(*named, b"1") for named in names_of_parts(new)])
    assert store.prune(BEGIN + 5 * DAY) == 15
    assert ids(store.iterate(candidate="b")) == [new.id]
    with store._database.reading.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(DISTINCT id) FROM policy_ir_flows").scalar() == 1
    assert store.part("policy", "of old") is None
    assert store.part("policy", "of kept") == store.part("flow", "sent") == b"1"


# --- stores from before flows ---------------------------------------------------------------------------------


@pytest.fixture
def old_url(store_url: str) -> str:
    """A store of the first schema, as it was left."""
    text = FIRST_SCHEMA.read_text()
    if store_url.startswith("sqlite"):
        with closing(sqlite3.connect(store_url.removeprefix("sqlite:///"))) as connection:
            connection.executescript(text)
        return store_url
    import psycopg

    text = re.sub(r"X'([0-9A-F]*)'", r"'\\x\1'", text.replace("BLOB", "BYTEA").replace("FLOAT", "FLOAT(53)"))
    with psycopg.connect(store_url) as connection:
        connection.execute(text.encode())
    return store_url


def schema_of(store: Store) -> tuple[Any, bool]:
    with store._database.reading.connect() as connection:
        version = connection.exec_driver_sql("SELECT version FROM policy_ir_schema").scalar()
        return version, inspect(connection).has_table("policy_ir_flows")


def test_a_store_from_before_flows_is_read_as_it_is(old_url: str) -> None:
    with Store.open(old_url, create=False) as store:
        decided, refused = store.iterate()
        assert (decided.policy_name, decided.chosen, refused.outcome) == ("support", "c/fig", "refused")
        assert (decided.is_flow, decided.nodes) == (False, ())
        assert ids(store.find(candidate="c/fig", policy="support", session="s", key="team")) == [decided.id]
        assert (store.find(flow="drafts"), store.count(flow="drafts"), store.count(policy="support")) == ([], 0, 1)
        tally = replay_all(store, store.iterate())
        assert (tally.counts["same"], tally.counts["undecided"], tally.holds) == (1, 1, True)
        assert schema_of(store) == (1, False)


def test_old_traces_are_pruned_from_a_store_from_before_flows(old_url: str) -> None:
    with Store.open(old_url, create=False) as store:
        assert store.prune(BEGIN) == 2
        assert schema_of(store) == (1, False)


def test_a_store_from_before_flows_takes_them_once_it_is_opened_for_writing(old_url: str) -> None:
    made = flow(BEGIN, ("draft", "support", "c/fig"), flow_name="drafts")
    for _ in range(2):
        with Store.open(old_url) as store:
            assert schema_of(store) == (2, True)
            store.write([made])
            assert store.count() == 3
            assert store.count(candidate="c/fig") == store.count(policy="support") == 2
            assert ids(store.find(flow="drafts")) == [made.id]


def test_a_store_from_before_flows_takes_them_whoever_has_opened_it(old_url: str) -> None:
    made = flow(BEGIN, ("draft", "support", "c/fig"))
    with Store.open(old_url, create=False) as store:
        assert store.at_once is None or not store.at_once([made], [])
        assert store.count() == 2
        store.write([made])
        assert ids(store.find(candidate="c/fig"))[0] == made.id
        assert schema_of(store) == (2, True)


def test_two_that_open_a_store_from_before_flows_at_once_make_one_table(old_url: str) -> None:
    with Store.open(old_url, create=False) as one, Store.open(old_url, create=False) as other:
        one.write([flow(BEGIN, ("draft", "p", "a"))])
        other.write([flow(BEGIN, ("draft", "p", "a"))])
        assert one.count(candidate="a") == other.count(candidate="a") == 2
        assert schema_of(other) == (2, True)


def test_a_process_of_before_goes_on_writing_to_a_store_that_was_renewed(old_url: str) -> None:
    made = ordinary()
    with Store.open(old_url) as store, store._database.writing.begin() as connection:
        rows = connection.exec_driver_sql("SELECT * FROM policy_ir_traces").keys()
        assert list(rows) == ["id", "policy_name", "policy", "candidate", "outcome", "key", "session", "usd", "body"]
        names = ("id", "outcome", "usd", "body")
        body = {key: value for key, value in made.to_json().items() if key not in ("flow", "node", "nodes", "passed")}
        from policy_ir.trace.store import _encode
        from policy_ir.trace.store_tables import traces

        connection.execute(traces.insert().values(dict(zip(names, (made.id, "ok", 0.0, _encode(body)), strict=True))))
    with Store.open(old_url) as store:
        assert store.get(made.id) == made


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
def test_flows_for_an_old_store_that_nobody_may_write_are_unwritable(
    old_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("policy_ir.trace.store_sqlite.BUSY_MS", 20)
    path = old_url.removeprefix("sqlite:///")
    with Store.open(old_url, create=False) as store, closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(Unwritable, match="locked") as unwritable:
            store.write([flow(BEGIN, ("draft", "p", "a"))])
        assert unwritable.value.passing
        assert store.count() == 2
