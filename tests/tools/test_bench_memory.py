"""What a snapshot holds in memory, at a size that is quick to take."""

from __future__ import annotations

from bench import memory

SIZE = 4000


def test_a_snapshot_and_all_that_is_kept_with_it_stay_well_under_what_is_promised() -> None:
    rows = memory.measure(SIZE)
    assert [row["name"].partition(", ")[2] for row in rows] == [
        "fresh",
        "fingerprinted",
        "with a policy bound to it and decided",
        "with the order and the reasons read",
        "with a state overlay, fingerprinted",
    ]
    # The promise is for 20,000 candidates: half of it, for a fifth of them.
    assert max(row["megabytes"] for row in rows) < memory.BOUND / 2 * SIZE / memory.SIZE


def test_a_fingerprint_leaves_nothing_behind_but_digests() -> None:
    fresh, fingerprinted, *_ = memory.measure(SIZE)
    assert fingerprinted["megabytes"] - fresh["megabytes"] < 0.1
