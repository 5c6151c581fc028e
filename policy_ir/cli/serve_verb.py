"""The verb that runs the reference router: serve."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from policy_ir.cli.exits import Exit, WrongUsage, verb
from policy_ir.cli.options import Faults, Pace
from policy_ir.cli.screen import Format, report
from policy_ir.cli.stores import open_store

if TYPE_CHECKING:
    from collections.abc import Callable

    from policy_ir.diagnostics import Refused
    from policy_ir.router.config import Config, Key
    from policy_ir.router.server import Running


@verb
def serve(
    config: Annotated[
        str | None, typer.Argument(metavar="[FILE]", help="The configuration, TOML.", show_default=False)
    ] = None,
    sandbox: Annotated[
        bool, typer.Option("--sandbox", help="Simulated providers in this process: no keys, nothing leaves.")
    ] = False,
    fault: Faults = None,
    pace: Pace = 1.0,
    host: Annotated[
        str | None, typer.Option("--host", metavar="H", help="Where to listen.", show_default=False)
    ] = None,
    port: Annotated[
        int | None,
        typer.Option("--port", metavar="P", min=0, max=65535, help="0 for any free one.", show_default=False),
    ] = None,
    store: Annotated[
        str | None,
        typer.Option("--store", metavar="URL", help="Where traces are kept.", show_default=False),
    ] = None,
    check: Annotated[bool, typer.Option("--check", help="Check the configuration, and do not listen.")] = False,
) -> Exit:
    """Run the reference router: an OpenAI-compatible endpoint.

    Each call is decided by the policy it names or carries, tried along the order that the policy gives, and traced.
    With a configuration, SIGHUP reads it anew. SIGTERM ends the router when the calls on their way are done.
    """
    if (config is None) == (not sandbox):
        given = "both a configuration and --sandbox are given" if sandbox else "which configuration?"
        raise WrongUsage(f"{given}; `policy-ir serve FILE` runs one, `policy-ir serve --sandbox` needs none")
    if fault and not sandbox:
        raise WrongUsage("--fault is for simulated providers, with --sandbox")
    try:
        import aiohttp  # noqa: F401
        import sqlalchemy  # noqa: F401
    except ModuleNotFoundError as missing:
        raise WrongUsage(f'the router needs {missing.name}: pip install "policy-ir[router]"') from None
    if sandbox:
        return _sandbox(fault or [], host, port, store, pace=pace)
    assert config is not None
    return _configured(config, host, port, store, check=check)


def _configured(path: str, host: str | None, port: int | None, store: str | None, *, check: bool) -> Exit:
    import asyncio
    from time import monotonic

    import attrs

    from policy_ir.router.config import load_config
    from policy_ir.router.server import serve as run
    from policy_ir.router.world import World

    def read() -> Config:
        made = load_config(path).listening(host, port)
        if store is not None:
            made = attrs.evolve(made, traces=attrs.evolve(made.traces, url=store))
        if made.warnings:
            report(made.warnings, made.document, Format.HUMAN)
        return made

    made = read()
    if check:
        World(made, clock=monotonic)  # which finds what only the catalogue and the endpoints together show
        print(f"{path}: {_told(made)}")
        return Exit.FINE
    kept = open_store(made.traces.url, create=True)
    _listening(lambda: asyncio.run(run(made, kept, reload=read, on_start=_say(kept.name), on_refused=_refused)))
    return Exit.FINE


def _sandbox(faults: list[str], host: str | None, port: int | None, store: str | None, *, pace: float) -> Exit:
    import asyncio

    from policy_ir.router.config import loopback
    from policy_ir.router.sandbox import Sandbox, read_faults
    from policy_ir.router.server import serve as run

    read = read_faults(faults)
    kept = open_store(store, create=True)

    keys = {} if host is None or loopback(host) else _key_of_the_moment()

    async def both() -> None:
        async with Sandbox(faults=read, pace=pace) as simulated:
            config = simulated.config(keys=keys).listening(host, port)
            say = _say(kept.name, sandbox=True)
            await run(config, kept, reload=None, on_start=say, on_refused=_refused, sandbox=True)

    _listening(lambda: asyncio.run(both()))
    return Exit.FINE


def _key_of_the_moment() -> dict[str, Key]:
    """A key for a sandbox that others can reach, shown once."""
    from policy_ir.router.auth import digest_of, new_key
    from policy_ir.router.config import Key

    made = new_key().reveal()
    print(f"others can reach this address, so calls need a key: {made}", file=sys.stderr)
    return {"sandbox": Key(name="sandbox", digest=digest_of(made), admin=True)}


def _listening(run: Callable[[], None]) -> None:
    import logging

    logging.basicConfig(format="%(asctime)s %(levelname)s %(message)s", level=logging.WARNING)
    try:
        run()
    except OSError as wrong:
        if wrong.errno is None:
            raise
        said = (wrong.strerror or str(wrong)).lower()
        raise WrongUsage(f"the router cannot listen there: {said}") from None


def _say(store: str, *, sandbox: bool = False) -> Callable[[Running], None]:
    def say(router: Running) -> None:
        print(
            f"policy-ir {_told(router.service.config)}\nlistening at {router.url}, traces in {store}", file=sys.stderr
        )
        if sandbox:
            print(_first_call(router), file=sys.stderr)

    return say


def _first_call(router: Running) -> str:
    name = next(iter(router.service.config.policies))
    body = f'{{"model": "policy:{name}", "messages": [{{"role": "user", "content": "Hello"}}]}}'
    key = ' -H "Authorization: Bearer $KEY"' if router.service.config.keys else ""
    curl = f"curl {router.url}/v1/chat/completions -H 'Content-Type: application/json'{key}"
    return f"try it:\n  {curl} \\\n    -d '{body}'\nor open {router.url}/"


def _told(config: Config) -> str:
    from policy_ir.report.wording import counted

    told = [
        counted(len(config.providers), "provider"),
        counted(len(config.policies), "named policy", "named policies"),
        *([counted(len(config.flows), "flow")] if config.flows else []),
        counted(len(config.keys), "key") if config.keys else "no keys, this machine only",
    ]
    return ", ".join(told)


def _refused(wrong: Refused) -> None:
    """A configuration that cannot take the place of the one that runs."""
    report(wrong.diagnostics, wrong.document, Format.HUMAN)
    print("the router goes on with the configuration it had", file=sys.stderr)
