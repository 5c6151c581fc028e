"""The verb that looks for a disagreement between two implementations: fuzz."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from policy_ir.cli.conformance_options import TimeLimit
from policy_ir.cli.exits import Exit, WrongUsage, verb
from policy_ir.cli.options import Formatted
from policy_ir.cli.screen import Format, as_json, console, write_json
from policy_ir.diagnostics import quoted, suggestion

if TYPE_CHECKING:
    from rich.console import Console

    from policy_ir.conformance.differential import Search

SHOWN = 400
"""How many characters of an input are shown."""


@verb
def fuzz(
    command: Annotated[
        list[str] | None,
        typer.Argument(metavar="-- COMMAND", help="What starts the implementation.", show_default=False),
    ] = None,
    count: Annotated[int, typer.Option("--count", metavar="N", min=1, help="Requests that are answered.")] = 10_000,
    seed: Annotated[int, typer.Option("--seed", metavar="N", min=0, help="Other requests for another number.")] = 1,
    case: Annotated[
        list[str] | None,
        typer.Option("--case", metavar="NAME", help="This family of requests only.", show_default=False),
    ] = None,
    feature: Annotated[
        str | None,
        typer.Option(
            "--feature", metavar="NAME", help="Families of requests that need this feature only.", show_default=False
        ),
    ] = None,
    most: Annotated[
        int, typer.Option("--most", metavar="N", min=1, help="Families with a disagreement, then end.")
    ] = 5,
    time_limit: TimeLimit = 10.0,
    save: Annotated[
        str | None,
        typer.Option("--save", metavar="FILE", help="Write the disagreements here as JSON.", show_default=False),
    ] = None,
    format: Formatted = Format.HUMAN,
) -> Exit:
    """Ask an implementation random questions, and compare its answers with this one's.

    Policies, catalogues, facts and texts, well-formed and mangled, drawn from a seed: the same command asks the same
    questions. A disagreement is made as small as it goes before it is shown. Ends with 3 if there is one. Needs the
    extra `testing`.

        policy-ir conformance fuzz --count 100000 -- node my/subject.js
    """  # fmt: skip
    try:
        from policy_ir.conformance.differential import CASES, search
    except ImportError:
        raise WrongUsage("this verb draws with Hypothesis; `pip install 'policy-ir[testing]'` brings it") from None
    from policy_ir.cli.conformance_progress import progress
    from policy_ir.cli.conformance_run import no_subject
    from policy_ir.cli.files import check_place, save_text
    from policy_ir.conformance.runner import SubjectError

    if save is not None:
        check_place(save)
    if not command:
        raise WrongUsage("which implementation? `policy-ir conformance fuzz -- COMMAND` starts it by COMMAND")
    for name in case or ():
        if name not in CASES:
            near = suggestion(name, CASES)
            hint = f"did you mean {quoted(near)}?" if near else f"there are {', '.join(CASES)}"
            raise WrongUsage(f"no family of requests is named {quoted(name)}; {hint}")
    if feature is not None:
        case = [
            name for name, one in CASES.items() if feature in one.features and (name in case if case else one.share)
        ]
        if not case:
            raise WrongUsage(f"no family of requests needs the feature {quoted(feature)}")
    done = 0
    with progress(command[0], count) as advance:

        def on_batch(answered: int) -> None:
            nonlocal done
            advance(min(answered, count) - done)
            done = min(answered, count)

        try:
            found = search(
                command, count=count, seed=seed, cases=case or (), most=most, time_limit=time_limit, on_batch=on_batch
            )
        except SubjectError as wrong:
            raise WrongUsage(no_subject(command, str(wrong))) from None
    if save is not None:
        save_text(save, as_json([one.to_json() for one in found.disagreements]))
    if format is Format.JSON:
        write_json(found.to_json())
    else:
        _tell(console(), found)
    return Exit.DOES_NOT_HOLD if found.disagreements else Exit.FINE


def _tell(screen: Console, found: Search) -> None:
    from policy_ir.cli import layout
    from policy_ir.report.wording import counted

    lines = [[name, f"{count:,}" if count else "skipped" if found.skipped[name] else "-"]
             for name, count in found.asked.items()]  # fmt: skip
    screen.print(layout.rows(layout.table(("requests", "left"), ("answered", "right")), lines))
    for one in found.disagreements:
        written = json.dumps(one.input)
        screen.print()
        layout.say(screen, (f"{one.case}: {one.kind}", layout.HEAD))
        layout.say(screen, "  ", written if len(written) <= SHOWN else f"{written[:SHOWN]}…")
        layout.say(screen, "  ", (one.message, layout.REFUSED))
    screen.print()
    asked = counted(sum(found.asked.values()), "request")
    said = counted(len(found.disagreements), "disagreement") if found.disagreements else "no disagreement"
    style = layout.REFUSED if found.disagreements else layout.KEPT
    layout.say(screen, f"{asked} of seed {found.seed}: ", (said, style), f" in {found.seconds:.0f} s")
