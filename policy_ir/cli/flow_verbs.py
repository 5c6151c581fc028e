"""The verbs over flows: show, explain, run."""

from __future__ import annotations

import sys
from importlib import import_module
from math import isfinite
from pathlib import PurePath
from types import MappingProxyType
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias

import typer

from policy_ir.cli.exits import Exit, WrongUsage, verb
from policy_ir.cli.files import AS_JSON, check_picture, save_text
from policy_ir.cli.inputs import Inputs
from policy_ir.cli.options import CatalogPath, FactsText, Faults, FloorPath, Formatted, Pace, SeedText, VocabularyName
from policy_ir.cli.screen import Format, console, write_json
from policy_ir.cli.stores import StoreUrl
from policy_ir.diagnostics import legible, quoted, suggestion

if TYPE_CHECKING:
    from collections.abc import Mapping

    from policy_ir.flow.admission import AdmittedFlow
    from policy_ir.presets import FlowPreset
    from policy_ir.report.flow_picture import NodeLook
    from policy_ir.vocabulary import Vocabulary

app = typer.Typer(
    help="Show, explain and run flows of calls.", no_args_is_help=True, rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)  # fmt: skip

FlowFile: TypeAlias = Annotated[
    str | None,
    typer.Argument(metavar="[FILE]", help="A flow in any syntax; - is standard input.", show_default=False),
]
PresetName: TypeAlias = Annotated[
    str | None,
    typer.Option("--preset", metavar="NAME", help="In its place a ready one, with its request.", show_default=False),
]
ChatPath: TypeAlias = Annotated[
    str | None,
    typer.Option("--chat", metavar="FILE", help="An OpenAI chat body that the flow is asked.", show_default=False),
]
Message: TypeAlias = Annotated[
    str | None,
    typer.Option("--message", metavar="TEXT", help="What a user asks, in place of a body.", show_default=False),
]
SvgPath: TypeAlias = Annotated[
    str | None,
    typer.Option("--svg", metavar="FILE", help="Draw the flow here as an SVG picture.", show_default=False),
]


# --- what they are about -------------------------------------------------------------------------------------


def _preset(file: str | None, preset: str | None) -> FlowPreset | None:
    """The ready flow that is asked for; None where a file is."""
    from policy_ir.presets import FLOWS, flow_preset

    if (file is None) == (preset is None):
        given = "both a file and --preset are given" if file is not None else "no flow is given"
        raise WrongUsage(f"{given}; give a file, or --preset with one of {', '.join(FLOWS)}")
    if preset is None:
        return None
    if preset not in FLOWS:
        near = suggestion(preset, FLOWS)
        hint = f"; did you mean {quoted(near)}?" if near else f"; there are {', '.join(FLOWS)}"
        raise WrongUsage(f"there is no ready flow {quoted(preset)}{hint}")
    return flow_preset(preset)


def _flow(inputs: Inputs, file: str | None, ready: FlowPreset | None, vocabulary: Vocabulary) -> AdmittedFlow:
    if ready is None:
        assert file is not None
        return inputs.flow(file, vocabulary)
    from policy_ir.flow.admission import admit_document
    from policy_ir.flow.reading import parse_flow

    return admit_document(parse_flow(ready.text, name=f"{ready.name}.policy"), vocabulary)


def _body(
    inputs: Inputs,
    ready: FlowPreset | None,
    chat: str | None,
    message: str | None,
    vocabulary: Vocabulary,
    stated: Mapping[str, Any] = MappingProxyType({}),
) -> Any:
    """The chat body that is asked; None where nobody says one."""
    if chat is not None and message is not None:
        raise WrongUsage("--chat and --message exclude each other")
    if chat is not None:
        return inputs.chat(chat, vocabulary, stated)[0]
    if message is not None:
        return {"messages": [{"role": "user", "content": message}]}
    return None if ready is None else ready.chat


def _draw(path: str | None, flow: AdmittedFlow, looks: Mapping[str, NodeLook] | None = None) -> None:
    if path is None:
        return
    from policy_ir.report.flow_picture import flow_svg

    save_text(path, flow_svg(flow.flow, looks, alone=True))
    if path != "-":
        print(f"{legible(path)}: written", file=sys.stderr)


# --- show ----------------------------------------------------------------------------------------------------


@verb
def show(
    file: FlowFile = None,
    preset: PresetName = None,
    svg: SvgPath = None,
    vocabulary: VocabularyName = None,
    format: Formatted = Format.HUMAN,
) -> None:
    """Show the graph of a flow: who reads whom, and which policy each call has.

    As JSON, an object with `fingerprint`, `vocabulary`, `input`, `output`, `last`, `order` and `nodes`, each with
    `kind` and `inputs`; a call also with `policy`, the fingerprint, `policy_name`, `on_error`, `system_bytes` and
    `template_bytes`.
    """
    from policy_ir.cli.flow_telling import flow_json, tell_flow

    check_picture(svg, AS_JSON if format is Format.JSON else None)
    inputs = Inputs()
    flow = _flow(inputs, file, _preset(file, preset), inputs.vocabulary(vocabulary))
    _draw(svg, flow)
    if svg == "-":
        return
    if format is Format.JSON:
        write_json(flow_json(flow))
    else:
        tell_flow(console(), flow)


# --- explain -------------------------------------------------------------------------------------------------


@verb
def explain(
    file: FlowFile = None,
    preset: PresetName = None,
    node: Annotated[
        str | None,
        typer.Option("--node", metavar="NAME", help="Explain the decision of this call.", show_default=False),
    ] = None,
    chat: ChatPath = None,
    message: Message = None,
    catalog: CatalogPath = None,
    vocabulary: VocabularyName = None,
    floor: FloorPath = None,
    facts: FactsText = None,
    seed: SeedText = None,
    svg: SvgPath = None,
    format: Formatted = Format.HUMAN,
) -> None:
    """Say which model each call of a flow would go to, and what the flow would cost.

    Texts that are not known yet count with 3072 bytes. Nothing is sent.

    As JSON, an object with `flow`, `snapshot`, `seed`, `nodes`, `usd` and `most_usd`; each node with its `candidate`,
    `usd`, `most_usd`, `facts`, `seed` and `decision`.
    """
    from policy_ir.cli.flow_deciding import explained
    from policy_ir.cli.flow_telling import tell_estimate, tell_node

    check_picture(svg, AS_JSON if format is Format.JSON else None)
    inputs = Inputs()
    declared = inputs.vocabulary(vocabulary)
    ready = _preset(file, preset)
    flow = _flow(inputs, file, ready, declared)
    if node is not None and node not in flow.policies:
        near = suggestion(node, list(flow.policies))
        hint = f"; did you mean {quoted(near)}?" if near else f"; there are {', '.join(flow.policies)}"
        raise WrongUsage(f"the flow has no call {quoted(node)}{hint}")
    given = inputs.stated(facts, declared)
    body = _body(inputs, ready, chat, message, declared, given)
    made = explained(
        flow,
        inputs.snapshot(catalog, declared),
        {"messages": [{"role": "user", "content": ""}]} if body is None else body,
        floor=inputs.floor(floor, declared),
        stated=given,
        seed=inputs.seed(seed),
    )
    _draw(svg, flow, made.looks)
    if svg == "-":
        return
    if format is Format.JSON:
        write_json(made.to_json())
    elif node is not None:
        tell_node(console(), made, node)
    else:
        tell_estimate(console(), made)


# --- run -----------------------------------------------------------------------------------------------------


@verb
def run(
    file: FlowFile = None,
    preset: PresetName = None,
    sandbox: Annotated[
        bool, typer.Option("--sandbox", help="Over simulated providers: no keys, nothing leaves.")
    ] = False,
    config: Annotated[
        str | None,
        typer.Option(
            "--config", metavar="FILE", help="Over the providers of a router's configuration.", show_default=False
        ),
    ] = None,
    chat: ChatPath = None,
    message: Message = None,
    seed: SeedText = None,
    budget: Annotated[
        float | None,
        typer.Option("--budget", metavar="USD", min=0, help="Fail before it would cost more.", show_default=False),
    ] = None,
    fault: Faults = None,
    pace: Pace = 1.0,
    stream: Annotated[bool, typer.Option("--stream", help="Write the answer as it comes.")] = False,
    store: StoreUrl = None,
    svg: SvgPath = None,
    format: Formatted = Format.HUMAN,
) -> Exit:
    """Run a flow once: its answer goes to standard output, what each call took and cost to standard error.

    Calls are made as the router makes them, and leave a trace: `policy-ir trace show` tells more of it, and `policy-ir
    replay` decides it again. Exits with 3 if the flow fails.

    As JSON, the answer as the router gives it, with the account under `policy_ir`, or its error.
    """
    if (config is not None) == sandbox:
        given = "both --sandbox and --config are given" if sandbox else "it is not said where it runs"
        raise WrongUsage(f"{given}; --sandbox has simulated providers, --config FILE those of a router")
    if fault and not sandbox:
        raise WrongUsage("--fault is for simulated providers, with --sandbox")
    if budget is not None and not isfinite(budget):
        raise WrongUsage("--budget is an amount in USD; without it there is no bound")
    if stream and format is Format.JSON:
        raise WrongUsage("--stream writes the text as it comes, --format json the whole answer; leave out one")
    check_picture(svg, AS_JSON if format is Format.JSON else "the answer")
    try:
        for needed in ("aiohttp", "sqlalchemy"):
            import_module(needed)
    except ModuleNotFoundError as missing:
        raise WrongUsage(f'to run flows needs {missing.name}: pip install "policy-ir[router]"') from None
    from policy_ir.cli.flow_running import asked, configured, run_flow, simulated

    inputs = Inputs()
    ready = _preset(file, preset)
    number = inputs.seed(seed)
    world = simulated(fault or [], pace) if config is None else configured(config)
    flow = _flow(inputs, file, ready, world.vocabulary)
    body = _body(inputs, ready, chat, message, world.vocabulary)
    if body is None:
        raise WrongUsage("nothing is asked; --message TEXT, or --chat FILE with a body")
    name = ready.name if ready is not None else PurePath(file or "").stem
    request = asked(body, stream=stream, seed=number, budget=budget)
    ran = run_flow(world, flow, name, request, store=store, write=_write if stream else None)
    _draw(svg, flow, ran.looks)
    if format is Format.JSON:
        write_json(ran.answer)
    else:
        from policy_ir.cli.flow_telling import tell_account

        if ran.text is not None:
            print("" if stream else ran.text)
            sys.stdout.flush()
        tell_account(console(error=True), flow, ran)
    return ran.code


def _write(piece: str) -> None:
    sys.stdout.write(piece)
    sys.stdout.flush()


for _verb in (show, explain, run):
    app.command(_verb.__name__, short_help=(_verb.__doc__ or "").partition("\n")[0])(_verb)
