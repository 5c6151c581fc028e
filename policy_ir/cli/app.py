"""The typer application: the table of verbs, of which only the one that was asked for is imported."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Annotated, Any

import typer

from policy_ir.cli.exits import Exit

VERBS: dict[str, str] = {
    "validate": "term_verbs:validate",
    "hash": "term_verbs:hash_",
    "fmt": "term_verbs:fmt",
    "normalize": "term_verbs:normalize",
    "decide": "decision_verbs:decide",
    "explain": "decision_verbs:explain",
    "step": "decision_verbs:step",
    "flow": "flow_verbs:app",
    "bench": "bench_verb:bench",
    "fields": "reference_verbs:fields",
    "catalog": "catalog_verbs:app",
    "schema": "reference_verbs:schema",
    "serve": "serve_verb:serve",
    "trace": "trace_verbs:app",
    "replay": "replay_verb:replay",
    "key": "key_verbs:app",
    "conformance": "conformance_verbs:app",
    "help": "reference_verbs:help_",
    "demo": "demo_verb:demo",
}
"""The verbs, each with the module of `policy_ir.cli` and the name in it; a typer application there is a group."""

ABOUT = """Say in a small language which model an LLM call may use, and see why one was chosen.

Policies and flows are files in the authoring syntax (.policy), the wire syntax (JSON) or canonical bytes (.cbor), or -
for standard input. Results go to standard output, diagnostics to standard error.

Exit codes: 0 fine, 1 the input is refused, 2 wrong usage, 3 a check does not hold, 4 a fault of policy-ir.
"""


def application(verbs: Sequence[str] | None = None) -> typer.Typer:
    """The application with these verbs, or with all."""
    app = typer.Typer(
        name="policy-ir",
        help=ABOUT,
        add_completion=False,
        no_args_is_help=True,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        pretty_exceptions_show_locals=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_options)
    for name in VERBS if verbs is None else verbs:
        module, _, attribute = VERBS[name].partition(":")
        made: Any = getattr(import_module(f"policy_ir.cli.{module}"), attribute)
        if isinstance(made, typer.Typer):
            app.add_typer(made, name=name)
        else:
            app.command(name, short_help=(made.__doc__ or "").partition("\n")[0])(made)
    return app


def run_verb(arguments: Sequence[str]) -> int:
    """Parse and run a command; the result is its exit code."""
    known = arguments[0] if arguments and arguments[0] in VERBS else None
    command = typer.main.get_command(application(None if known is None else [known]))
    try:
        code = command.main(list(arguments), prog_name="policy-ir", standalone_mode=False)
    except typer.Abort:
        return int(Exit.INTERRUPTED)
    except SystemExit as left:  # its answer to a closed pipe, the only place where it leaves by itself
        raise BrokenPipeError from left
    except Exception as wrong:
        if not hasattr(wrong, "show"):
            raise
        wrong.message = wrong.message.replace("Value error, ", "")  # type: ignore[attr-defined]
        wrong.show()
        return int(Exit.USAGE)
    return code if isinstance(code, int) else int(Exit.FINE)


def _version(asked: bool) -> None:
    if asked:
        from policy_ir import __version__

        print(f"policy-ir {__version__}, language policy-ir/1", file=sys.stdout)
        raise typer.Exit


def _options(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and leave.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """What stands before the verb."""
