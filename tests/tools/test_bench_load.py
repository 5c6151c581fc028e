"""The benchmark of loading measures policies of the sizes that it names, each beside its yardstick."""

from __future__ import annotations

import random

from bench.load import LARGE, SMALL, large, measure, nodes_of, small


def test_the_policies_have_the_sizes_that_are_promised() -> None:
    draw = random.Random(1)
    assert (nodes_of(small(draw)), nodes_of(large(draw))) == (SMALL, LARGE)


def test_every_row_is_a_yardstick_or_has_a_ratio_to_one() -> None:
    yardsticks: set[str] = set()
    rows = measure(20)
    assert len(rows) == 12
    for row in rows:
        assert 0 < row["median_us"] <= row["p99_us"]
        if row["ratio_to"] is None:
            yardsticks.add(row["name"])
        else:
            assert row["ratio_to"].keys() <= yardsticks
