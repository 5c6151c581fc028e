"""The verbs over policies and catalogues: decide, explain, step."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from policy_ir.cli.exits import Exit, WrongUsage, verb
from policy_ir.cli.inputs import Inputs
from policy_ir.cli.options import (
    CatalogPath,
    ChatPath,
    FactsText,
    FloorPath,
    Formatted,
    PolicyFile,
    SeedText,
    VocabularyName,
)
from policy_ir.cli.screen import Format, console, write_json
from policy_ir.diagnostics import legible

if TYPE_CHECKING:
    from policy_ir.decision import Decision
    from policy_ir.semantics.machine import Observer, Step
    from policy_ir.snapshot import Snapshot

STEPS = 200
"""How many steps are shown without `--limit`."""

All = Annotated[bool, typer.Option("--all", help="Leave nothing out.")]


def _decision(
    policy: str,
    vocabulary: str | None,
    catalog: str | None,
    floor: str | None,
    facts: str | None,
    chat: str | None,
    seed: str | None,
    on_step: Observer | None = None,
) -> Decision:
    """The decision that the options of a verb ask for."""
    from policy_ir.decision import decide as decided
    from policy_ir.floor import effective

    inputs = Inputs()
    declared = inputs.vocabulary(vocabulary)
    admitted = inputs.policy(policy, declared)
    program = effective(admitted, inputs.floor(floor, declared))
    known = inputs.facts(facts, chat, declared)
    number = inputs.seed(seed)
    return decided(program, inputs.snapshot(catalog, declared), known, number, on_step=on_step)


# --- decide --------------------------------------------------------------------------------------------------


@verb
def decide(
    policy: PolicyFile,
    catalog: CatalogPath = None,
    vocabulary: VocabularyName = None,
    floor: FloorPath = None,
    facts: FactsText = None,
    chat: ChatPath = None,
    seed: SeedText = None,
    all: All = False,
    fail: Annotated[bool, typer.Option("--fail", help="Exit with 3 if no candidate is left.")] = False,
    format: Formatted = Format.HUMAN,
) -> Exit:
    """Decide which models may be tried for a call, in order.

    As JSON, an object with the fingerprints `policy`, `effective`, `vocabulary`, `snapshot`, `facts` and `fingerprint`
    (of the decision), the `seed`, and the lists `ordered` of id and score, `rejected` of id and reason, `cut` of id and
    what cut it.
    """
    decision = _decision(policy, vocabulary, catalog, floor, facts, chat, seed)
    if format is Format.JSON:
        write_json(decision.to_json())
    else:
        from policy_ir.cli.showing import show_decision

        show_decision(console(), decision, all=all)
    return Exit.DOES_NOT_HOLD if fail and not decision.ordered else Exit.FINE


# --- explain -------------------------------------------------------------------------------------------------


@verb
def explain(
    policy: PolicyFile,
    catalog: CatalogPath = None,
    vocabulary: VocabularyName = None,
    floor: FloorPath = None,
    facts: FactsText = None,
    chat: ChatPath = None,
    seed: SeedText = None,
    candidate: Annotated[
        str | None,
        typer.Option("--candidate", metavar="ID", help="Explain what became of this one.", show_default=False),
    ] = None,
    all: All = False,
    html: Annotated[
        str | None,
        typer.Option("--html", metavar="FILE", help="Write one self-contained HTML page here.", show_default=False),
    ] = None,
    format: Formatted = Format.HUMAN,
) -> None:
    """Say why a model was chosen, and the others were not.

    For each refused one: what it needs. For the first ones: where their scores come from.
    Refusals point at the clause of the policy, or of the floor, that refuses first.
    """
    from policy_ir.explanation import explain as explained

    decision = _decision(policy, vocabulary, catalog, floor, facts, chat, seed)
    explanation = explained(decision)
    if html is not None:
        from policy_ir.cli.files import save_text
        from policy_ir.report.gather import answer_of
        from policy_ir.report.page import html_page

        save_text(html, html_page(answer_of(explanation)))
        if html != "-":
            print(f"{legible(html)}: written", file=sys.stderr)
        return
    index = None if candidate is None else _index(decision.snapshot, candidate)
    if format is Format.JSON:
        write_json(explanation.to_json())
        return
    from policy_ir.cli.telling import tell, tell_candidate
    from policy_ir.report.gather import answer_of
    from policy_ir.report.places import Places

    if index is None:
        tell(console(), answer_of(explanation), Places(decision.program.documents), all=all)
    else:
        tell_candidate(console(), explanation, index)


def _index(snapshot: Snapshot, candidate: str) -> int:
    """The number of a candidate by its id."""
    found = snapshot.index.get(candidate)
    if found is None:
        from policy_ir.diagnostics import quoted, suggestion

        near = suggestion(candidate, snapshot.ids)
        hint = f"; did you mean {quoted(near)}?" if near else "; `policy-ir catalog show` lists the ids"
        raise WrongUsage(f"the catalogue has no candidate {quoted(candidate)}{hint}")
    return found


# --- step ----------------------------------------------------------------------------------------------------


@verb
def step(
    policy: PolicyFile,
    catalog: CatalogPath = None,
    vocabulary: VocabularyName = None,
    floor: FloorPath = None,
    facts: FactsText = None,
    chat: ChatPath = None,
    seed: SeedText = None,
    candidate: Annotated[
        str | None, typer.Option("--candidate", metavar="ID", help="Only the steps about this one.", show_default=False)
    ] = None,
    limit: Annotated[int, typer.Option("--limit", metavar="N", min=0, help="Most steps to show; 0 for all.")] = STEPS,
    format: Formatted = Format.HUMAN,
) -> None:
    """Show a decision as small steps.

    Each has its rule, what is rewritten, and what it becomes.

    As JSON, an object with `total` and `steps`, each with `number`, `rule`, `candidate`, `redex`, `result`, and
    `source` and `pointer` of the rewritten operation.
    """
    steps: list[tuple[int, Step]] = []
    total = 0
    wanted: dict[str, int] = {}

    def watch(one: Step) -> None:
        nonlocal total
        total += 1
        if candidate is not None:
            if "i" not in wanted:
                wanted["i"] = _index(one.environment.snapshot, candidate)
            if one.candidate != wanted["i"]:
                return
        if limit == 0 or len(steps) < limit:
            steps.append((total, one))
        else:
            wanted["more"] = wanted.get("more", 0) + 1

    decision = _decision(policy, vocabulary, catalog, floor, facts, chat, seed, watch)
    if candidate is not None:
        _index(decision.snapshot, candidate)
    if format is Format.JSON:
        write_json({"total": total, "steps": [_step_json(number, one) for number, one in steps]})
        return
    from policy_ir.cli.deriving import show_steps

    show_steps(console(), steps, total=total, more=wanted.get("more", 0), single=candidate is not None)


def _step_json(number: int, one: Step) -> dict[str, Any]:
    ids = one.environment.snapshot.ids
    return {
        "number": number,
        "rule": one.rule,
        "candidate": None if one.candidate is None else ids[one.candidate],
        "redex": one.redex,
        "result": one.result,
        "source": None if one.origin is None else one.origin.source,
        "pointer": None if one.origin is None else one.origin.pointer,
    }
