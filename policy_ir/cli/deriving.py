"""How a derivation is laid out: one step a line, or one step a paragraph where there is no room."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from policy_ir.cli import layout
from policy_ir.report import wording

if TYPE_CHECKING:
    from rich.console import Console

    from policy_ir.semantics.machine import Step


def show_steps(console: Console, steps: Sequence[tuple[int, Step]], *, total: int, more: int, single: bool) -> None:
    """The steps with their numbers; candidates are left out where all steps are about one."""
    narrow = layout.narrow()
    if narrow:
        for number, one in steps:
            layout.say(console, (f"{number:>5} ", layout.SOFT), (one.rule, layout.HEAD), _about(one, single))
            layout.say(console, f"      {one.redex}")
            layout.say(console, f"      → {one.result}")
    else:
        columns: list[tuple[str, layout.Justify]] = [("step", "right"), ("rule", "left")]
        columns += [] if single else [("candidate", "left")]
        made = layout.table(*columns, ("redex", "left"), ("result", "left"))
        lines = [
            [str(number), one.rule, *([] if single else [_name(one)]), one.redex, one.result] for number, one in steps
        ]
        console.print(layout.rows(made, lines))
    console.print()
    hidden = f"; {more:,} more match, --limit 0 shows all" if more else ""
    layout.say(console, (f"{wording.counted(len(steps), 'step')} shown of {total:,} in all{hidden}", layout.SOFT))


def _name(one: Step) -> str:
    return "" if one.candidate is None else one.environment.snapshot.ids[one.candidate]


def _about(one: Step, single: bool) -> str:
    name = _name(one)
    return "" if single or not name else f"  {name}"
