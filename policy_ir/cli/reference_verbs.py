"""The verbs that look things up: fields, schema, help."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from policy_ir.cli.exits import Exit, WrongUsage, verb
from policy_ir.cli.inputs import Inputs
from policy_ir.cli.options import Formatted, VocabularyName
from policy_ir.cli.screen import Format, console, write_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from policy_ir.vocabulary import FieldDeclaration, ParamDeclaration, Vocabulary


class FieldSort(StrEnum):
    """The sorts of fields."""

    NUM = "num"
    BOOL = "bool"
    TAG = "tag"
    TAGS = "tags"


class Source(StrEnum):
    """Where fields come from."""

    CATALOGUE = "catalogue"
    STATE = "state"
    REQUEST = "request"
    DERIVED = "derived"


class Purpose(StrEnum):
    """What a schema is for."""

    VALIDATION = "validation"
    GENERATION = "generation"


# --- fields --------------------------------------------------------------------------------------------------


@verb
def fields(
    words: Annotated[
        list[str] | None,
        typer.Argument(metavar="[WORD]...", help="Only what has all of these in its name or text.", show_default=False),
    ] = None,
    vocabulary: VocabularyName = None,
    sort: Annotated[
        FieldSort | None,
        typer.Option("--sort", metavar="num|bool|tag|tags", help="Only fields of this sort.", show_default=False),
    ] = None,
    source: Annotated[
        Source | None,
        typer.Option(
            "--source", metavar="catalogue|state|request|derived", help="Only fields from there.", show_default=False
        ),
    ] = None,
    format: Formatted = Format.HUMAN,
) -> None:
    """Show the fields and other names that a policy can use.

    Fields with units and defaults, request parameters, needs, tiers and filter steps.

    As JSON, an object with `vocabulary`, `fingerprint`, `fields`, `params`, `tiers`, `needs`, `recipes` and `customs`.
    """
    declared = Inputs().vocabulary(vocabulary)
    wanted = [
        field
        for field in declared.fields.values()
        if (sort is None or field.sort == sort)
        and (source is None or field.source == source)
        and all(word.lower() in f"{field.name} {field.about}".lower() for word in words or [])
    ]
    whole = not (words or sort or source)
    if format is Format.JSON:
        from policy_ir.vocabulary.plain import vocabulary_json

        write_json(vocabulary_json(declared, wanted))
        return
    if not wanted:
        raise WrongUsage("no field is like that; `policy-ir fields` shows all")
    _show_fields(wanted)
    if whole:
        _show_rest(declared)


def _show_fields(fields: Sequence[FieldDeclaration]) -> None:
    from policy_ir.cli import layout

    screen = console()
    if layout.narrow():
        made = layout.table(("field", "left"), ("sort", "left"), ("about", "left"))
        screen.print(layout.rows(made, [[field.name, field.sort, field.about] for field in fields]))
        return
    made = layout.table(
        ("field", "left"), ("sort", "left"), ("unit", "left"), ("default", "right"), ("source", "left"),
        ("about", "left"),
    )  # fmt: skip
    lines = [[field.name, field.sort, field.unit or "", _default(field), field.source, field.about] for field in fields]
    screen.print(layout.rows(made, lines))


def _default(field: FieldDeclaration) -> str:
    from policy_ir.report import wording

    match field.default:
        case None:
            return ""
        case bool():
            return "true" if field.default else "false"
        case _:
            return wording.number(field.default)


def _show_rest(vocabulary: Vocabulary) -> None:
    from policy_ir.cli import layout

    screen = console()
    screen.print()
    made = layout.table(("request parameter", "left"), ("values", "left"), ("about", "left"))
    screen.print(layout.rows(made, [[param.name, _values(param), param.about] for param in vocabulary.params.values()]))
    screen.print()
    made = layout.table(("need", "left"), ("capability", "left"))
    screen.print(layout.rows(made, [[need, capability] for need, capability in vocabulary.needs.items()]))
    screen.print()
    layout.say(screen, ("tiers         ", layout.SOFT), " < ".join(vocabulary.tiers))
    layout.say(screen, ("filter steps  ", layout.SOFT), ", ".join(vocabulary.recipes) or "none")
    layout.say(screen, ("customs       ", layout.SOFT), ", ".join(vocabulary.customs) or "none")
    screen.print()
    layout.fingerprints(screen, [("vocabulary", vocabulary.fingerprint)])


def _values(param: ParamDeclaration) -> str:
    from policy_ir.report import wording

    if param.choices:
        return ", ".join(param.choices)
    if param.minimum is None and param.maximum is None:
        return param.sort
    low, high = ("" if bound is None else wording.number(bound, 16) for bound in (param.minimum, param.maximum))
    return (
        f"{param.sort}, {low} to {high}"
        if low and high
        else f"{param.sort} from {low}"
        if low
        else f"{param.sort} to {high}"
    )


# --- schema --------------------------------------------------------------------------------------------------


@verb
def schema(
    sort: Annotated[
        str,
        typer.Option(
            "--sort",
            metavar="SORT",
            help="Policy, Pred, Scorer, Pointwise, Selector, Xform, FailPlan, Term for any of them, or Flow.",
        ),
    ] = "Policy",
    vocabulary: Annotated[
        str | None,
        typer.Option(
            "--vocabulary", metavar="NAME|FILE", help="Allow only the names of this vocabulary.", show_default=False
        ),
    ] = None,
    purpose: Annotated[
        Purpose,
        typer.Option(
            "--for",
            metavar="validation|generation",
            help="For editors and validators, or, without conditions, for structured output of a model.",
        ),
    ] = Purpose.VALIDATION,
) -> None:
    """Print the JSON Schema (draft 2020-12) of the wire syntax.

    It cannot state the bounds on depth, nodes and work; validate says the last word.
    """  # fmt: skip
    from policy_ir.diagnostics import quoted, suggestion
    from policy_ir.schema import SCHEMAS, json_schema

    if sort not in SCHEMAS:
        near = suggestion(sort, SCHEMAS)
        hint = f"did you mean {quoted(near)}?" if near else f"there are {', '.join(SCHEMAS)}"
        raise WrongUsage(f"there is no sort {quoted(sort)}; {hint}")
    declared = None if vocabulary is None else Inputs().vocabulary(vocabulary)
    write_json(json_schema(sort, declared, "generation" if purpose is Purpose.GENERATION else "validation"))


# --- help ----------------------------------------------------------------------------------------------------


@verb
def help_(
    words: Annotated[
        list[str] | None,
        typer.Argument(metavar="[CODE|COMMAND]", help="Such as PIR0203, decide, or catalog show.", show_default=False),
    ] = None,
    format: Formatted = Format.HUMAN,
) -> Exit:
    """Print the page of a diagnostic code, or of a command.

    Without either, list both."""
    from policy_ir.cli.app import VERBS, run_verb
    from policy_ir.diagnostics import CODES, page, quoted, suggestion

    if not words:
        if format is Format.JSON:
            write_json([{"code": str(c), "title": c.title, "severity": c.severity.value} for c in CODES.values()])
            return Exit.FINE
        run_verb(["--help"])
        sys.stdout.write("\nDiagnostic codes:\n")
        for code in CODES.values():
            sys.stdout.write(f"  {code}  {code.title}{' (warning)' if code.severity.value == 'warning' else ''}\n")
        return Exit.FINE
    if words[0].lower() in VERBS:
        return Exit(run_verb([*map(str.lower, words), "--help"]))
    topic = " ".join(words)
    found = CODES.get(topic.upper()) or CODES.get(f"PIR{topic.zfill(4)}")
    if found is None:
        near = suggestion(topic.upper(), CODES) or suggestion(topic, VERBS)
        hint = f"; did you mean {quoted(near)}?" if near else "; `policy-ir help` lists them"
        raise WrongUsage(f"there is no code or command {quoted(topic)}{hint}")
    text = page(found)
    if format is Format.JSON:
        write_json({"code": str(found), "title": found.title, "severity": found.severity.value, "page": text})
    else:
        sys.stdout.write(text if text.endswith("\n") else f"{text}\n")
    return Exit.FINE
