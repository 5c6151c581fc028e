"""Looking for a disagreement: random requests are answered by the reference and by another implementation.

A drawn request becomes a vector whose expectation is what the reference answers, so that the runner asks and compares
as it does for the suite. While the other implementation works on one batch, the reference prepares the next.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import count as numbers_from
from time import monotonic
from typing import Any, Final

import attrs
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded

from policy_ir.conformance.differential.case import Case
from policy_ir.conformance.differential.cases import CASES
from policy_ir.conformance.differential.reduce import reduced
from policy_ir.conformance.runner import TIME_LIMIT, Outcome, run
from policy_ir.conformance.subject import NotARequest, answer
from policy_ir.conformance.suite import Vector

BATCH: Final = 250
"""How many requests are drawn, and sent, at a time."""

HANGS: Final = "no reply"
"""How the message of an outcome begins where the subject does not answer in time."""

FAULTS: Final = ("not asked", "the subject reports", "the subject wrote", "the subject ")
"""How it begins where the subject is at fault in another way: no answer, or one that is none."""

PATIENCE: Final = 3
"""How many time limits are waited in vain, in a batch, for a subject that does not answer."""


@attrs.frozen
class Disagreement:
    """A request that two implementations answer differently, as small as it could be made.

    `expect` is what the reference answers, `message` how the other reply differs, in one line.
    """

    case: str
    kind: str
    input: Mapping[str, Any]
    expect: Mapping[str, Any]
    message: str

    def to_json(self) -> dict[str, Any]:
        """As a JSON object: what a vector needs, but for the words."""
        return attrs.asdict(self, recurse=False)


@attrs.frozen
class Search:
    """What a search found. `asked` and `skipped` count requests by case; `seconds` is how long it took."""

    seed: int
    asked: Mapping[str, int]
    skipped: Mapping[str, int]
    disagreements: tuple[Disagreement, ...]
    seconds: float

    def to_json(self) -> dict[str, Any]:
        """As a JSON object."""
        found = [one.to_json() for one in self.disagreements]
        counts = {"asked": dict(self.asked), "skipped": dict(self.skipped)}
        return {"seed": self.seed, **counts, "disagreements": found, "seconds": round(self.seconds, 3)}


def search(
    command: Sequence[str],
    *,
    count: int,
    seed: int,
    cases: Sequence[str] = (),
    most: int = 5,
    batch: int = BATCH,
    time_limit: float = TIME_LIMIT,
    on_batch: Callable[[int], None] | None = None,
) -> Search:
    """Ask a subject about at least `count` random requests that it does not skip.

    `cases` are names of `CASES`, all that have a share where there are none; `batch` requests are drawn, and sent, at a
    time. The requests are a function of these, of the seed and of the count. A case is given up when the subject
    disagrees, or skips a batch of it; the search ends early after `most` disagreements. `time_limit` is in seconds and
    for each request. `on_batch` is told how many requests were answered so far.

    Raises `SubjectError` where the command cannot be started or does not say hello.
    """
    begun = monotonic()
    left = {name: CASES[name] for name in cases or [name for name, case in CASES.items() if case.share]}
    asked, skipped = dict.fromkeys(left, 0), dict.fromkeys(left, 0)
    found: list[Disagreement] = []

    def ask(vectors: Sequence[Vector]) -> Sequence[Outcome]:
        return run(vectors, command, time_limit=time_limit, patience=PATIENCE * time_limit).outcomes

    def settle(case: Case, outcomes: Sequence[Outcome]) -> None:
        answered = [outcome for outcome in outcomes if outcome.status != "skip"]
        asked[case.name] += len(answered)
        skipped[case.name] += len(outcomes) - len(answered)
        failed = next((outcome for outcome in answered if _disagrees(case, outcome)), None)
        if failed is not None:
            found.append(_reduced(command, case, failed, time_limit))
        if failed is not None or not answered:
            left.pop(case.name, None)
        if on_batch is not None:
            on_batch(sum(asked.values()))

    under_way: tuple[Case, Future[Sequence[Outcome]]] | None = None
    with ThreadPoolExecutor(1) as asking:
        for case, number in _rounds(left):
            vectors = list(_vectors(case, f"{seed}/{case.name}/{number}", batch))
            if under_way is not None:
                settle(under_way[0], under_way[1].result())
                under_way = None
            if len(found) >= most or sum(asked.values()) >= count:
                break
            if case.name in left:
                under_way = case, asking.submit(ask, vectors)
        if under_way is not None:
            settle(under_way[0], under_way[1].result())
    return Search(seed, asked, skipped, tuple(found), monotonic() - begun)


def _disagrees(case: Case, outcome: Outcome) -> bool:
    return outcome.status == "fail" and not (case.verdict and outcome.message.startswith("/refused/"))


def _rounds(left: Mapping[str, Case]) -> Iterator[tuple[Case, int]]:
    """The cases that are left, over and over: each once, then greater shares again; with the batch's number."""
    for number in numbers_from():
        for part in range(max((case.share for case in left.values()), default=0) or 1):
            for case in tuple(left.values()):
                share = case.share or 1
                if part < share and case.name in left:
                    yield case, number * share + part
        if not left:
            return


def _vectors(case: Case, seed: str, batch: int) -> Iterator[Vector]:
    """A batch of vectors of a case, with what the reference answers."""
    for at, input in enumerate(drawn(case, seed, batch)):
        vector = _vector(case, f"{seed}/{at}", input)
        if vector is not None:
            yield vector


def drawn(case: Case, seed: str, batch: int = BATCH) -> list[dict[str, Any]]:
    """The inputs of a batch: a function of the case, the seed and the size."""
    inputs: list[dict[str, Any]] = []

    @seeded(seed)
    @settings(
        max_examples=batch,
        database=None,
        deadline=None,
        derandomize=False,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    @given(case.inputs)
    def collect(input: dict[str, Any]) -> None:
        inputs.append(input)

    collect()
    return inputs


def _vector(case: Case, id: str, input: Mapping[str, Any]) -> Vector | None:
    """The vector for an input; None where the input is no request."""
    sent = json.loads(json.dumps(input))  # what the other side reads
    try:
        expect = answer(case.kind, sent)
    except NotARequest:
        return None
    return Vector(
        id=id,
        file=f"{case.name}.json",
        kind=case.kind,
        comment="A random request.",
        input=sent,
        expect=expect,
        features=case.features,
    )


def _reduced(command: Sequence[str], case: Case, outcome: Outcome, time_limit: float) -> Disagreement:
    """The disagreement made as small as it goes."""
    smallest = outcome
    sort = _sort(outcome.message)
    if sort == HANGS:
        return _disagreement(case, smallest)  # each try would take as long as the time limit

    def first(inputs: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
        nonlocal smallest
        made = (_vector(case, f"{case.name}/{at}", input) for at, input in enumerate(inputs))
        asked = [vector for vector in made if vector]
        for one in run(asked, command, time_limit=time_limit, patience=PATIENCE * time_limit).outcomes:
            if _disagrees(case, one) and _sort(one.message) == sort:
                smallest = one
                return one.vector.input
        return None

    reduced(outcome.vector.input, first)
    return _disagreement(case, smallest)


def _sort(message: str) -> str:
    """What sort of failure a message is of: a crash is not reduced to a difference, nor the other way round."""
    return next((sort for sort in (HANGS, *FAULTS) if message.startswith(sort)), "")


def _disagreement(case: Case, smallest: Outcome) -> Disagreement:
    vector = smallest.vector
    expect = dict(vector.expect)
    if "refused" in expect:
        expect["refused"] = [{key: one[key] for key in ("code", "pointer")} for one in expect["refused"]]
    return Disagreement(case.name, case.kind, vector.input, expect, smallest.message)
