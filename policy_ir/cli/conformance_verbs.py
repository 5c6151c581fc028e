"""The verbs of the conformance suite: run, list, show, copy, coverage, serve, fuzz."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from policy_ir.cli.conformance_coverage import coverage
from policy_ir.cli.conformance_fuzz import fuzz
from policy_ir.cli.conformance_run import run
from policy_ir.cli.conformance_vectors import copy, list_, show
from policy_ir.cli.exits import verb

app = typer.Typer(
    help="Test an implementation of the language.", no_args_is_help=True,
    rich_markup_mode=None, context_settings={"help_option_names": ["-h", "--help"]},
)  # fmt: skip


@verb
def serve(
    evaluator: Annotated[
        bool, typer.Option("--evaluator", help="Decide by the evaluator instead of the small-step machine.")
    ] = False,
) -> None:
    """Answer requests as a subject of the suite does.

    Reads them from standard input and writes replies to standard output, one JSON object a line, until the input ends.
    """
    from policy_ir.conformance.subject import serve as answer_all

    if sys.stdin.isatty():
        print("requests are read here, one JSON object a line; `policy-ir conformance show ID --request` prints some",
              file=sys.stderr)  # fmt: skip
    answer_all(sys.stdin.buffer, sys.stdout.buffer, evaluator=evaluator)


for _name, _verb in (("run", run), ("list", list_), ("show", show), ("copy", copy), ("coverage", coverage),
                     ("serve", serve), ("fuzz", fuzz)):  # fmt: skip
    app.command(_name, short_help=(_verb.__doc__ or "").partition("\n")[0])(_verb)
