"""A state over a few candidates with a clock that tests set, and what a table of its phases says of one circuit."""

from __future__ import annotations

from collections.abc import Sequence

import attrs

from policy_ir.router.config import Breaker
from policy_ir.router.state import State
from policy_ir.snapshot import Candidate, CandidateList, Snapshot
from policy_ir.vocabulary import Vocabulary, vocabulary

BREAKER = Breaker(failures=3, open_ms=30_000.0, disable_ms=60_000.0)

OUTAGES = ("overloaded", "timeout", "network_error", "server_error", "stream_interrupted", "bad_response", "unknown")


@attrs.define
class Clock:
    """Seconds, which pass only when a test says so."""

    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


def world(
    size: int = 4, *, accounts: Sequence[str] | None = None, declared: Vocabulary | None = None, **fields: object
) -> Snapshot:
    """So many candidates, each of a provider of its own unless accounts are given; the first has these fields."""
    names = [f"p{i}" for i in range(size)] if accounts is None else accounts
    listed = [
        Candidate(id=f"m/{i}", provider=name, family="f", fields=dict(fields) if i == 0 else {})
        for i, name in enumerate(names)
    ]
    return Snapshot.take(CandidateList(listed), vocabulary("standard") if declared is None else declared)


def state(snapshot: Snapshot | None = None, clock: Clock | None = None) -> tuple[State, Clock]:
    """A state and its clock."""
    clock = Clock() if clock is None else clock
    return State(world() if snapshot is None else snapshot, BREAKER, clock), clock


def shown(observed: State, field: str, i: int = 0) -> object:
    """What a candidate shows for a field now; None where nothing is observed."""
    seen = observed.overlay().snapshot.observe(i, field)
    return seen.value if seen.known else None


def shut(observed: State, i: int = 0) -> bool:
    """Whether the breaker of a candidate shows open now."""
    return shown(observed, "breaker_open", i) is True


def fail(observed: State, i: int = 0, reason: str = "server_error", times: int = 1) -> None:
    """So many calls that fail."""
    for _ in range(times):
        observed.failed(observed.chosen(i), reason)
