"""`policy-ir key`: bearer keys of the router."""

from __future__ import annotations

from typing import Annotated

import typer

from policy_ir.cli.exits import WrongUsage, verb
from policy_ir.cli.options import Formatted
from policy_ir.cli.screen import Format, write_json
from policy_ir.diagnostics import quoted

app = typer.Typer(
    help="Make bearer keys for the router.", no_args_is_help=True,
    rich_markup_mode=None, context_settings={"help_option_names": ["-h", "--help"]},
)  # fmt: skip


@app.callback()
def group() -> None:
    """A group, though it has one verb."""


@app.command("new", short_help="Make a bearer key.")
@verb
def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What traces and metrics call it.", show_default=False)],
    rate: Annotated[
        float | None,
        typer.Option("--rate", metavar="CALLS", help="Most calls a minute.", show_default=False, min=1, max=1e6),
    ] = None,
    admin: Annotated[bool, typer.Option("--admin", help="It sees the traces of all keys.")] = False,
    format: Formatted = Format.HUMAN,
) -> None:
    """Make a bearer key, and the lines that tell a router of it.

    The key is shown this once, and stored nowhere: the lines for the configuration hold its digest only.

    As JSON, an object with `name`, `key`, `digest` and `toml`.
    """
    from policy_ir.router.auth import digest_of, new_key
    from policy_ir.router.config_findings import NAME, NAME_IN_WORDS

    if not NAME.fullmatch(name):
        raise WrongUsage(f"{quoted(name)} cannot be the name of a key: {NAME_IN_WORDS}")
    key = new_key().reveal()
    header = f'[keys."{name}"]' if "." in name else f"[keys.{name}]"
    lines = [header, f'digest = "{digest_of(key)}"']
    lines += [f"rate = {rate:.12g}"] if rate is not None else []
    lines += ["admin = true"] if admin else []
    toml = "\n".join(lines) + "\n"
    if format is Format.JSON:
        write_json({"name": name, "key": key, "digest": digest_of(key), "toml": toml})
        return
    print(key)
    print("\nThis is the key. It is not shown again, and stored nowhere: give it to whoever calls, and to nobody else.")
    print("For the router's configuration:\n")
    print(toml, end="")
