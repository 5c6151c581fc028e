"""`policy-ir demo`: the six ready policies decided over the shipped catalogue, and the ready flows by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from policy_ir.cli.exits import WrongUsage, verb
from policy_ir.cli.options import Formatted
from policy_ir.cli.screen import Format, console, width, write_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from policy_ir.decision import Decision
    from policy_ir.presets import Preset
    from policy_ir.report.answer import Entry

CAUSES = 5
"""Causes of refusal that are named for each preset."""


@verb
def demo(
    write: Annotated[
        str | None,
        typer.Option(
            "--write",
            metavar="FOLDER",
            help="Put policies, flows and their requests there, to change them.",
            show_default=False,
        ),
    ] = None,
    format: Formatted = Format.HUMAN,
) -> None:
    """Decide six ready policies over the shipped catalogue.

    It takes no network and no key.

    Support, RAG, agents, batch, compliance and workflow steps: what each chooses, at which price, and whom it refuses.
    """  # fmt: skip
    from policy_ir.presets import SEED, flow_presets, presets

    if write is not None:
        files = [(one.name, ((".policy", one.text), (".facts.json", one.facts_text))) for one in presets()]
        files += [(one.name, ((".policy", one.text), (".chat.json", one.chat_text))) for one in flow_presets()]
        _write(write, files)
        return
    decided = [(preset, _decided(preset, SEED)) for preset in presets()]
    if format is Format.JSON:
        flows = [{"preset": one.name, "about": one.title} for one in flow_presets()]
        shown = [_preset_json(preset, decision) for preset, decision in decided]
        write_json({"seed": SEED, "presets": shown, "flows": flows})
        return
    _show(console(), decided)


def _decided(preset: Preset, seed: int) -> Decision:
    from policy_ir.admission import admit_policy
    from policy_ir.catalogs import shipped_snapshot
    from policy_ir.decision import decide
    from policy_ir.facts import read_facts
    from policy_ir.syntax import parse

    snapshot = shipped_snapshot()
    document = parse(preset.text, name=f"{preset.name}.policy")
    assert document.term is not None
    admitted = admit_policy(document.term, snapshot.vocabulary, document=document)
    return decide(admitted, snapshot, read_facts(preset.facts, snapshot.vocabulary), seed)


def _write(folder: str, files: Sequence[tuple[str, Sequence[tuple[str, str]]]]) -> None:
    import os

    from policy_ir.cli.files import save_text

    try:
        os.makedirs(folder, exist_ok=True)
    except OSError as error:
        raise WrongUsage(f"`{folder}` cannot be made: {(error.strerror or 'it fails').lower()}") from None
    for name, texts in files:
        for ending, text in texts:
            path = os.path.join(folder, name + ending)
            if os.path.exists(path):
                raise WrongUsage(f"`{path}` is there already, and is left as it is")
            save_text(path, text)
            print(path)


def _preset_json(preset: Preset, decision: Decision) -> dict[str, Any]:
    from policy_ir.report.entries import by_cut, by_reason, ordered_entries

    chosen = ordered_entries(decision, 2)
    return {
        "preset": preset.name,
        "about": preset.title,
        "facts": dict(preset.facts),
        "winner": _entry_json(chosen[0]) if chosen else None,
        "runner_up": _entry_json(chosen[1]) if len(chosen) > 1 else None,
        "ordered": len(decision.ordered),
        "cut": dict(by_cut(decision)),
        "rejected": dict(by_reason(decision)),
        "fingerprints": {
            "policy": decision.policy,
            "vocabulary": decision.vocabulary,
            "snapshot": decision.snapshot_fingerprint,
            "facts": decision.facts,
            "decision": decision.fingerprint,
        },
    }


def _entry_json(entry: Entry) -> dict[str, Any]:
    from policy_ir.evidence import plain

    return {
        "id": entry.id,
        "price_in": entry.price_in,
        "price_out": entry.price_out,
        "call_cost": entry.call_cost,
        "score": plain(entry.score),
    }


# --- for people ----------------------------------------------------------------------------------------------


def _show(screen: Console, decided: Sequence[tuple[Preset, Decision]]) -> None:
    from policy_ir.cli import layout

    first = decided[0][1]
    size = first.snapshot.size
    layout.say(
        screen, (f"{len(decided)} policies", layout.HEAD), f" decided over the {size:,} models of the shipped catalogue"
    )
    for preset, decision in decided:
        screen.print()
        layout.say(screen, (preset.name, layout.CHOSEN), f"  {preset.title}")
        _line(screen, "request", _request(preset), layout.SOFT)
        _chosen(screen, decision)
        _refusals(screen, decision)
        layout.fingerprints(
            screen,
            [("  policy", decision.policy), ("  facts", decision.facts), ("  decision", decision.fingerprint)],
            label=13,
        )
    screen.print()
    layout.fingerprints(screen, [("vocabulary", first.vocabulary), ("snapshot", first.snapshot_fingerprint)], label=13)
    screen.print()
    _flows(screen)
    screen.print()
    layout.say(screen, ("To look closer: policy-ir demo --write demo", layout.SOFT))
    layout.say(screen, (f"{' ' * 16}policy-ir explain demo/rag.policy --facts @demo/rag.facts.json", layout.SOFT))
    layout.say(screen, (f"{' ' * 16}policy-ir flow explain --preset plan-then-act", layout.SOFT))


def _flows(screen: Console) -> None:
    from policy_ir.cli import layout
    from policy_ir.presets import flow_presets

    flows = flow_presets()
    layout.say(screen, (f"{len(flows)} flows", layout.HEAD), " of several calls each")
    made = layout.table(("", "left"), ("", "left"), header=False)
    screen.print(layout.rows(made, [[flow.name, flow.title] for flow in flows]))


def _request(preset: Preset) -> str:
    from policy_ir.report import wording

    facts = preset.facts
    pieces = [f"{wording.number(facts['fields']['prompt_tokens'])} tokens in"]
    pieces.append(f"{wording.number(facts['fields']['completion_tokens'])} out")
    if facts.get("needs"):
        pieces.append(f"needs {', '.join(facts['needs'])}")
    if "budget_left" in facts["fields"]:
        pieces.append(f"USD {wording.number(facts['fields']['budget_left'])} of the budget left")
    return ", ".join(pieces)


def _chosen(screen: Console, decision: Decision) -> None:
    from rich.padding import Padding

    from policy_ir.cli import layout
    from policy_ir.report import wording
    from policy_ir.report.entries import ordered_entries

    made = layout.table(("", "left"), ("", "left"), ("", "left"), ("", "left"), header=False)
    lines = []
    for name, entry in zip(("winner", "runner-up"), ordered_entries(decision, 2), strict=False):
        price = wording.price(entry.price_in, entry.price_out)
        lines.append([f"{name:<9}", entry.id, price, f"{wording.cost(entry.call_cost)} a call"])
    # What does not fit is left out from the right; a name is never cut for a price.
    room = width() - 2
    if _needed(lines) > room:
        lines = [[*cells[:3], ""] for cells in lines]
    if _needed(lines) > room:
        lines = [[*cells[:2], cells[2].removesuffix(" per Mtok"), ""] for cells in lines]
    screen.print(Padding(layout.rows(made, lines, styles=[layout.HEAD]), (0, 0, 0, 2)))


def _needed(lines: Sequence[Sequence[str]]) -> int:
    """The columns that a table of these cells takes."""
    return sum(max(len(cell) for cell in column) + 2 for column in zip(*lines, strict=True) if any(column))


def _refusals(screen: Console, decision: Decision) -> None:
    from policy_ir.cli import layout
    from policy_ir.report.entries import by_clause, by_cut

    counts = [(clause or reason, count) for reason, clause, count in by_clause(decision)]
    shown = [f"{label} {count:,}" for label, count in counts[:CAUSES]]
    rest = sum(count for _, count in counts[CAUSES:])
    shown += [f"others {rest:,}"] if rest else []
    said = f"{len(decision.rejected):,} of {decision.snapshot.size:,}: {', '.join(shown)}"
    cuts = "".join(f"; {by} cuts {count:,}" for by, count in by_cut(decision))
    _line(screen, "refused", said + cuts, layout.REFUSED)


def _line(screen: Console, label: str, said: str, style: str) -> None:
    """A label and what it says, folded beside it."""
    from rich.padding import Padding
    from rich.text import Text

    from policy_ir.cli import layout

    grid = layout.table(("", "left"), ("", "left"), header=False)
    grid.add_row(Text(f"{label:<9}", style=style), Text(said))
    screen.print(Padding(grid, (0, 0, 0, 2)))
