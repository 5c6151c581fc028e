"""The words of the fault matrix: candidates, what callers get, and what hops come to."""

from __future__ import annotations

from typing import Any, Final

import attrs
from fault_row import ROUTINE, Told, Try

NORTH: Final = "north/large"
SOUTH: Final = "south/large"
EAST: Final = "east/long"

WHOLE: Final = "200, the whole answer"
PART: Final = "200, a part of the answer, then the error `{}`"

ABORT: Final = "abort"
NEXT: Final = "next_candidate/advance"
STOP: Final = "next_candidate/stop"
AGAIN: Final = "retry_same/again"
THEN: Final = f"retry_same/then, {NEXT}"

LIMITED: Final = "Rate limit reached for sim-large"
BROKE: Final = "The simulated server had an error"
BUSY: Final = "The model sim-large is overloaded"
TOO_LONG: Final = "This model's maximum context length is"
FILTERED: Final = "The response was filtered"

EVERYWHERE: Final = (NORTH, SOUTH, EAST)

SHORT: Final = attrs.evolve(ROUTINE, first_token_ms=200, idle_ms=200, total_ms=400)
"""Times of a provider that is given up soon."""

STREAM: Final[Any] = ("stream",)
IN_FULL: Final[Any] = ("whole",)


def failed(candidate: str, reason: str, status: int | None, action: str, says: str, cost: str = "none") -> Try:
    """A hop that has failed, what its plan says then, and a part of its message."""
    return Try(candidate, "failed", reason, status, action, says, cost)


def answered(candidate: str, cost: str = "usage") -> Try:
    """A hop that has answered."""
    return Try(candidate, "ok", None, 200, cost=cost)


def left(candidate: str, cost: str = "none") -> Try:
    """A hop that has ended because nobody was there to be answered any more."""
    return Try(candidate, "cancelled", cost=cost)


def ok(*hops: Try) -> Told:
    """A call that was answered."""
    return Told(WHOLE, "ok", hops)


def refused(got: str, *hops: Try) -> Told:
    """A call that has failed, without a part of an answer."""
    return Told(got, "failed", hops)


def all_have(fault: str) -> tuple[str, ...]:
    return tuple(f"{candidate}={fault}" for candidate in EVERYWHERE)


def within(milliseconds: int, **more: Any) -> dict[str, Any]:
    """A call with a deadline."""
    return {"policy_options": {"deadline_ms": milliseconds, **more}}


def retrying(attempts: int, backoff_ms: int, reason: str = "") -> str:
    """A plan that asks the same candidate again, after a wait, and then goes on."""
    again = f"retry_same(attempts: {attempts}, backoff_ms: {backoff_ms}, then_action: next_candidate)"
    return f"next_candidate on {reason}: {again}" if reason else again


AT_NORTH: Final = ok(answered(NORTH))
AT_SOUTH: Final = ok(answered(SOUTH))

HUNG_UP: Final = "nothing: the caller has hung up"
CLOSED: Final = "nothing: the connection is closed"
