"""The arguments and options that verbs share, each with its one wording."""

from __future__ import annotations

from typing import Annotated, TypeAlias

import typer

from policy_ir.cli.screen import Format

Files: TypeAlias = Annotated[
    list[str],
    typer.Argument(metavar="FILE", help="Terms or flows; - is standard input.", show_default=False),
]
PolicyFile: TypeAlias = Annotated[
    str, typer.Argument(metavar="POLICY", help="A policy in any syntax; - is standard input.", show_default=False)
]
Formatted: TypeAlias = Annotated[
    Format, typer.Option("--format", metavar="human|json", help="How results and diagnostics are written.")
]
VocabularyName: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--vocabulary",
        metavar="NAME|FILE",
        help="`core`, `standard` or a .json or .toml file; standard if not given.",
        show_default=False,
    ),
]
CatalogPath: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--catalog", metavar="FILE", help="A catalogue file; the shipped one if not given.", show_default=False
    ),
]
FloorPath: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--floor",
        metavar="FILE",
        help="The host's floor: a predicate, or JSON with `filter` and `mutate`.",
        show_default=False,
    ),
]
FactsText: TypeAlias = Annotated[
    str | None,
    typer.Option("--facts", metavar="JSON|@FILE", help="What the request requires and is.", show_default=False),
]
ChatPath: TypeAlias = Annotated[
    str | None,
    typer.Option("--chat", metavar="FILE", help="An OpenAI chat body to derive facts from.", show_default=False),
]
SeedText: TypeAlias = Annotated[
    str | None,
    typer.Option("--seed", metavar="N", help="An integer from 0 to 2^53 - 1.", show_default=False),
]
Faults: TypeAlias = Annotated[
    list[str] | None,
    typer.Option(
        "--fault",
        metavar="CANDIDATE=FAULT",
        help="With --sandbox, what goes wrong at a candidate, such as north/large=rate_limit.",
        show_default=False,
    ),
]
Pace: TypeAlias = Annotated[
    float, typer.Option("--pace", metavar="X", min=0, help="With --sandbox, how slow answers are; 0 for at once.")
]
