"""The verbs that show the vectors of the conformance suite, and copy them out: list, show, copy."""

from __future__ import annotations

import sys
from collections import Counter
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from policy_ir.cli.conformance_options import Features, Flags, Ids, Kinds, Rules, SuitePath, picked, suite_at
from policy_ir.cli.exits import WrongUsage, verb
from policy_ir.cli.options import Formatted
from policy_ir.cli.screen import Format, console, width, write_json
from policy_ir.diagnostics import quoted, suggestion

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from policy_ir.conformance.suite import Suite, Vector


LONG = 20_000
"""A request of more characters is not shown for people: it is for `--request` to print."""


class By(StrEnum):
    """What vectors are counted by."""

    CHAPTER = "chapter"
    KIND = "kind"
    RULE = "rule"
    FEATURE = "feature"
    FLAG = "flag"


# --- list ----------------------------------------------------------------------------------------------------


@verb
def list_(
    id: Ids = None,
    kind: Kinds = None,
    rule: Rules = None,
    feature: Features = None,
    flag: Flags = None,
    by: Annotated[
        By | None,
        typer.Option(
            "--by", metavar="chapter|kind|rule|feature|flag", help="Count them by this instead.", show_default=False
        ),
    ] = None,
    ids: Annotated[bool, typer.Option("--ids", help="Only the ids, one a line.")] = False,
    suite: SuitePath = None,
    format: Formatted = Format.HUMAN,
) -> None:
    """List the vectors of the conformance suite.

    With several of --id, --kind, --rule, --feature and --flag, those that are all of it; with one of them several
    times, those that are any of it. A GLOB is a name, the first part of one, or a pattern such as `normalize/*`.

    As JSON, a list of objects with `id`, `kind`, `comment`, `rules`, `denies`, `near`, `features` and `flags`; with
    --by, an object from names to counts.
    """  # fmt: skip
    vectors = picked(suite_at(suite), id, kind, rule, feature, flag)
    if by is not None:
        _show_counts(vectors, by, format)
    elif format is Format.JSON:
        write_json([_entry(vector) for vector in vectors])
    elif ids:
        sys.stdout.write("".join(f"{vector.id}\n" for vector in vectors))
    else:
        _show_list(vectors)


def _entry(vector: Vector) -> dict[str, Any]:
    return {
        "id": vector.id,
        "kind": vector.kind,
        "comment": vector.comment,
        "rules": list(vector.rules),
        "denies": list(vector.denies),
        "near": list(vector.near),
        "features": list(vector.features),
        "flags": list(vector.flags),
    }


def _show_list(vectors: Sequence[Vector]) -> None:
    from policy_ir.cli import layout
    from policy_ir.report.wording import counted

    screen = console()
    if layout.narrow():
        for vector in vectors:
            layout.say(screen, (vector.id, layout.HEAD), (f"  {vector.kind}", layout.SOFT))
            layout.say(screen, vector.comment)
    else:
        made = layout.table(("vector", "left"), ("kind", "left"), ("", "left"))
        made.columns[0].no_wrap = True  # an id is searched for, and copied, whole
        screen.print(layout.rows(made, [[vector.id, vector.kind, vector.comment] for vector in vectors]))
    screen.print()
    layout.say(screen, (counted(len(vectors), "vector"), layout.HEAD))


def _show_counts(vectors: Sequence[Vector], by: By, format: Format) -> None:
    from policy_ir.cli import layout
    from policy_ir.conformance.selection import NAMES

    found = Counter(name for vector in vectors for name in set(NAMES[by.value](vector)))
    counts = {name: found[name] for name in sorted(found)}
    if format is Format.JSON:
        write_json(counts)
        return
    made = layout.table((by.value, "left"), ("vectors", "right"))
    console().print(layout.rows(made, [[name, f"{count:,}"] for name, count in counts.items()]))


# --- show ----------------------------------------------------------------------------------------------------


@verb
def show(
    ids: Annotated[
        list[str], typer.Argument(metavar="ID", help="Such as semantics/normalize/all-infinite.", show_default=False)
    ],
    request: Annotated[
        bool, typer.Option("--request", help="Only the messages that ask a subject about them, to be piped to one.")
    ] = False,
    suite: SuitePath = None,
    format: Formatted = Format.HUMAN,
) -> None:
    """Show vectors: what is asked, what is due, by which rules.

    As JSON, a list of objects with the members of a vector and its `kind`; `input` is that of the request.
    """
    loaded = suite_at(suite)
    vectors = [_found(id, loaded) for id in ids]
    if request:
        from policy_ir.conformance.runner.messages import hello_line, request_line

        sys.stdout.write((hello_line() + b"".join(map(request_line, vectors))).decode("ascii"))
    elif format is Format.JSON:
        write_json([_entry(one) | {"input": one.request(), "expect": dict(one.expect)} for one in vectors])
    else:
        screen = console()
        for at, vector in enumerate(vectors):
            if at:
                screen.print()
            _show_one(screen, vector)


def _found(id: str, suite: Suite) -> Vector:
    from policy_ir.conformance.selection import WILD

    vector = suite.get(id)
    if vector is not None:
        return vector
    known = [vector.id for vector in suite.vectors]
    inside = [one for one in known if one.startswith(id.rstrip("/") + "/") or one.endswith("/" + id)]
    if inside:
        more = f" and {len(inside) - 3} more" if len(inside) > 3 else ""
        named = f"{'are' if len(inside) > 1 else 'is'} {', '.join(map(quoted, inside[:3]))}"
        raise WrongUsage(f"{quoted(id)} is no whole id; there {named}{more}")
    if WILD & set(id):
        raise WrongUsage(
            f"{quoted(id)} is no whole id; `policy-ir conformance list --id GLOB` shows those of a pattern"
        )
    near = suggestion(id, known)
    hint = f"did you mean {quoted(near)}?" if near else "`policy-ir conformance list` shows all"
    raise WrongUsage(f"there is no vector {quoted(id)}; {hint}")


def _show_one(screen: Console, vector: Vector) -> None:
    from policy_ir.cli import layout
    from policy_ir.conformance.report.pretty import compact, pretty
    from policy_ir.conformance.rules import spec_rules
    from policy_ir.conformance.runner.messages import request

    rules = spec_rules()

    def block(title: str, value: Any) -> None:
        text = pretty(value, width() - 2)
        screen.print()
        layout.say(screen, (title, layout.SOFT))
        cut = text if len(text) <= LONG else f"{text[:LONG]}… ({len(text):,} characters)"
        for line in cut.split("\n"):
            layout.say(screen, f"  {line}")

    layout.say(screen, (vector.id, layout.HEAD))
    layout.say(screen, vector.comment)
    screen.print()
    lines = [("kind", vector.kind), ("features", ", ".join(vector.features) or "core")]
    lines += [("flags", ", ".join(vector.flags))] if vector.flags else []
    for title, names in (("follows by", vector.rules), ("denies", vector.denies), ("near", vector.near)):
        for name in names:
            chapter = rules[name].chapter if name in rules else "diagnostics"
            lines.append((title, f"{name}  spec/{chapter}.md{'' if name not in rules else '#' + name}"))
            title = ""
    made = layout.table(("", "left"), ("", "left"))
    screen.print(layout.rows(made, lines))
    block("input", vector.request())
    member, value = next(iter(vector.expect.items()))
    block("result that is due" if member == "result" else "findings that are due", value)
    line = compact(request(vector))
    screen.print()
    layout.say(screen, ("request, as one line", layout.SOFT))
    if len(line) <= LONG:
        screen.print(f"  {line}", soft_wrap=True)
    else:
        layout.say(screen, f"  {len(line):,} characters; --request prints it")
    again = f"ask a subject: policy-ir conformance show {vector.id} --request | COMMAND"
    screen.print(layout.assembled((again, layout.SOFT)), soft_wrap=True)


# --- copy ----------------------------------------------------------------------------------------------------


@verb
def copy(
    folder: Annotated[str, typer.Argument(metavar="DIR", help="Made if it is not there.", show_default=False)],
    force: Annotated[
        bool, typer.Option("--force", help="Write into a folder that is not empty, over what it has.")
    ] = False,
    suite: SuitePath = None,
) -> None:
    """Copy the suite out: vectors, schemas, the page of the protocol and a README.

    They are all that another runner needs, and need nothing of this program.
    """
    from pathlib import Path

    from policy_ir.cli.files import save
    from policy_ir.conformance.copying import files_of

    loaded = suite_at(suite)
    target = Path(folder)
    if target.is_dir() and any(target.iterdir()) and not force:
        raise WrongUsage(f"{quoted(folder)} is not empty; --force writes into it")
    if target.exists() and not target.is_dir():
        raise WrongUsage(f"{quoted(folder)} is no folder")
    files = files_of(loaded.root)
    for name, data in files:
        path = target / name
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise WrongUsage(f"`{path.parent}` cannot be made: {(error.strerror or 'it fails').lower()}") from None
        save(str(path), data)
    sys.stdout.write(f"the suite is in {folder}; its README.md says what is where\n")
