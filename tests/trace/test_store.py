"""Stores of traces: what goes in comes out, in SQLite as in PostgreSQL."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Thread
from time import monotonic, sleep
from typing import Any

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from some_traces import BEGIN, ordinary, traces

from policy_ir.diagnostics import Refused, codes
from policy_ir.trace import store as store_module
from policy_ir.trace.parts import Part
from policy_ir.trace.record import Cost, Trace
from policy_ir.trace.store import VARIABLE, Store, Unwritable, default_url

DAY = 86_400.0


def ids(found: Any) -> list[str]:
    return [trace.id for trace in found]


# --- what goes in comes out -----------------------------------------------------------------------------------


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(trace=traces())
def test_any_trace_comes_back_as_it_was(store: Store, trace: Trace) -> None:
    trace = attrs.evolve(trace, id=ordinary().id)  # an example may come twice
    store.write([trace])
    assert store.get(trace.id) == trace
    wanted = {"key": trace.key, "session": trace.session, "outcome": trace.outcome, "candidate": trace.chosen}
    assert trace.id in ids(store.find(limit=1000, policy=trace.policy_name, **wanted))  # type: ignore[arg-type]


def test_a_trace_that_is_not_there_is_none(store: Store) -> None:
    assert store.get(ordinary().id) is None
    assert store.part("policy", "blake3:0") is None
    assert store.find() == []
    assert list(store.iterate()) == []
    assert store.count() == 0


def test_a_trace_that_is_written_again_stays_as_it_was_first(store: Store) -> None:
    trace = ordinary(session="s", cost=Cost(usd=1.0))
    store.write([trace])
    store.write([attrs.evolve(trace, status=500), trace])
    assert store.get(trace.id) == trace
    assert (store.count(), store.spent(None, "s")) == (1, 1.0)


def test_a_part_is_stored_once_for_its_kind_and_digest(store: Store) -> None:
    store.write([], [Part("policy", "d", b"\0one"), Part("floor", "d", b"two")])
    store.write([ordinary()], [Part("policy", "d", b"other"), Part("policy", "d", b"another")])
    assert (store.part("policy", "d"), store.part("floor", "d")) == (b"\0one", b"two")


def test_many_traces_are_written_at_once(store: Store) -> None:
    made = [ordinary(BEGIN + i) for i in range(203)]
    store.write(made)
    assert list(store.iterate()) == made


# --- finding --------------------------------------------------------------------------------------------------


def test_the_last_traces_come_first_page_by_page(store: Store) -> None:
    made = [ordinary(BEGIN + i) for i in range(7)]
    store.write(made)
    first = store.find(limit=3)
    assert ids(first) == ids(reversed(made[4:]))
    second = store.find(limit=3, before=first[-1].id)
    assert ids(second) == ids(reversed(made[1:4]))
    assert ids(store.find(before=second[-1].id)) == ids(made[:1])


def test_traces_are_found_by_what_they_say(store: Store) -> None:
    one = ordinary(BEGIN, policy_name="support", policy="blake3:a", chosen="a/plum", key="team", session="s1")
    other = ordinary(BEGIN + 60, policy="blake3:b", outcome="failed", chosen=None, key=None)
    store.write([one, other])
    cases: list[tuple[dict[str, Any], list[Trace]]] = [
        ({}, [one, other]),
        ({"policy": "support"}, [one]),
        ({"policy": "blake3:b"}, [other]),
        ({"candidate": "a/plum"}, [one]),
        ({"outcome": "failed"}, [other]),
        ({"key": "team"}, [one]),
        ({"session": "s1"}, [one]),
        ({"session": "s1", "outcome": "failed"}, []),
        ({"since": BEGIN + 60}, [other]),
        ({"since": BEGIN + 60.001}, []),
        ({"until": BEGIN + 60}, [one]),
        ({"since": BEGIN, "until": BEGIN + 61}, [one, other]),
    ]
    for wanted, found in cases:
        assert ids(store.iterate(**wanted)) == ids(found), wanted
        assert ids(store.find(**wanted)) == ids(reversed(found)), wanted
        assert store.count(**wanted) == len(found), wanted


@pytest.mark.parametrize("name", ["a\0b", "\ud800", "a\\x00b", "Ünïcode ", "%", "_", "' or 1=1 --", "x" * 3000])
def test_names_of_any_kind_are_found_and_told_apart(store: Store, name: str) -> None:
    store.write([ordinary(session=name, key=name, policy_name=name, chosen=name, cost=Cost(usd=1.0))])
    store.write([ordinary(session=other, key=name) for other in ("a\\x00b", "a\0b", "%", "xx") if other != name])
    assert len(store.find(session=name, key=name, policy=name, candidate=name)) == 1
    assert store.spent(name, name) == 1.0


def test_an_abbreviated_id_is_completed(store: Store) -> None:
    made = [ordinary(BEGIN + i) for i in (0, 3600)]
    store.write(made)
    assert store.ids_with(made[1].id[:12]) == [made[1].id]
    assert store.ids_with(made[1].id[3:].upper()) == [made[1].id]
    assert store.ids_with("tr_") == ids(made)
    assert store.ids_with("") == ids(made)
    assert store.ids_with("tr_zz") == store.ids_with("\0") == store.ids_with("%") == []


def test_what_a_session_has_cost_is_counted_by_key(store: Store) -> None:
    spent = [("a", "s", 0.25), ("a", "s", 0.5), ("b", "s", 4.0), (None, "s", 8.0), ("a", "t", 16.0), ("a", None, 32.0)]
    store.write([ordinary(key=key, session=session, cost=Cost(usd=usd)) for key, session, usd in spent])
    assert (store.spent("a", "s"), store.spent("b", "s"), store.spent(None, "s")) == (0.75, 4.0, 8.0)
    assert store.spent("c", "s") == store.spent("a", "u") == 0.0


def test_all_traces_are_read_a_few_at_a_time(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_module, "BATCH", 4)
    made = [ordinary(BEGIN + i, outcome="ok" if i % 3 else "failed") for i in range(25)]
    store.write(made)
    reading = store.iterate(outcome="ok")
    assert next(reading).id == made[1].id
    store.write([ordinary(BEGIN + 100)])
    assert len(list(reading)) == 16


# --- damage ---------------------------------------------------------------------------------------------------


def spoil(store: Store, id: str, body: str) -> None:
    with store._database.writing.begin() as connection:
        from policy_ir.trace.store_tables import traces as table

        connection.execute(table.update().where(table.c.id == id).values(body=body))


@pytest.mark.parametrize("body", ["", "{", "{}", "null", '"text"'])
def test_a_damaged_record_is_told_and_does_not_hide_the_others(store: Store, body: str) -> None:
    made = [ordinary(BEGIN + i) for i in range(3)]
    store.write(made)
    spoil(store, made[1].id, body)
    for read in (lambda: store.get(made[1].id), store.find, lambda: list(store.iterate())):
        with pytest.raises(Refused) as refused:
            read()
        assert refused.value.diagnostics[0].code is codes.TRACE_PART
    told: list[Refused] = []
    assert ids(store.find(on_damage=told.append)) == [made[2].id, made[0].id]
    assert ids(store.iterate(on_damage=told.append)) == [made[0].id, made[2].id]
    assert len(told) == 2
    assert made[1].id in str(told[0])


# --- pruning --------------------------------------------------------------------------------------------------


def test_pruning_removes_old_traces_and_the_parts_that_only_they_can_name(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("policy_ir.trace.store_database.PRUNED", 10)
    now = BEGIN
    monkeypatch.setattr(store_module, "time", lambda: now)
    old = [ordinary(BEGIN + i / 100) for i in range(34)]
    store.write(old, [Part("state", "old", b"1"), Part("policy", "lasting", b"2")])
    now = BEGIN + 10 * DAY
    new = [ordinary(now), ordinary(now + 1)]
    store.write(new, [Part("state", "new", b"3"), Part("policy", "lasting", b"2")])
    assert store.prune(BEGIN + 5 * DAY) == 34
    assert ids(store.iterate()) == ids(new)
    assert [store.part("state", "old"), store.part("state", "new"), store.part("policy", "lasting")] == [
        None,
        b"3",
        b"2",
    ]


def test_pruning_leaves_parts_that_a_later_trace_may_name_without_having_brought_them(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_module, "time", lambda: BEGIN)
    store.write([ordinary(BEGIN)], [Part("state", "s", b"1")])
    later = ordinary(BEGIN + 3600, state="s")
    store.write([later])
    assert store.prune(BEGIN + 3599) == 1
    assert store.part("state", "s") == b"1"
    assert ids(store.iterate()) == [later.id]


# --- errors ---------------------------------------------------------------------------------------------------


def test_what_cannot_be_written_leaves_nothing_of_itself(store: Store) -> None:
    wrong: Any = attrs.evolve(ordinary(), facts={"fields": {"x": float("nan")}})
    with pytest.raises(ValueError, match="JSON compliant"):
        store.write([ordinary(), wrong], [Part("state", "s", b"1")])
    none: Any = attrs.evolve(ordinary(), outcome=None)
    with pytest.raises(Unwritable) as unwritable:
        store.write([ordinary(), none], [Part("state", "s", b"1")])
    assert not unwritable.value.passing
    assert (store.count(), store.part("state", "s")) == (0, None)
    store.write([ordinary()])
    assert store.count() == 1


def test_writers_of_many_threads_lose_nothing(store: Store) -> None:
    made = [[ordinary(BEGIN + thread) for _ in range(20)] for thread in range(5)]

    def write(some: list[Trace]) -> None:
        for trace in some:
            store.write([trace], [Part("state", f"{trace.id[-1]}", b"1"), Part("floor", "f", b"2")])

    threads = [Thread(target=write, args=(some,)) for some in made]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ids(store.iterate())) == sorted(ids(trace for some in made for trace in some))


def refusal(url: str | None, *, create: bool = True) -> str:
    with pytest.raises(Refused) as refused:
        Store.open(url, create=create).close()
    assert [found.code for found in refused.value.diagnostics] == [codes.TRACE_STORE]
    return str(refused.value)


def test_a_store_is_not_made_by_reading(store_url: str) -> None:
    assert "no traces" in refusal(store_url, create=False)
    Store.open(store_url).close()
    Store.open(store_url, create=False).close()


def test_a_store_of_a_newer_release_is_left_alone(store_url: str) -> None:
    with Store.open(store_url) as store, store._database.writing.begin() as connection:
        connection.exec_driver_sql("UPDATE policy_ir_schema SET version = version + 1")
    for create in (True, False):
        assert "a newer release" in refusal(store_url, create=create)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("mysql://localhost/traces", "`mysql` is not a database for traces"),
        ("nonsense://x", "`nonsense` is not a database for traces"),
        ("postgresql://host:port/traces", "its URL is not one"),
        ("sqlite://", "it names no file"),
        ("sqlite:///:memory:", "it names no file"),
        ("", "it names no file"),
        ("postgresql://127.0.0.1:1/traces", "connection"),
        ("/proc/version/x.db", "file exists"),
        ("/", "it is not a file"),
    ],
)
def test_what_is_no_store_is_refused(url: str, said: str) -> None:
    assert said in refusal(url)


def test_a_password_is_never_said(tmp_path: Path) -> None:
    said = refusal("postgresql://anna:swordfish@127.0.0.1:1/traces")
    assert "swordfish" not in said
    assert "anna:***@" in said
    assert "swordfish" not in refusal("postgresql://anna:swordfish@[/traces")
    assert "swordfish" not in refusal("mysql://anna:swordfish@host/traces")


# --- SQLite ---------------------------------------------------------------------------------------------------


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "data" / "traces.db"


def test_the_file_and_its_folder_are_private(file: Path) -> None:
    with Store.open(str(file)) as store:
        store.write([ordinary()])
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in file.parent.iterdir()}
    assert set(modes.values()) == {0o600}
    assert "traces.db-wal" in modes
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def test_a_closed_store_is_one_file(file: Path) -> None:
    with Store.open(f"sqlite:///{file}") as store:
        store.write([ordinary()])
        assert store.count() == 1
    assert [path.name for path in file.parent.iterdir()] == ["traces.db"]


@pytest.mark.parametrize("content", [b"no database" * 100, b"\0" * 5000, b"SQLite format 3\0" + b"\1" * 4000])
def test_a_file_that_is_no_database_is_left_as_it_is(file: Path, content: bytes) -> None:
    file.parent.mkdir()
    file.write_bytes(content)
    for create in (True, False):
        assert "not a database" in refusal(str(file), create=create)
    assert file.read_bytes() == content


def test_a_database_of_something_else_is_not_taken_for_an_empty_store_by_reading(file: Path) -> None:
    file.parent.mkdir()
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE things (name TEXT)")
    assert "it holds no traces" in refusal(str(file), create=False)


def test_a_reader_never_keeps_the_writer_waiting_nor_the_other_way_round(file: Path) -> None:
    with Store.open(str(file)) as store:
        store.write([ordinary(BEGIN)])
        with closing(sqlite3.connect(file, timeout=0, isolation_level=None)) as reader:
            reader.execute("BEGIN")
            assert reader.execute("SELECT count(*) FROM policy_ir_traces").fetchone() == (1,)
            store.write([ordinary(BEGIN)])
            assert reader.execute("SELECT count(*) FROM policy_ir_traces").fetchone() == (1,)
        with closing(sqlite3.connect(file, timeout=0, isolation_level=None)) as writer:
            writer.execute("BEGIN IMMEDIATE")
            assert store.count() == 2


def test_a_store_that_another_process_keeps_locked_is_unwritable_for_the_moment(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("policy_ir.trace.store_sqlite.BUSY_MS", 20)
    trace = ordinary()
    with Store.open(str(file)) as store:
        with closing(sqlite3.connect(file, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(Unwritable, match="locked") as unwritable:
                store.write([trace], [Part("state", "s", b"1")])
            assert unwritable.value.passing
        assert (store.count(), store.part("state", "s")) == (0, None)
        store.write([trace])
        assert store.get(trace.id) == trace


def test_a_full_disk_is_told_and_nothing_is_half_written(file: Path) -> None:
    with Store.open(str(file)) as store:
        store.write([ordinary()], [Part("state", "a", b"1")])
        store._database._connection.exec_driver_sql("PRAGMA max_page_count = 20")  # type: ignore[union-attr]
        store._database._connection.rollback()  # type: ignore[union-attr]
        large = [ordinary(policy_name="x" * 2000) for _ in range(100)]
        with pytest.raises(Unwritable, match="full") as unwritable:
            store.write(large, [Part("state", "b", b"1")])
        assert unwritable.value.passing
        assert (store.count(), store.part("state", "b")) == (1, None)
        store.write(large[:1])
        assert store.count() == 2


def test_a_file_that_was_removed_is_begun_anew(file: Path) -> None:
    with Store.open(str(file)) as store:
        store.write([ordinary()])
        assert store.count() == 1
        for path in file.parent.iterdir():
            path.unlink()
        later = ordinary()
        store.write([later])
        assert ids(store.find()) == [later.id]
        with Store.open(str(file), create=False) as other:
            assert ids(other.find()) == [later.id]


@contextmanager
def as_somebody_else() -> Iterator[None]:
    """As an account whose access rights count: root may do anything."""
    if os.geteuid() != 0:
        yield
        return
    os.setresuid(65534, 65534, 0)
    try:
        yield
    finally:
        os.setresuid(0, 0, 0)


@pytest.fixture
def readable() -> Iterator[Path]:
    """A store that may be read, in a folder that may not be written, once others look at it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "traces.db")
        with Store.open(str(path)) as store:
            store.write([ordinary(), ordinary()])
        path.chmod(0o444)
        os.chmod(folder, 0o555)
        yield path
        os.chmod(folder, 0o755)


def test_a_store_that_may_only_be_read_is_read_and_not_written(readable: Path) -> None:
    with as_somebody_else(), Store.open(str(readable), create=False) as store:
        assert store.count() == 2
        with pytest.raises(Unwritable, match="readonly"):
            store.write([ordinary()])
        with pytest.raises(Unwritable, match="readonly"):
            store.prune(BEGIN * 2)
        assert store.count() == 2


def test_a_store_that_another_account_writes_can_be_read_meanwhile(readable: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can be another account")
    with Store.open(str(readable)) as store:
        store.write([ordinary()])
        for path in readable.parent.iterdir():
            path.chmod(0o644)
        with as_somebody_else(), Store.open(str(readable), create=False) as reader:
            assert reader.count() == 3
        store.write([ordinary()])
        with as_somebody_else(), Store.open(str(readable), create=False) as reader:
            assert reader.count() == 4


def test_the_log_is_brought_into_the_file_while_the_store_is_open(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("policy_ir.trace.store_sqlite.LOG_BYTES", 100_000)
    monkeypatch.setattr("policy_ir.trace.store_sqlite.LONG_LOG_BYTES", 150_000)
    monkeypatch.setattr("policy_ir.trace.store_sqlite.PAUSE", 0.001)
    log = Path(f"{file}-wal")
    with Store.open(str(file)) as store:
        for _ in range(20):
            store.write([ordinary(policy_name="x" * 5000) for _ in range(20)])
        until = monotonic() + 20
        while log.stat().st_size > 200_000 and monotonic() < until:  # as it goes on to be written
            store.write([ordinary()])
            sleep(0.005)
        assert log.stat().st_size <= 200_000
        assert file.stat().st_size > 1_000_000


# --- the default store ----------------------------------------------------------------------------------------


def test_the_default_store_is_in_the_users_data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert default_url() == f"sqlite:///{tmp_path}/policy-ir/traces.db"
    assert "there are no traces yet" in refusal(None, create=False)
    Store.open().close()
    assert (tmp_path / "policy-ir" / "traces.db").exists()
    monkeypatch.setenv(VARIABLE, str(tmp_path / "other.db"))
    Store.open().close()
    assert (tmp_path / "other.db").exists()


@pytest.mark.parametrize(
    ("platform", "where"),
    [("linux", ".local/share"), ("darwin", "Library/Application Support"), ("win32", "AppData/Local")],
)
def test_every_platform_has_its_own_data_folder(
    platform: str, where: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    monkeypatch.delenv("LOCALAPPDATA", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(sys, "platform", platform)
    assert store_module.data_folder() == tmp_path / where


def test_no_database_library_is_imported_before_a_store_is_opened() -> None:
    script = (
        "import sys, policy_ir.trace.store, policy_ir.trace.writer, policy_ir.trace.parts, policy_ir.trace.moments\n"
    )
    script += "print('sqlalchemy' in sys.modules, 'psycopg' in sys.modules, 'sqlite3' in sys.modules)"
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ended.stdout == "False False False\n"
