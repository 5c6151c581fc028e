"""What the router has observed of its candidates, as the state that calls are decided over.

A `State` is a function of its events and of the clock that it is given. All of it runs in the thread of one event loop:
what `overlay` shows holds until the next `await`, so a call that is decided over it and sent at once takes the one
place that a half-open circuit has (`policy_ir.router.breaker`).

| field | what is shown |
|---|---|
| `breaker_open` | the candidate's own circuit is shut: it failed several times in a row, or stated a time |
| `disabled` | the circuit of the candidate's account is shut: its provider refused the key, or wants to be paid |
| `latency_ms`, `tok_s` | moving averages over the answers, to three digits |
| `success_rate` | a moving average over the outcomes that say something of the provider, to three digits |

Only what the vocabulary declares as a state field of that sort is shown, and what the snapshot says itself stands
wherever the router has nothing to add. A candidate that nothing was heard of for `FORGET_S` has no averages any more:
otherwise one that a policy avoids for them would never be tried again.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from math import inf, isfinite, nan
from typing import TYPE_CHECKING, Any, Final

import attrs

from policy_ir.evaluator.overlay import UNKNOWN, Overlay
from policy_ir.router.breaker import Circuit, Phase, Ticket

if TYPE_CHECKING:
    from policy_ir.router.config import Breaker
    from policy_ir.snapshot import Snapshot

__all__ = ["ACCOUNT_FAULTS", "REQUEST_FAULTS", "Dispatch", "Row", "State"]

REQUEST_FAULTS: Final = frozenset({"bad_request", "context_overflow", "content_filter"})
"""Failure reasons that say something of the request, and nothing of the provider."""

ACCOUNT_FAULTS: Final = frozenset({"auth_error", "payment_required"})
"""Failure reasons that every candidate would have that is called with the same key."""

FLAGS: Final[tuple[str, ...]] = ("breaker_open", "disabled")
AVERAGES: Final[tuple[str, ...]] = ("latency_ms", "success_rate", "tok_s")

WEIGHT: Final = 0.2
"""The share that the latest observation has in an average."""

FORGET_S: Final = 600.0
REFRESH_MS: Final = 1000.0
LONGEST_MS: Final = 600_000.0


@attrs.define(eq=False, slots=True)
class _Observed:
    """What is known of one candidate, in every state that was carried over from another."""

    circuit: Circuit = attrs.field(factory=Circuit)
    averages: dict[str, float] = attrs.field(factory=dict)
    heard: float = -inf


@attrs.define(eq=False, slots=True)
class _Changes:
    """How often something has changed, in all states that share what they observed."""

    circuits: int = 0
    averages: int = 0


@attrs.define(eq=False, slots=True, repr=False)
class Dispatch:
    """A call that was sent to a candidate. Its first outcome is the one that counts."""

    index: int
    _observed: _Observed
    _account: Circuit
    _ticket: Ticket
    _account_ticket: Ticket
    _settled: bool = False

    @property
    def probe(self) -> bool:
        """Whether it is the one call that a half-open circuit lets through."""
        return self._ticket.probe or self._account_ticket.probe


@attrs.frozen(slots=True, kw_only=True)
class Row:
    """What is known of one candidate: the phases of its circuits, how long they will stay open, and its averages.

    Times in milliseconds, 0 where a circuit is not open; `tok_s` in tokens per second; None where nothing was observed.
    """

    id: str
    breaker: Phase
    breaker_ms: float
    failures: int
    account: Phase
    account_ms: float
    latency_ms: float | None
    success_rate: float | None
    tok_s: float | None


class State:
    """The observations of the candidates of a snapshot.

    `clock` gives seconds and never goes back. `accounts` has an entry per candidate, equal for those that are called
    with the same key of the same provider; without it they are the routes (`served_by`). Averages are shown at most
    every `refresh_ms`. `longest_ms` is longer than any call: a probe that has had no outcome for so long is given up.
    """

    def __init__(
        self,
        snapshot: Snapshot,
        breaker: Breaker,
        clock: Callable[[], float],
        *,
        accounts: Sequence[Hashable] | None = None,
        refresh_ms: float = REFRESH_MS,
        longest_ms: float = LONGEST_MS,
    ) -> None:
        self._snapshot, self._breaker, self._clock = snapshot, breaker, clock
        self._refresh_ms, self._longest_ms = refresh_ms, longest_ms
        self._account_of = [snapshot.served_by(i) for i in range(snapshot.size)] if accounts is None else list(accounts)
        if len(self._account_of) != snapshot.size:
            raise ValueError(f"{len(self._account_of)} accounts for {snapshot.size} candidates")
        self._changes = _Changes()
        self._observed: dict[int, _Observed] = {}
        self._accounts: dict[Hashable, Circuit] = {}
        self._columns = _Columns(snapshot)
        self._overlay = Overlay.of(snapshot)
        self._seen = -1, -1
        self._due = self._refresh_at = -inf

    # --- what calls are decided over --------------------------------------------------------------------------

    def overlay(self) -> Overlay:
        """The state as of now. It is the same object as before as long as it shows the same."""
        now = self._clock()
        circuits, averages = self._seen
        changes = self._changes
        if (
            now < self._due
            and changes.circuits == circuits
            and (changes.averages == averages or now < self._refresh_at)
        ):
            return self._overlay
        return self._renewed(now)

    def _renewed(self, now: float) -> Overlay:
        columns = {
            **self._columns.flags("breaker_open", self._shut_candidates(now)),
            **self._columns.flags("disabled", self._of_shut_accounts(now)),
        }
        seen = self._seen[1]
        if now >= self._refresh_at:
            seen = self._changes.averages
            self._forget(now)
            for name in AVERAGES:
                columns.update(self._columns.numbers(name, self._averages(name)))
            self._refresh_at = now + self._refresh_ms / 1000
        self._seen = self._changes.circuits, seen
        self._due = self._due_after(now)
        if columns:
            self._overlay = self._overlay.replace(columns)
        return self._overlay

    def _shut_candidates(self, now: float) -> Iterator[int]:
        return (i for i, observed in self._observed.items() if observed.circuit.shut(now))

    def _of_shut_accounts(self, now: float) -> Iterator[int]:
        shut = {account for account, circuit in self._accounts.items() if circuit.shut(now)}
        return (i for i, account in enumerate(self._account_of) if account in shut) if shut else iter(())

    def _averages(self, name: str) -> Iterator[tuple[int, float]]:
        return ((i, one.averages[name]) for i, one in self._observed.items() if name in one.averages)

    def _forget(self, now: float) -> None:
        for observed in self._observed.values():
            if observed.averages and now >= observed.heard + FORGET_S:
                observed.averages.clear()

    def _due_after(self, now: float) -> float:
        """When something that is shown now may be over, if nothing happens."""
        ends = [circuit.changes_at(now) for circuit in self._accounts.values()]
        for observed in self._observed.values():
            ends.append(observed.circuit.changes_at(now))
            if observed.averages:
                ends.append(max(observed.heard + FORGET_S, self._refresh_at))
        return min(ends, default=inf)

    # --- events -----------------------------------------------------------------------------------------------

    def chosen(self, i: int) -> Dispatch:
        """Note that a call is being sent to candidate `i`, as the probe where there is one to be sent."""
        now = self._clock()
        observed = self._observed.get(i)
        if observed is None:
            observed = self._observed[i] = _Observed()
        key = self._account_of[i]
        account = self._accounts.get(key)
        if account is None:
            account = self._accounts[key] = Circuit()
        longest = self._longest_ms / 1000
        sent = Dispatch(i, observed, account, observed.circuit.send(now, longest), account.send(now, longest))
        self._changes.circuits += sent.probe
        return sent

    def succeeded(self, sent: Dispatch, *, first_token_ms: float | None = None, tok_s: float | None = None) -> None:
        """Note an answer, with the time to its first token and its speed as far as they are known."""
        if self._settle(sent):
            changed = sent._observed.circuit.succeed(sent._ticket) | sent._account.succeed(sent._account_ticket)
            self._changes.circuits += changed
            self._average(sent, success_rate=1.0, latency_ms=first_token_ms, tok_s=tok_s)

    def failed(
        self, sent: Dispatch, reason: str, *, retry_after_ms: float | None = None, open_ms: float | None = None
    ) -> None:
        """Note a failure. `retry_after_ms` is what the provider stated, `open_ms` the plan's `open_breaker_ms`.

        A reason that is the request's fault counts for nothing, but the plan may still ask to keep calls away.
        """
        if not self._settle(sent):
            return
        now, breaker = self._clock(), self._breaker
        circuit, account = sent._observed.circuit, sent._account
        asked, stated = (open_ms or 0.0) / 1000, (retry_after_ms or 0.0) / 1000
        if reason in REQUEST_FAULTS:
            changed = circuit.pause(sent._ticket, now, asked) | account.release(sent._account_ticket)
        elif reason in ACCOUNT_FAULTS:
            changed = circuit.pause(sent._ticket, now, asked) | account.fail(
                sent._account_ticket, now, most=1, opens=breaker.disable_ms / 1000, stated=stated
            )
        else:
            changed = account.release(sent._account_ticket) | circuit.fail(
                sent._ticket, now, most=breaker.failures, opens=breaker.open_ms / 1000, stated=max(asked, stated)
            )
        self._changes.circuits += changed
        if reason not in REQUEST_FAULTS:
            self._average(sent, success_rate=0.0)

    def cancelled(self, sent: Dispatch) -> None:
        """Note that a call has ended and says nothing, because the caller has hung up. Nothing after an outcome."""
        if self._settle(sent):
            changed = sent._observed.circuit.release(sent._ticket) | sent._account.release(sent._account_ticket)
            self._changes.circuits += changed

    def _settle(self, sent: Dispatch) -> bool:
        first, sent._settled = not sent._settled, True
        return first

    def _average(self, sent: Dispatch, **observed: float | None) -> None:
        averages, known = sent._observed.averages, self._columns.known
        sent._observed.heard = self._clock()
        self._changes.averages += 1
        for name, value in observed.items():
            if value is None or not isfinite(value):
                continue
            before = averages.get(name)
            if before is None:
                # A first failure is no reason to believe that all calls fail.
                before = known(name, sent.index, 1.0 if name == "success_rate" else value)
            averages[name] = before + WEIGHT * (value - before)

    # --- for others -------------------------------------------------------------------------------------------

    def rows(self) -> Iterator[Row]:
        """What is known of each candidate of which something is, in the order of the snapshot."""
        now, untouched, fresh = self._clock(), Circuit(), _Observed()
        for i, name in enumerate(self._snapshot.ids):
            observed = self._observed.get(i, fresh)
            account = self._accounts.get(self._account_of[i], untouched)
            if observed is not fresh or account.phase(now) != "closed":
                shown = {key: _rounded(value) for key, value in observed.averages.items()}
                yield Row(
                    id=name,
                    breaker=observed.circuit.phase(now),
                    breaker_ms=_left(observed.circuit, now),
                    failures=observed.circuit.failures,
                    account=account.phase(now),
                    account_ms=_left(account, now),
                    **{key: shown.get(key) for key in AVERAGES},
                )

    def carry(
        self,
        snapshot: Snapshot,
        breaker: Breaker | None = None,
        *,
        accounts: Sequence[Hashable] | None = None,
        longest_ms: float | None = None,
    ) -> State:
        """The state of another snapshot, with what is known of candidates of the same id and of the same accounts.

        Both share it from then on: what becomes of calls that are on their way is seen in either.
        """
        made = State(
            snapshot,
            self._breaker if breaker is None else breaker,
            self._clock,
            accounts=accounts,
            refresh_ms=self._refresh_ms,
            longest_ms=self._longest_ms if longest_ms is None else longest_ms,
        )
        made._changes = self._changes
        index = snapshot.index
        for i, observed in self._observed.items():
            there = index.get(self._snapshot.ids[i])
            if there is not None:
                made._observed[there] = observed
        of_new = set(made._account_of)
        made._accounts |= {key: circuit for key, circuit in self._accounts.items() if key in of_new}
        return made

    def __repr__(self) -> str:
        return f"State({self._snapshot.size} candidates, {len(self._observed)} of them called)"


def _left(circuit: Circuit, now: float) -> float:
    return 0.0 if circuit.until is None else max(0.0, circuit.until - now) * 1000


def _rounded(value: float) -> float:
    """A number to three digits: more would say nothing, and would make another state of each call."""
    return float(f"{value:.3g}")


def _number(observed: object) -> float:
    return observed if isinstance(observed, float) else nan


class _Columns:
    """The columns of the overlay that the router fills in, over what the snapshot says itself."""

    def __init__(self, snapshot: Snapshot) -> None:
        declared = {name: snapshot.vocabulary.fields[name] for name in snapshot.state_fields}
        self._numbers = {
            name: array("d", [_number(value) for value in snapshot.column(name).observations()])
            for name in AVERAGES
            if name in declared and declared[name].sort == "num"
        }
        self._flags = {
            name: bytes(UNKNOWN if value is None else bool(value) for value in snapshot.column(name).observations())
            for name in FLAGS
            if name in declared and declared[name].sort == "bool"
        }
        self._admits = {name: declared[name].admits for name in self._numbers}
        self._shown: dict[str, bytes] = self._flags | {name: one.tobytes() for name, one in self._numbers.items()}

    def known(self, name: str, i: int, otherwise: float) -> float:
        """What the snapshot itself says of a candidate, as a number."""
        column = self._numbers.get(name)
        if column is None:
            return otherwise
        value = column[i]
        return otherwise if value != value else value

    def flags(self, name: str, raised: Iterator[int]) -> Mapping[str, Any]:
        """The column of a boolean field, true for these candidates; nothing if it has not changed."""
        if name not in self._flags:
            return {}
        column = bytearray(self._flags[name])
        for i in raised:
            column[i] = 1
        return self._changed(name, bytes(column), bytes(column))

    def numbers(self, name: str, given: Iterator[tuple[int, float]]) -> Mapping[str, Any]:
        """The column of a numeric field with these numbers, as far as its range has them; nothing if unchanged."""
        if name not in self._numbers:
            return {}
        column, admits = self._numbers[name][:], self._admits[name]
        for i, value in given:
            shown = _rounded(value)
            if admits(shown):
                column[i] = shown
        return self._changed(name, column, column.tobytes())

    def _changed(self, name: str, column: Any, data: bytes) -> Mapping[str, Any]:
        if self._shown[name] == data:
            return {}
        self._shown[name] = data
        return {name: column}
