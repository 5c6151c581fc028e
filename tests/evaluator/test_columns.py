"""Arrays of a catalogue: one set for all its states, read-only, and what is kept of them is bounded."""

from __future__ import annotations

import numpy as np
import pytest
from array_worlds import ARRAYS, world

from policy_ir.diagnostics import InternalError
from policy_ir.evaluator import columns as columns_module
from policy_ir.evaluator.columns import columns_of
from policy_ir.evaluator.overlay import Overlay
from policy_ir.evaluator.scene import Scene


def test_snapshots_that_differ_in_their_state_only_share_their_arrays() -> None:
    snapshot = world(5, 1).environment.snapshot
    other = snapshot.with_state({"m0": {"load": 0.5}})
    assert columns_of(snapshot) is columns_of(other)
    assert columns_of(world(5, 1).environment.snapshot) is not columns_of(snapshot)


def test_columns_are_read_only_and_show_what_the_snapshot_shows() -> None:
    snapshot = world(40, 2).environment.snapshot
    columns = columns_of(snapshot)
    for field, declared in ARRAYS.fields.items():
        if declared.source != "catalogue":
            continue
        shown = [snapshot.observe(i, field) for i in range(40)]
        assert columns.known(field).tolist() == [one.known for one in shown]
        arrays = [columns.known(field)]
        if declared.sort == "num":
            arrays.append(columns.numbers(field))
            assert columns.numbers(field).tolist() == [one.value for one in shown]
            assert columns.compared(field, "ge", 1.0).tolist() == [one.value >= 1.0 for one in shown]
        elif declared.sort == "bool":
            arrays.append(columns.flags(field))
            assert columns.flags(field).tolist() == [one.value for one in shown]
        else:
            arrays.append(columns.tags(field, ("eu", "p", "nobody")))
        for array in arrays:
            with pytest.raises(ValueError, match="read-only"):
                array[0] = array[1]


def test_keys_are_compared_as_the_snapshot_has_them() -> None:
    snapshot = world(40, 3).environment.snapshot
    columns, rows = columns_of(snapshot), range(40)
    assert columns.equals("tier", "fallback").tolist() == [snapshot.tier(i) == "fallback" for i in rows]
    assert columns.equals("scope", None).tolist() == [snapshot.scope(i) is None for i in rows]
    assert columns.in_scope("team-a").tolist() == [snapshot.scope(i) in (None, "team-a") for i in rows]
    assert columns.equals("provider", "nobody").tolist() == [False] * 40
    assert columns.capability("x").tolist() == [snapshot.has_capability(i, "x") for i in rows]
    assert columns.capability("nothing").tolist() == [False] * 40
    assert columns.tier_rank.tolist() == [ARRAYS.tier_rank(snapshot.tier(i)) for i in rows]
    assert columns.ids.tolist() == list(snapshot.ids)
    numbers, pairs = columns.pairs
    assert [numbers[snapshot.provider(i), snapshot.family(i)] for i in rows] == pairs.tolist()


def test_a_bounded_number_of_masks_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    columns = columns_of(world(3, 4).environment.snapshot)
    monkeypatch.setattr(columns_module, "MASKS", 4)
    assert columns.equals("provider", "p") is columns.equals("provider", "p")
    for number in range(50):
        expected = columns.numbers("width") < float(number)
        assert columns.compared("width", "lt", float(number)).tolist() == expected.tolist()
        assert len(columns._masks) <= 4


def test_a_bound_of_another_relation_or_field_is_another_mask() -> None:
    columns = columns_of(world(30, 5).environment.snapshot)
    for field in ("width", "quality"):
        for rel, expected in (("lt", np.less), ("le", np.less_equal), ("gt", np.greater), ("ge", np.greater_equal)):
            found = columns.compared(field, rel, 1.0)  # type: ignore[arg-type]
            assert found.tolist() == expected(columns.numbers(field), 1.0).tolist()


def test_a_scene_shows_every_field_of_every_source() -> None:
    for number in range(6):
        one = world(12, number)
        env, scene = one.environment, one.scene
        for field, declared in ARRAYS.fields.items():
            shown = [env.observe(i, field) for i in range(12)]
            assert np.broadcast_to(scene.known(field), 12).tolist() == [seen.known for seen in shown]
            if declared.sort == "num":
                with np.errstate(all="ignore"):
                    values = np.broadcast_to(scene.numbers(field), 12)
                    np.testing.assert_array_equal(values, [seen.value for seen in shown])
            elif declared.sort == "bool":
                assert np.broadcast_to(scene.flags(field), 12).tolist() == [seen.value for seen in shown]
            else:
                tags = [seen.value if isinstance(seen.value, tuple) else (seen.value,) for seen in shown]
                found = np.broadcast_to(scene.tags(field, ("eu", "p")), 12).tolist()
                assert found == [bool({"eu", "p"} & set(some)) for some in tags]


def test_what_has_no_formula_is_a_fault_of_the_package() -> None:
    one = world(2, 1)
    scene = Scene(columns_of(one.environment.snapshot), Overlay.of(one.environment.snapshot), one.scene.facts)
    for asked in (scene.flags, lambda field: scene.tags(field, ("a",))):
        with pytest.raises(InternalError):
            asked("call_cost")
