"""The fault matrix: what comes of a call where something goes wrong, over real sockets."""

from __future__ import annotations

from pathlib import Path

import pytest
from fault_matrix import ROWS
from fault_row import Row, Way, differences
from fault_stage import play
from fault_table import BEGIN, PAGE, made
from running import run

PLAYS = [(row, way) for row in ROWS for way in row.ways]
IDS = [name for row in ROWS for name in row.ids]


@pytest.mark.parametrize(("row", "way"), PLAYS, ids=IDS)
def test_a_fault_comes_to_what_its_row_says(row: Row, way: Way, tmp_path: Path) -> None:
    @run
    async def played() -> None:
        assert differences(row, await play(row, way, tmp_path)) == []

    played()


def test_each_row_has_a_name_of_its_own() -> None:
    named = [(row.group, row.name, way) for row, way in PLAYS]
    assert len(named) == len(set(named))


def test_the_page_says_what_the_rows_say() -> None:
    assert PAGE.read_text("utf-8").partition(BEGIN)[2] == made()
