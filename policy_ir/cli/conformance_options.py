"""The options that the verbs of the conformance suite share, and what is said of a name that no vector has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

from policy_ir.cli.exits import WrongUsage
from policy_ir.diagnostics import quoted, suggestion

if TYPE_CHECKING:
    from collections.abc import Sequence

    from policy_ir.conformance.suite import Suite, Vector

Ids: TypeAlias = Annotated[
    list[str] | None,
    typer.Option("--id", metavar="GLOB", help="Vectors of this id, file or chapter.", show_default=False),
]
Kinds: TypeAlias = Annotated[
    list[str] | None, typer.Option("--kind", metavar="GLOB", help="Of this kind.", show_default=False)
]
Rules: TypeAlias = Annotated[
    list[str] | None,
    typer.Option("--rule", metavar="GLOB", help="About this rule, equation or code.", show_default=False),
]
Features: TypeAlias = Annotated[
    list[str] | None,
    typer.Option("--feature", metavar="GLOB", help="That need this feature; core: none.", show_default=False),
]
Flags: TypeAlias = Annotated[
    list[str] | None, typer.Option("--flag", metavar="GLOB", help="With this flag.", show_default=False)
]
TimeLimit: TypeAlias = Annotated[
    float, typer.Option("--time-limit", metavar="SECONDS", min=0.01, help="For one answer.")
]
SuitePath: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--suite", metavar="DIR", help="A folder that has `vectors`; the suite that comes along if not given.",
        show_default=False,
    ),
]  # fmt: skip


def suite_at(path: str | None) -> Suite:
    """The suite of a folder, or that of the package. Raises `WrongUsage` where there is none."""
    from pathlib import Path

    from policy_ir.conformance.suite import Unreadable, load_suite

    try:
        suite = load_suite(None if path is None else Path(path))
    except Unreadable as wrong:
        raise WrongUsage(str(wrong)) from None
    if not suite.vectors:
        raise WrongUsage(f"{quoted(str(suite.root))} has no folder `vectors` with vectors in it")
    return suite


def picked(suite: Suite, ids: Sequence[str] | None, kinds: Sequence[str] | None, rules: Sequence[str] | None,
           features: Sequence[str] | None, flags: Sequence[str] | None) -> tuple[Vector, ...]:  # fmt: skip
    """The vectors that options pick. Raises `WrongUsage` for a name that no vector has, and where none has all."""
    from policy_ir.conformance.selection import Selection
    from policy_ir.conformance.selection import names as names_of

    selection = Selection(
        id=tuple(ids or ()), kind=tuple(kinds or ()), rule=tuple(rules or ()), feature=tuple(features or ()),
        flag=tuple(flags or ()),
    )  # fmt: skip
    idle = selection.idle(suite.vectors)
    if idle is not None:
        what, name = idle
        near = suggestion(name, names_of(suite.vectors, what))
        hint = f"did you mean {quoted(near)}?" if near else f"`policy-ir conformance list --by {what}` shows all"
        raise WrongUsage(f"no vector has the {what} {quoted(name)}; {hint}")
    found = selection.of(suite.vectors)
    if not found:
        raise WrongUsage("no vector is all of that at once")
    return found
