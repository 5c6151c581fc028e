"""An overlay says of all candidates at once what an update of the state says of each."""

from __future__ import annotations

import copy
import math
import struct
from array import array
from collections.abc import Callable
from typing import Any

import attrs
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from policy_ir.diagnostics import Diagnostic, Refused
from policy_ir.evaluator.overlay import UNKNOWN, Overlay
from policy_ir.snapshot import Candidate, CandidateList, Snapshot
from policy_ir.vocabulary import extend, vocabulary

HOUSE = extend(
    vocabulary("core"),
    {
        "vocabulary": 1,
        "name": "house",
        "fields": {
            "drift": {"sort": "num", "default": -1, "source": "state", "about": "of either sign"},
            "debt": {"sort": "num", "default": "-inf", "source": "state", "maximum": 0, "about": "never positive"},
            "on": {"sort": "bool", "default": True, "source": "state", "about": "on unless somebody says not"},
            "zone": {"sort": "tag", "source": "state", "about": "where it answers from today"},
            "pools": {"sort": "tags", "source": "state", "about": "pools that it is in today"},
        },
    },
    "house.json",
)
STATE = {name: declared for name, declared in HOUSE.fields.items() if declared.source == "state"}
NAN = math.nan


def world(size: int, **fields: Any) -> Snapshot:
    """So many candidates, of which the first has some state."""
    said = [fields if i == 0 else {} for i in range(size)]
    return Snapshot.take(
        CandidateList(Candidate(id=f"m/{i}", provider="p", family="f", fields=said[i]) for i in range(size)), HOUSE
    )


def place(field: str) -> int:
    return list(STATE).index(field)


def update_of(snapshot: Snapshot, columns: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The update of the state that says what columns say."""
    update: dict[str, dict[str, Any]] = {name: {} for name in snapshot.ids}
    for field, column in columns.items():
        sort = STATE[field].sort if field in STATE else "tag"
        for name, entry in zip(snapshot.ids, column, strict=True):
            unknown = {"num": entry != entry, "bool": entry == UNKNOWN}.get(sort, False)
            value = bool(entry) if sort == "bool" and entry in (0, 1) else entry
            update[name][field] = None if unknown else value
    return update


NUMBERS = st.sampled_from([NAN, 0.0, -0.0, 1.0, 0.5, -3.0, 2.0**53, math.inf, -math.inf, 1e308, -1e308, 5e-324])
ENTRIES: dict[str, st.SearchStrategy[Any]] = {
    "num": st.one_of(NUMBERS, st.just(NAN), st.sampled_from([0.0, 1.0, 0.25])),
    "bool": st.sampled_from([0, 1, UNKNOWN]) | st.integers(0, 255),
    "tag": st.none() | st.sampled_from(["eu", "us", "", "x" * 257, 7, ("eu",)]),
    "tags": st.none() | st.sampled_from([(), ("a", "b"), ("b", "a", "b"), ["c"], ("",), (1,), "ab", {"z"}]),
}
GOOD: dict[str, st.SearchStrategy[Any]] = {
    "num": st.sampled_from([NAN, 0.0, -0.0]),
    "bool": st.sampled_from([0, 1, UNKNOWN]),
    "tag": st.none() | st.sampled_from(["eu", "us"]),
    "tags": st.none() | st.sampled_from([(), ("b", "a", "b"), ["c"]]),
}


def column_of(sort: str, entries: list[Any]) -> Any:
    match sort:
        case "num":
            return array("d", entries)
        case "bool":
            return bytes(entries)
        case _:
            return entries


@st.composite
def columns(draw: st.DrawFn, size: int) -> dict[str, Any]:
    """Columns of some state fields and perhaps of another, that may stand or not."""
    names = draw(st.lists(st.sampled_from([*STATE, "price_in", "nothing"]), unique=True, max_size=5))
    entries = ENTRIES if draw(st.booleans()) else GOOD
    made: dict[str, Any] = {}
    for name in names:
        sort = STATE[name].sort if name in STATE else "tag"
        listed = draw(st.lists(entries[sort], min_size=size, max_size=size))
        made[name] = column_of(sort, listed)
    return made


DRAWN = st.integers(0, 5).flatmap(lambda size: st.tuples(st.just(size), columns(size), columns(size)))


def shown(snapshot: Snapshot) -> list[Any]:
    return [repr([snapshot.observe(i, field) for i in range(snapshot.size)]) for field in STATE]


def assert_says_the_same(overlay: Overlay, snapshot: Snapshot) -> None:
    """All that an overlay has is what a snapshot shows."""
    assert shown(overlay.snapshot) == shown(snapshot)
    assert overlay.snapshot.fingerprint == snapshot.fingerprint
    for k, (name, declared) in enumerate(STATE.items()):
        column, buffer, known, values = snapshot.column(name), overlay.buffers[k], overlay.known[k], overlay.arrays[k]
        assert bytes(column.present) == (known or b"\1" * snapshot.size)
        assert known is None or 0 in known
        match declared.sort:
            case "num":
                assert isinstance(buffer, memoryview)
                assert (buffer.format, buffer.contiguous, buffer.readonly) == ("d", True, True)
                assert buffer.tobytes() == column.values.tobytes() == values.tobytes()  # type: ignore[union-attr, attr-defined]
                assert values.dtype == np.float64
            case "bool":
                assert isinstance(buffer, bytes)
                assert buffer == column.values
                assert values.dtype == bool
                assert values.tolist() == list(map(bool, buffer))
            case _:
                assert buffer == column.values
                assert values is None


@given(DRAWN)
@example((2, {"zone": ["", None], "latency_ms": array("d", [-1.0, NAN]), "nothing": [1, 2]}, {}))
@example((3, {"on": bytes([255, 2, 1])}, {}))
def test_an_overlay_is_what_an_update_of_the_state_gives(
    drawn: tuple[int, dict[str, Any], dict[str, Any]],
) -> None:
    size, *steps = drawn
    snapshot = world(size, **({"latency_ms": 7, "on": False, "pools": ["x"]} if size else {}))
    overlay = Overlay.of(snapshot)
    assert_says_the_same(overlay, snapshot)
    for given_columns in steps:
        new, findings = answered(overlay.replace, given_columns)
        expected, reference = answered(snapshot.with_state, update_of(snapshot, given_columns))
        assert findings == reference
        if not findings:
            overlay, snapshot = new, expected
            assert_says_the_same(overlay, snapshot)


def answered(make: Callable[[Any], Any], given: Any) -> tuple[Any, tuple[Diagnostic, ...]]:
    """What is made, or the findings."""
    try:
        return make(given), ()
    except Refused as refused:
        return None, tuple(refused.diagnostics)


# --- what a column may be --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "column",
    [
        array("d", [1.0, NAN]),
        np.array([1.0, NAN]),
        memoryview(array("d", [1.0, NAN])),
        np.array([1.0, 5.0, NAN, 5.0])[::2],
    ],
)
def test_numbers_come_in_any_buffer_of_doubles(column: Any) -> None:
    overlay = Overlay.take(world(2), {"latency_ms": column})
    assert overlay.buffers[place("latency_ms")].tolist() == [1.0, math.inf]
    assert overlay.known[place("latency_ms")] == b"\1\0"


@pytest.mark.parametrize(
    "column", [b"\1\0", bytearray(b"\1\0"), np.array([1, 0], np.uint8), np.array([True, False]), array("B", [1, 0])]
)
def test_booleans_come_in_any_buffer_of_bytes(column: Any) -> None:
    overlay = Overlay.take(world(2), {"on": column})
    assert (overlay.buffers[place("on")], overlay.known[place("on")]) == (b"\1\0", None)


@pytest.mark.parametrize(
    ("field", "column", "entries"),
    [
        ("latency_ms", [1.0, 2.0], "doubles"),
        ("latency_ms", array("f", [1.0, 2.0]), "doubles"),
        ("latency_ms", np.array([1, 2]), "doubles"),
        ("latency_ms", np.array([[1.0, 2.0]]), "doubles"),
        ("latency_ms", np.array([1.0, 2.0]).astype(">f8"), "doubles"),
        ("latency_ms", None, "doubles"),
        ("latency_ms", bytes(2), "doubles"),
        ("on", [True, False], "bytes of 0, 1 and 255"),
        ("on", array("d", [1.0, 0.0]), "bytes of 0, 1 and 255"),
        ("on", np.array([-1, 0], np.int8), "bytes of 0, 1 and 255"),
        ("zone", "eu", "texts"),
        ("zone", {"eu": 1, "us": 2}, "texts"),
        ("pools", {("a",), ("b",)}, "sets of texts"),
    ],
)
def test_a_column_of_other_entries_is_a_bug_of_the_caller(field: str, column: Any, entries: str) -> None:
    with pytest.raises(TypeError, match=f"^the column `{field}` is not one of {entries}$"):
        Overlay.take(world(2), {field: column})


@pytest.mark.parametrize(
    ("field", "column"), [("latency_ms", array("d", [1.0])), ("on", bytes(3)), ("zone", ["eu"]), ("pools", [])]
)
def test_a_column_of_another_length_is_a_bug_of_the_caller(field: str, column: Any) -> None:
    with pytest.raises(ValueError, match=f"^the column `{field}` has {len(column)} entries for 2 candidates$"):
        Overlay.take(world(2), {field: column})


def test_a_signalling_nan_is_no_observation_like_any_other() -> None:
    signalling = struct.pack("<QQ", 0x7FF0000000000001, 0xFFF8000000000000)
    overlay = Overlay.take(world(2), {"latency_ms": memoryview(signalling).cast("d")})
    assert overlay.known[place("latency_ms")] == bytes(2)


def test_minus_zero_is_zero() -> None:
    # value/num
    for numbers in ([-0.0, 5.0], [-0.0, NAN], [-0.0, -1.0]):
        buffer = Overlay.take(world(2), {"drift": array("d", numbers)}).buffers[place("drift")]
        assert struct.pack(">d", buffer[0]) == bytes(8)


@pytest.mark.parametrize("field", ["latency_ms", "on", "zone", "pools", "price_in"])
def test_many_wrong_entries_give_a_hundred_findings(field: str) -> None:
    snapshot = world(300)
    wrong: dict[str, Any] = {"latency_ms": array("d", [-1.0] * 300), "on": bytes([2] * 300), "zone": [""] * 300,
                             "pools": [("",)] * 300, "price_in": [None] * 300}  # fmt: skip
    with pytest.raises(Refused) as refused:
        Overlay.take(snapshot, {field: wrong[field]})
    with pytest.raises(Refused) as reference:
        snapshot.with_state(update_of(snapshot, {field: wrong[field]}))
    assert len(refused.value.diagnostics) == 100
    assert refused.value.diagnostics == reference.value.diagnostics


def test_of_two_columns_the_findings_alternate_as_their_candidates_do() -> None:
    with pytest.raises(Refused) as refused:
        Overlay.take(world(200), {"on": bytes([2] * 200), "debt": array("d", [1.0] * 200)})
    pointers = [found.pointer for found in refused.value.diagnostics]
    assert pointers == [f"/m~1{i}/{field}" for i in range(50) for field in ("on", "debt")]


# --- what never changes ----------------------------------------------------------------------------------------


def test_an_overlay_keeps_a_copy() -> None:
    latency, on = np.array([1.0, 2.0]), bytearray(b"\1\0")
    overlay = Overlay.take(world(2), {"latency_ms": latency, "on": on})
    before = overlay.snapshot.fingerprint
    latency[0], on[0] = 9.0, 0
    assert overlay.buffers[place("latency_ms")].tolist() == [1.0, 2.0]
    assert overlay.buffers[place("on")] == b"\1\0"
    assert Overlay.take(world(2), {"latency_ms": np.array([1.0, 2.0]), "on": b"\1\0"}).snapshot.fingerprint == before


def test_nothing_of_an_overlay_can_be_written_to() -> None:
    snapshot = world(2)
    for overlay in (Overlay.of(snapshot), Overlay.take(snapshot, {"latency_ms": np.ones(2), "on": bytes(2)})):
        with pytest.raises(TypeError):
            overlay.buffers[place("latency_ms")][0] = 1.0
        for field in ("latency_ms", "on"):
            with pytest.raises(ValueError, match="read-only"):
                overlay.arrays[place(field)][0] = 1  # type: ignore[index]
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            overlay.buffers = ()  # type: ignore[misc]


def test_arrays_are_the_buffers_and_made_once() -> None:
    overlay = Overlay.take(world(2), {"latency_ms": np.ones(2), "on": bytes(2)})
    assert overlay.arrays is overlay.arrays
    for field in ("latency_ms", "on"):
        assert np.shares_memory(overlay.arrays[place(field)], np.frombuffer(overlay.buffers[place(field)], np.uint8))  # type: ignore[arg-type]


def test_the_other_columns_are_shared() -> None:
    snapshot = world(2)
    first = Overlay.take(snapshot, {"latency_ms": np.ones(2), "on": bytes(2)})
    second = first.replace({"on": b"\1\1"})
    shared = [one is other for one, other in zip(first.columns, second.columns, strict=True)]
    assert shared == [name != "on" for name in STATE]
    assert second.snapshot.column("latency_ms") is first.snapshot.column("latency_ms")
    assert second.snapshot.column("zone") is snapshot.column("zone")
    assert first.buffers[place("on")] == b"\0\0"


def test_an_overlay_fits_the_catalogue_part_of_its_snapshot() -> None:
    snapshot = world(2)
    overlay = Overlay.take(snapshot, {"on": bytes(2)})
    assert overlay.catalogue is snapshot.catalogue is overlay.snapshot.catalogue
    assert overlay.base is snapshot
    assert overlay.snapshot is overlay.snapshot
    assert overlay.snapshot.catalogue_fingerprint == snapshot.catalogue_fingerprint


def test_a_snapshot_has_one_overlay_of_its_own() -> None:
    snapshot = world(2)
    assert Overlay.of(snapshot) is Overlay.of(snapshot)
    assert Overlay.of(snapshot).snapshot is snapshot
    assert Overlay.of(snapshot.with_state({})) is not Overlay.of(snapshot)


def test_overlays_are_compared_by_identity() -> None:
    snapshot = world(2)
    one, other = (Overlay.take(snapshot, {"on": bytes(2)}) for _ in range(2))
    assert one != other
    assert len({one, other}) == 2
    assert repr(one) == "Overlay(2 candidates, " + ", ".join(STATE) + ")"
    assert copy.copy(one).buffers == one.buffers
