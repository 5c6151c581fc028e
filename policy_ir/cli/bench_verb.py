"""`policy-ir bench`: what the evaluator takes for a policy of one's own, over a catalogue of one's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import attrs
import typer

from policy_ir.cli.exits import Exit, WrongUsage, verb
from policy_ir.cli.inputs import Inputs
from policy_ir.cli.options import CatalogPath, FloorPath, Formatted, PolicyFile, VocabularyName
from policy_ir.cli.screen import Format, console, write_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from policy_ir.cli.bench_costs import Checked, Cost, Difference, Subject
    from policy_ir.evaluator import Bound
    from policy_ir.facts import Facts

CHECKS = 20
"""Calls that the machine is asked too; fewer if they are much work."""

CHECK_WORK = 2**21
"""How much work these may be, by the bound of the language, except that one call of each request is asked: seconds."""


@attrs.frozen(kw_only=True)
class Measured:
    """What came of a measurement; `costs` is empty where evaluator and machine disagree."""

    fingerprints: dict[str, str]
    candidates: int
    survivors: tuple[int, ...]
    state: tuple[str, ...]
    down: float
    requests: int
    seed: int
    way: str
    about: str
    hint: str | None
    checked: int
    difference: Difference | None
    costs: Sequence[Cost] = ()

    def to_json(self) -> dict[str, Any]:
        """The measurement as a JSON object."""
        return {
            **self.fingerprints,
            "candidates": self.candidates,
            "survivors": {"least": min(self.survivors), "most": max(self.survivors)},
            "state": list(self.state),
            "down": self.down,
            "requests": self.requests,
            "seed": self.seed,
            "way": self.way,
            "about": self.about,
            "hint": self.hint,
            "checked": self.checked,
            "difference": None if self.difference is None else attrs.asdict(self.difference),
            "unit": "us",
            "costs": [attrs.asdict(cost) for cost in self.costs],
        }


@verb
def bench(
    policy: PolicyFile,
    catalog: CatalogPath = None,
    vocabulary: VocabularyName = None,
    floor: FloorPath = None,
    facts: Annotated[
        list[str] | None,
        typer.Option(
            "--facts",
            metavar="JSON|@FILE",
            help="What a request requires and is; several are asked in turn.",
            show_default=False,
        ),
    ] = None,
    down: Annotated[
        float, typer.Option("--down", metavar="SHARE", min=0, max=1, help="Booleans of the state that are turned.")
    ] = 0.05,
    seed: Annotated[int, typer.Option("--seed", metavar="N", min=0, help="Other states for another number.")] = 1,
    rounds: Annotated[
        int, typer.Option("--rounds", metavar="N", min=1, max=100_000, help="Calls to measure of each kind.")
    ] = 400,
    seconds: Annotated[
        float, typer.Option("--seconds", metavar="N", min=0, max=3600, help="Begin no more calls after so many.")
    ] = 60.0,
    format: Formatted = Format.HUMAN,
) -> Exit:
    """Measure what deciding a policy takes.

    Loading it, binding it to the catalogue, deciding calls and reading all of a decision, by the evaluator; and for
    comparison the reference machine. Each call has a state of its own, drawn from the seed. Before the clock runs, both
    are asked the same; ends with 3 if they disagree.

    As JSON, an object with fingerprints, `candidates`, `survivors`, `way`, `hint`, and `costs`: each with `cost`,
    `case`, `median` and `p99` in microseconds, and how many calls were `measured`.
    """
    from policy_ir.cli.bench_calls import Calls, is_drawn
    from policy_ir.cli.bench_costs import check, measure
    from policy_ir.cli.conformance_progress import progress

    for name, number in (("--down", down), ("--seconds", seconds)):
        if number != number:
            raise WrongUsage(f"{name} is a number, not `nan`")
    subject, requests = _read(Inputs(), policy, catalog, vocabulary, floor, facts or [])
    seeded = is_drawn(subject.program.normal.select)
    calls = Calls(subject.snapshot, requests, seed, down=down, seeded=seeded)
    found = check(subject, calls.take(_checks(subject, len(requests))))
    measured = _measured(subject, subject.bound(), found, calls.columns, down, len(requests), seed)
    if found.difference is None:
        with progress("calls", rounds) as advance:
            costs = measure(subject, calls, found.samples, rounds=rounds, seconds=seconds, done=advance)
        measured = attrs.evolve(measured, costs=costs)
    if format is Format.JSON:
        write_json(measured.to_json())
    else:
        from policy_ir.cli.bench_telling import tell

        tell(console(), measured, policy)
    return Exit.FINE if found.difference is None else Exit.DOES_NOT_HOLD


def _checks(subject: Subject, requests: int) -> int:
    """How many calls the machine is asked. Raises `Refused` where one is too much work."""
    from policy_ir.semantics.work import WORK_LIMIT, check_work, work

    program, size = subject.program.normal, subject.snapshot.size
    check_work(program, size, WORK_LIMIT)
    return max(requests, min(CHECKS, CHECK_WORK // max(work(program, size), 1)))


def _read(
    inputs: Inputs, policy: str, catalog: str | None, vocabulary: str | None, floor: str | None, facts: Sequence[str]
) -> tuple[Subject, list[Facts]]:
    """What is measured, and the requests. Raises `Refused` for the first that cannot be read."""
    import json

    from policy_ir.cli.bench_costs import Subject
    from policy_ir.facts import read_facts
    from policy_ir.floor import effective
    from policy_ir.syntax.print_wire import to_wire

    declared = inputs.vocabulary(vocabulary)
    admitted = inputs.policy(policy, declared)
    held = inputs.floor(floor, declared)
    program = effective(admitted, held)
    requests = [inputs.facts(given, None, declared) for given in facts] or [read_facts({}, declared)]
    snapshot = inputs.snapshot(catalog, declared)
    source = json.dumps(to_wire(admitted.term), ensure_ascii=False, separators=(",", ":")).encode()
    return Subject(source, program, held, snapshot), requests


def _measured(
    subject: Subject, bound: Bound, found: Checked, state: tuple[str, ...], down: float, requests: int, seed: int
) -> Measured:
    """All that is known before the clock runs."""
    from policy_ir.cli.bench_way import ABOUT, hint

    program = subject.program
    return Measured(
        fingerprints={
            "policy": program.policy_fingerprint,
            "effective": program.fingerprint,
            "vocabulary": subject.vocabulary.fingerprint,
            "catalogue": subject.snapshot.catalogue_fingerprint,
        },
        candidates=subject.snapshot.size,
        survivors=found.survivors,
        state=state,
        down=down,
        requests=requests,
        seed=seed,
        way=bound.way,
        about=ABOUT[bound.way],
        hint=hint(bound),
        checked=len(found.samples),
        difference=found.difference,
    )
