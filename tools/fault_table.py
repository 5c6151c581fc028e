"""Play the fault matrix, and write what comes of it into docs/reference/faults.md.

    python tools/fault_table.py [--check]

Every row is played, and the page is written if each came out as it says; else what did not is told, and the exit code
is 3. With `--check` nothing is played or written, and the exit code is 3 if the page does not say what the rows do.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Callable, Iterable
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "router")]

from fault_matrix import ROWS  # noqa: E402
from fault_row import Row, Told, Try, differences  # noqa: E402
from fault_stage import play  # noqa: E402

PAGE = ROOT / "docs" / "reference" / "faults.md"
BEGIN = "<!-- made by tools/fault_table.py -->\n"

ASKED = {("whole",): "as a whole", ("stream",): "as a stream", ("whole", "stream"): "either way"}


def made() -> str:
    """The part of the page that the rows say: a table for each group."""
    tables = []
    for group in dict.fromkeys(row.group for row in ROWS):
        lines = [
            f"## {group}\n",
            "| what goes wrong | asked for | the caller gets | attempts | it takes | the trace |",
            "|---|---|---|---|---|---|",
            *(_line(row) for row in ROWS if row.group == group),
        ]
        tables.append("\n".join(lines) + "\n")
    return "\n" + "\n".join(tables)


def _line(row: Row) -> str:
    cells = (
        row.name,
        ASKED[row.ways],
        _each(row, lambda told: told.got),
        _each(row, lambda told: str(len(told.hops))),
        _time(row),
        _each(row, _trace),
    )
    return "| " + " | ".join(cells) + " |"


def _each(row: Row, words: Callable[[Told], str]) -> str:
    """A cell about all calls of a row; calls of which the same is true stand together."""
    said = [(len(list(alike)), one) for one, alike in groupby(words(told) for told in row.tells)]
    if len(said) == 1:
        return said[0][1]
    return "<br>".join(f"{count} × {one}" if count > 1 else one for count, one in said)


def _time(row: Row) -> str:
    most = f"{row.most_ms / 1000:g} s"
    return f"{row.least_ms / 1000:g} to {most}" if row.least_ms else f"less than {most}"


def _trace(told: Told) -> str:
    if told.outcome is None:
        return "none"
    return "; ".join((f"`{told.outcome}`", *map(_hop, told.hops)))


def _hop(hop: Try) -> str:
    cost = "" if hop.cost == "none" else f", cost by {hop.cost}"
    if hop.outcome == "ok":
        return f"{hop.candidate} answers{cost}"
    if hop.outcome == "cancelled":
        return f"{hop.candidate} cancelled{cost}"
    status = "" if hop.status is None else f" ({hop.status})"
    return f"{hop.candidate} `{hop.reason}`{status}{cost}: {hop.action}"


def played(rows: Iterable[Row]) -> list[str]:
    """Play rows, each way; what did not come out as they say."""
    wrong = []
    for row in rows:
        for way in row.ways:
            with TemporaryDirectory() as folder:
                came = asyncio.run(play(row, way, Path(folder)))
            wrong += [f"{row.group}: {row.name} [{way}]: {said}" for said in differences(row, came)]
            print(f"{came.took_ms:7.0f} ms  {row.name} [{way}]")
    return wrong


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--check", action="store_true")
    check = options.parse_args().check
    before, _, old = PAGE.read_text("utf-8").partition(BEGIN)
    if check:
        return 0 if old == made() else 3
    wrong = played(ROWS)
    if wrong:
        print("\n".join(wrong), file=sys.stderr)
        return 3
    PAGE.write_text(before + BEGIN + made(), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
