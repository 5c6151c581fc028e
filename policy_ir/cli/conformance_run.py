"""The verb that asks implementations about the vectors: run."""

from __future__ import annotations

import contextlib
import io
import re
import shlex
import sys
from collections.abc import Callable
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from policy_ir.cli.conformance_options import (
    Features,
    Flags,
    Ids,
    Kinds,
    Rules,
    SuitePath,
    TimeLimit,
    picked,
    suite_at,
)
from policy_ir.cli.exits import Exit, WrongUsage, verb
from policy_ir.cli.files import check_place
from policy_ir.cli.screen import as_json, console
from policy_ir.diagnostics import quoted, suggestion

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from policy_ir.conformance.report import Judged, Results
    from policy_ir.conformance.suite import Vector

_NAMED = re.compile(r"([A-Za-z0-9][A-Za-z0-9_.+-]*)=(.*)", re.DOTALL)


class ReportFormat(StrEnum):
    """How a run is reported."""

    HUMAN = "human"
    JSON = "json"
    JUNIT = "junit"
    HTML = "html"


def _also(name: str, what: str) -> typer.models.OptionInfo:
    option: typer.models.OptionInfo = typer.Option(name, metavar="FILE", help=what, show_default=False)
    return option


@verb
def run(
    command: Annotated[
        list[str] | None,
        typer.Argument(metavar="-- COMMAND", help="What starts the implementation.", show_default=False),
    ] = None,
    subject: Annotated[
        list[str] | None,
        typer.Option(
            "--subject",
            metavar="NAME='COMMAND'",
            help="An implementation by a name of yours; several are shown side by side.",
            show_default=False,
        ),
    ] = None,
    id: Ids = None,
    kind: Kinds = None,
    rule: Rules = None,
    feature: Features = None,
    flag: Flags = None,
    known: Annotated[
        list[str] | None,
        typer.Option(
            "--known",
            metavar="[NAME=]FILE",
            help="Failures that are known, of all subjects or of one: TOML or JSON, ids with the expected message.",
            show_default=False,
        ),
    ] = None,
    time_limit: TimeLimit = 10.0,
    all: Annotated[bool, typer.Option("--all", help="Show every failure.")] = False,
    format: Annotated[
        ReportFormat, typer.Option("--format", metavar="human|json|junit|html", help="What is written to --output.")
    ] = ReportFormat.HUMAN,
    output: Annotated[
        str, typer.Option("-o", "--output", metavar="FILE", help="Write the report here; - is standard output.")
    ] = "-",
    json: Annotated[str | None, _also("--json", "Write it as JSON here as well.")] = None,
    junit: Annotated[str | None, _also("--junit", "Write it as JUnit XML here as well.")] = None,
    html: Annotated[str | None, _also("--html", "Write it as a page here as well.")] = None,
    suite: SuitePath = None,
) -> Exit:
    """Run implementations against the conformance suite.

    An implementation is a program that speaks the protocol; `policy-ir conformance serve` is one. Ends with 3 if a
    vector fails, or passes although it is listed as a known failure, or if the program does not end as it should, and
    with 2 if a program is no such thing. A program that has kept it waiting in vain for five minutes is given up.

    One is named after two hyphens, `policy-ir conformance run -- node subject.js`, or each by --subject, such as
    --subject mine='node subject.js'. With several of --id, --kind, --rule, --feature and --flag, vectors are asked
    that are all of it.

    As JSON, an object with `report`, `runner`, `vectors`, `passed`, `subjects` (each with `name`, `command`, `hello`,
    `seconds`, `counts`, `ending` and `outcomes`) and `rules`.
    """  # fmt: skip
    named = _subjects(command or [], subject or [])
    loaded = suite_at(suite)
    vectors = picked(loaded, id, kind, rule, feature, flag)
    failures = _known(known or [], [name for name, _ in named], [vector.id for vector in loaded.vectors])
    for path in (output, json, junit, html):
        if path is not None:
            check_place(path)
    results = _results(named, vectors, failures, time_limit)
    for one in results.subjects:
        _question(one.name, one.run.hello)
    _write(output, lambda: _text(results, format, all=all))
    for path, other in ((json, ReportFormat.JSON), (junit, ReportFormat.JUNIT), (html, ReportFormat.HTML)):
        if path is not None:
            _write(path, lambda other=other: _text(results, other, all=all))  # type: ignore[misc]
    return Exit.FINE if results.passed else Exit.DOES_NOT_HOLD


# --- who is asked --------------------------------------------------------------------------------------------


def _subjects(command: Sequence[str], subjects: Sequence[str]) -> list[tuple[str | None, tuple[str, ...]]]:
    """The commands, each with its name; None for one that is to name itself."""
    found: list[tuple[str | None, tuple[str, ...]]] = []
    for given in subjects:
        match = _NAMED.fullmatch(given)
        name, text = (match[1], match[2]) if match else (None, given)
        try:
            words = tuple(shlex.split(text))
        except ValueError as wrong:
            raise WrongUsage(f"the command {quoted(text)} cannot be divided into words: {str(wrong).lower()}") from None
        if not words:
            raise WrongUsage(f"--subject {quoted(given)} has no command; write NAME='COMMAND'")
        found.append((name, words))
    if command:
        found.append((None, tuple(command)))
    if not found:
        raise WrongUsage("which implementation? `policy-ir conformance run -- COMMAND` starts it by COMMAND")
    names = [name for name, _ in found if name is not None]
    for name in names:
        if names.count(name) > 1:
            raise WrongUsage(f"two subjects have the name {quoted(name)}")
    return found


def _known(
    given: Sequence[str], names: Sequence[str | None], ids: Sequence[str]
) -> Mapping[str | None, dict[str, str]]:
    """The known failures: under None those of all subjects, and those of single ones by name."""
    from pathlib import Path

    from policy_ir.conformance.runner import read_known

    found: dict[str | None, dict[str, str]] = {}
    for one in given:
        match = _NAMED.fullmatch(one)
        name, path = (match[1], match[2]) if match and match[1] in names else (None, one)
        try:
            failures = read_known(Path(path))
        except (OSError, ValueError) as wrong:
            said = (wrong.strerror or "it fails").lower() if isinstance(wrong, OSError) else str(wrong)
            if match is not None and name is None and isinstance(wrong, FileNotFoundError):
                said = f"there is no such file, and no --subject {quoted(match[1])}"
            raise WrongUsage(f"the known failures in {quoted(path)} cannot be read: {said}") from None
        for id in failures:
            if id not in ids:
                near = suggestion(id, ids)
                hint = f"; did you mean {quoted(near)}?" if near else ""
                raise WrongUsage(f"{quoted(path)} knows a failure of {quoted(id)}, and there is no such vector{hint}")
        found.setdefault(name, {}).update(failures)
    return found


def _results(
    named: Sequence[tuple[str | None, tuple[str, ...]]],
    vectors: Sequence[Vector],
    known: Mapping[str | None, dict[str, str]],
    time_limit: float,
) -> Results:
    from policy_ir.cli.conformance_progress import progress
    from policy_ir.conformance.report import Judged, Results
    from policy_ir.conformance.runner import SubjectError
    from policy_ir.conformance.runner import run as run_all

    judged: list[Judged] = []
    for name, command in named:
        failures = known.get(None, {}) | (known.get(name, {}) if name is not None else {})
        try:
            with progress(name or command[0], len(vectors)) as advance:
                ended = run_all(
                    vectors, command, time_limit=time_limit, known=failures, on_outcome=lambda _: advance(1)
                )
        except SubjectError as wrong:
            raise WrongUsage(no_subject(command, str(wrong))) from None
        judged.append(Judged(_unique(name or str(ended.hello.get("implementation") or command[0]), judged), ended))
    return Results(tuple(judged))


def no_subject(command: Sequence[str], said: str) -> str:
    """What is wrong with a command, by its name and with what to do."""
    from pathlib import Path

    if said.endswith("cannot be started: no such file or directory"):
        if Path(command[0]).is_file():
            return f"{quoted(command[0])} cannot be started: there is no such program as its first line names"
        return f"{quoted(command[0])} cannot be started: there is no such program"
    if "cannot be started" in said:
        return said
    shown = quoted(" ".join(command))
    return f"{shown} does not speak the protocol: {said} (`policy-ir conformance copy DIR` writes the page about it)"


def _unique(name: str, others: Sequence[Judged]) -> str:
    taken = {one.name for one in others}
    number = 2
    found = name
    while found in taken:
        found, number = f"{name} ({number})", number + 1
    return found


def _question(name: str, hello: Mapping[str, object]) -> None:
    """Say which kinds and features of a hello are none: what they should have been is skipped, and nothing fails."""
    from policy_ir.conformance.subject import FEATURES, KINDS

    for what, known in (("kind", KINDS), ("feature", ("core", *FEATURES))):
        given = hello.get(f"{what}s")
        for one in given if isinstance(given, list) else ():
            if one not in known:
                near = suggestion(one, known)
                hint = f"did you mean {quoted(near)}?" if near else f"there are {', '.join(known)}"
                said = f"warning: the hello of {quoted(name)} has the {what} {quoted(one)}, which there is not; {hint}"
                print(said, file=sys.stderr)


# --- what is written -----------------------------------------------------------------------------------------


def _write(path: str, text: Callable[[], str | None]) -> None:
    """Write a report to a file, or to standard output, which a report for people writes itself."""
    from policy_ir.cli.files import save_text

    if path == "-":
        made = text()
        if made is not None:
            save_text(path, made)
        return
    with contextlib.redirect_stdout(io.StringIO()) as caught:
        made = text()
    save_text(path, caught.getvalue() if made is None else made)


def _text(results: Results, format: ReportFormat, *, all: bool) -> str | None:
    """The report as a text; None where it has been written to standard output."""
    match format:
        case ReportFormat.HUMAN:
            from policy_ir.cli.conformance_telling import tell

            tell(console(), results, all=all)
            return None
        case ReportFormat.JSON:
            from policy_ir.conformance.report.plain import to_json

            return as_json(to_json(results))
        case ReportFormat.JUNIT:
            from policy_ir.conformance.report.junit import to_junit

            return to_junit(results)
        case _:
            from policy_ir.conformance.report.page import html_page

            return html_page(results)
