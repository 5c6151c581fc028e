"""A circuit breaker with half-open probes, as a state machine of its events and of the time.

A circuit is *shut* while calls are to be kept away. Its phases, and what leads from one to the next:

| phase | shut | event | next |
|---|---|---|---|
| closed | no | a success | closed, no failure in a row |
| closed | no | a failure that counts, not yet `most` in a row | closed |
| closed | no | the last of `most` in a row, or a failure that states a time | open for the longest that applies |
| open | yes | its time is over | half-open |
| open | yes | a success of a call that was sent since it opened | closed |
| open | yes | a failure that states a time | open until the later end |
| half-open | no | a call is sent | probing: that call is the probe |
| half-open | no | a success of a call that was sent since it opened | closed |
| half-open | no | a failure that states a time | open for that time |
| probing | yes | the probe succeeds, or another call that was sent since it opened | closed |
| probing | yes | the probe fails | open for the longest that applies |
| probing | yes | the probe ends and says nothing, or has been on its way for `longest` seconds | half-open |
| probing | yes | another call fails and states a time | open for that time; the probe is still on its way |

"The longest that applies": the time that the failure states (`Retry-After`, `open_breaker_ms` of the plan), at most
`MOST_OPEN_S`; and the circuit's own, where the failure is the last of `most` in a row or the probe's. Everything else
changes nothing. In particular nothing that a call sent before the last opening came to is evidence of what has been
since, but for a time that it states; and calls that are sent although the circuit is shut cannot hold it open.
"""

from __future__ import annotations

from math import inf
from typing import Final, Literal, TypeAlias

import attrs

__all__ = ["MOST_OPEN_S", "Circuit", "Phase", "Ticket"]

Phase: TypeAlias = Literal["closed", "open", "half-open", "probing"]

MOST_OPEN_S: Final = 3600.0
"""The most seconds for which a stated time opens a circuit: the bound that the language has for `open_breaker_ms`."""


@attrs.frozen(eq=False, slots=True)
class Ticket:
    """A call that was sent through a circuit: after how many openings, and whether it is the probe."""

    openings: int
    probe: bool


@attrs.define(eq=False, slots=True)
class Circuit:
    """One circuit. Times are seconds of any clock that never goes back."""

    failures: int = 0
    openings: int = 0
    until: float | None = None
    """When it is over with being open; None while closed."""
    _probe: Ticket | None = None
    _probe_ends: float = -inf

    def phase(self, now: float) -> Phase:
        """The phase at this time."""
        if self.until is None:
            return "closed"
        if now < self.until:
            return "open"
        return "probing" if self._probing(now) else "half-open"

    def shut(self, now: float) -> bool:
        """Whether calls are to be kept away."""
        return self.until is not None and (now < self.until or self._probing(now))

    def changes_at(self, now: float) -> float:
        """When it may next be shut no more, if nothing happens: a time after now, or infinity."""
        if self.until is None:
            return inf
        return max(self.until, self._probe_ends if self._probing(now) else -inf) if self.shut(now) else inf

    def send(self, now: float, longest: float) -> Ticket:
        """Note that a call is sent: the probe, if the circuit is half-open. It is over after `longest` seconds."""
        ticket = Ticket(self.openings, probe=self.phase(now) == "half-open")
        if ticket.probe:
            self._probe, self._probe_ends = ticket, now + longest
        return ticket

    def succeed(self, ticket: Ticket) -> bool:
        """Note a success. Like the three that follow, it says whether `shut` may have changed."""
        released = self.release(ticket)
        if ticket.openings != self.openings:
            return released
        closes = self.until is not None
        self.failures, self.until = 0, None
        return closes

    def fail(self, ticket: Ticket, now: float, *, most: int, opens: float, stated: float) -> bool:
        """Note a failure that counts. `opens` and `stated` are seconds, `stated` 0 where the failure states none."""
        ours, closed = ticket.openings == self.openings, self.until is None
        released = self.release(ticket)
        if ours and closed:
            self.failures += 1
        last = ours and (self.failures >= most if closed else released)
        return self._open(now, max(opens if last else 0.0, min(stated, MOST_OPEN_S))) or released

    def pause(self, ticket: Ticket, now: float, stated: float) -> bool:
        """Note an end that says nothing of how the other side is; `stated` as with a failure."""
        released = self.release(ticket)
        return self._open(now, min(stated, MOST_OPEN_S)) or released

    def release(self, ticket: Ticket) -> bool:
        """Free the place of the probe, if this call has it."""
        if self._probe is not ticket:
            return False
        self._probe, self._probe_ends = None, -inf
        return True

    def _open(self, now: float, seconds: float) -> bool:
        if seconds <= 0:
            return False
        until = now + seconds
        if self.until is None or self.until < until:
            self.until = until
        self.openings += 1
        return True

    def _probing(self, now: float) -> bool:
        return self._probe is not None and now < self._probe_ends
