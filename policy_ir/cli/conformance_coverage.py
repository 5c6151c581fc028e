"""The verb that proves that the vectors cover the language: coverage."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Annotated, Any

import typer

from policy_ir.cli.conformance_options import SuitePath, suite_at
from policy_ir.cli.exits import Exit, WrongUsage, verb
from policy_ir.cli.options import Formatted
from policy_ir.cli.screen import Format, console, write_json
from policy_ir.diagnostics import quoted

if TYPE_CHECKING:
    from rich.console import Console

    from policy_ir.conformance.coverage import Coverage, Subject


@verb
def coverage(
    all: Annotated[bool, typer.Option("--all", help="Show what is covered too, and by which vectors.")] = False,
    suite: SuitePath = None,
    format: Formatted = Format.HUMAN,
) -> Exit:
    """Show which rules, equations, codes and operations the vectors cover.

    Each is to be passed by a vector and denied by one. Which rules and equations a vector uses is measured with this
    implementation. Ends with 3 if something is uncovered and not exempt, or exempt and covered.

    As JSON, an object with `holds`, `vectors`, `subjects` (each with `id`, `what`, `chapter`, `passed`, `denied`,
    `missing`, and `exempt`, the reason or null), `untrue` and `unknown`.
    """  # fmt: skip
    from policy_ir.cli.conformance_progress import progress
    from policy_ir.conformance.coverage import measure

    loaded = suite_at(suite)
    try:
        with progress("measuring", len(loaded.vectors)) as advance:
            found = measure(loaded, on_vector=lambda _: advance(1))
    except ValueError as wrong:
        raise WrongUsage(f"{quoted(str(loaded.root / 'exempt.json'))}: {wrong}") from None
    if format is Format.JSON:
        write_json(_json(found, len(loaded.vectors)))
    else:
        _show(console(), found, all=all, vectors=len(loaded.vectors))
    return Exit.FINE if found.holds else Exit.DOES_NOT_HOLD


def _json(found: Coverage, vectors: int) -> dict[str, Any]:
    return {
        "holds": found.holds,
        "vectors": vectors,
        "subjects": [
            {
                "id": one.id,
                "what": one.what,
                "chapter": one.chapter,
                "passed": list(one.passed),
                "denied": list(one.denied),
                "missing": list(one.missing),
                "exempt": None if one.exemption is None else one.exemption.why,
            }
            for one in found.subjects
        ],
        "untrue": [{"vector": id, "claim": said} for id, said in found.untrue],
        "unknown": list(found.unknown),
    }


def _show(screen: Console, found: Coverage, *, all: bool, vectors: int) -> None:
    from policy_ir.cli import layout
    from policy_ir.report.wording import counted

    _summary(screen, found)
    if all:
        screen.print()
        made = layout.table(("", "left"), ("passed", "right"), ("denied", "right"), ("such as", "left"))
        screen.print(layout.rows(made, [_line(one) for one in found.subjects]))
    if found.missing:
        screen.print()
        layout.say(screen, ("not covered", layout.REFUSED))
        made = layout.table(("", "left"), ("by no vector", "left"), indent=4, header=False)
        lines = [[one.id, " or ".join(one.missing) + " by no vector"] for one in found.missing]
        screen.print(layout.rows(made, lines, indent=4))
    for title, lines in (
        ("exempt, and covered", [[one.id, f"by {one.vectors(one.needless[0])[0]}"] for one in found.needless]),
        ("exempt, and nothing of the language", [[id, ""] for id in found.unknown]),
        ("claimed by a vector, and not so", [[id, said] for id, said in found.untrue]),
    ):
        if lines:
            screen.print()
            layout.say(screen, (title, layout.REFUSED))
            screen.print(layout.rows(layout.table(("", "left"), ("", "left"), indent=4), lines, indent=4))
    screen.print()
    things = counted(
        len(found.subjects), "rule, equation, code and operation", "rules, equations, codes and operations"
    )
    if found.holds:
        exempt = sum(one.exemption is not None for one in found.subjects)
        layout.say(
            screen, ("covered", layout.KEPT), f": {things} by {counted(vectors, 'vector')}, {exempt:,} of them exempt"
        )
    else:
        layout.say(screen, ("not covered", layout.REFUSED), f": {len(found.missing):,} of {things}, over "
                   f"{counted(vectors, 'vector')}")  # fmt: skip


def _summary(screen: Console, found: Coverage) -> None:
    from policy_ir.cli import layout

    groups = list(dict.fromkeys((one.what, one.chapter) for one in found.subjects))
    size = Counter((one.what, one.chapter) for one in found.subjects)
    exempt = Counter((one.what, one.chapter) for one in found.subjects if one.exemption is not None)
    missing = Counter((one.what, one.chapter) for one in found.missing)
    made = layout.table(("", "left"), ("all", "right"), ("covered", "right"), ("exempt", "right"), ("missing", "right"))
    lines, styles = [], []
    for group in groups:
        what, chapter = group
        name = f"rules of {chapter}" if what == "rule" else f"{what}s"
        covered = size[group] - missing[group] - exempt[group]
        lines.append([name, f"{size[group]:,}", f"{covered:,}", _some(exempt[group]), _some(missing[group])])
        styles.append(layout.REFUSED if missing[group] else "")
    screen.print(layout.rows(made, lines, styles=styles))


def _some(count: int) -> str:
    return f"{count:,}" if count else ""


def _line(one: Subject) -> list[str]:
    if one.exemption is not None:
        return [one.id, "", "", f"exempt: {one.exemption.why}"]
    such = ", ".join(dict.fromkeys((*one.passed[:1], *one.denied[:1])))
    return [one.id, f"{len(one.passed):,}", f"{len(one.denied):,}", such]
