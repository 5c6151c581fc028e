"""What to do when an attempt has failed: a function of the decision's record and the action of its plan.

Nothing here remembers anything: the host brings the position, the number of retries and the reason, and gets a
position back, or a stop. Specification: chapter "Decisions", section "Failover".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, Protocol, TypeAlias, assert_never, get_args

import attrs

from policy_ir.diagnostics import InternalError
from policy_ir.terms import Action, Verb

FailoverRule: TypeAlias = Literal[
    "retry_same/again",
    "retry_same/then",
    "next_candidate/advance",
    "next_candidate/stop",
    "next_provider_same_model/advance",
    "next_provider_same_model/stop",
    "disable_provider/advance",
    "disable_provider/stop",
    "abort/stop",
]
FAILOVER_RULES: tuple[str, ...] = get_args(FailoverRule)

ROUTER_REASONS: tuple[str, ...] = (
    "rate_limit",
    "quota_exhausted",
    "overloaded",
    "timeout",
    "network_error",
    "server_error",
    "stream_interrupted",
    "auth_error",
    "model_not_found",
    "bad_request",
    "context_overflow",
    "content_filter",
    "bad_response",
    "payment_required",
    "model_unavailable",
    "unknown",
)
"""The reasons that a router emits. A plan may name any other."""

DEFAULT_ATTEMPTS = 1.0
DEFAULT_THEN: Verb = "next_candidate"


@attrs.frozen(slots=True)
class Route:
    """What failover looks at in an entry of the order."""

    provider: str
    family: str


@attrs.frozen(slots=True, kw_only=True)
class Next:
    """What to do next.

    `index` is the position in `ordered` to try, None to stop. `wait_ms` is to pass first, in milliseconds. `retries` is
    how many retries that position has had, this one included: what the host brings along the next time. `rules` are
    those that applied, in order. `disabled_provider` is to be left out for the rest of the call; `open_breaker_ms`, in
    milliseconds, is for how long other calls are to be kept from the candidate that failed. `extra` holds the action's
    further keys with their numbers, by key.
    """

    rules: tuple[FailoverRule, ...]
    index: int | None
    wait_ms: float = 0.0
    retries: int = 0
    disabled_provider: str | None = None
    open_breaker_ms: float | None = None
    extra: tuple[tuple[str, float], ...] = ()

    @property
    def stops(self) -> bool:
        """Whether the call has failed for good."""
        return self.index is None


class Routes(Protocol):
    """The routes of an order, by position."""

    def __len__(self) -> int: ...

    def __getitem__(self, i: int, /) -> Route: ...


def next_of(action: Action, i: int, retries: int, routes: Routes) -> Next:
    """What an action comes to after position `i` of `routes` has failed, having been retried `retries` times.

    Raises IndexError for a position outside the order, ValueError for a negative number of retries.
    """
    if not 0 <= i < len(routes):
        raise IndexError(f"position {i} of an order of {len(routes)}")
    if retries < 0:
        raise ValueError(f"{retries} retries")
    if action.action != "retry_same":
        return _leave(action.action, action, i, routes, ())
    if retries < (DEFAULT_ATTEMPTS if action.attempts is None else action.attempts):
        wait = _backoff(action.backoff_ms, retries)
        return Next(rules=("retry_same/again",), index=i, wait_ms=wait, retries=retries + 1, extra=action.extra)
    return _leave(action.then_action or DEFAULT_THEN, action, i, routes, ("retry_same/then",))


def _backoff(backoff: float | tuple[float, ...] | None, retries: int) -> float:
    """The wait before retry number `retries`, from 0."""
    match backoff:
        case None:
            return 0.0
        case tuple():
            return backoff[min(retries, len(backoff) - 1)] if backoff else 0.0
        case _:
            return backoff


def _leave(verb: Verb, action: Action, i: int, routes: Routes, before: tuple[FailoverRule, ...]) -> Next:
    """Leave position `i` by a verb: the first later entry that it allows, or a stop."""
    here = routes[i]
    later = range(i + 1, len(routes))
    advance: FailoverRule
    stop: FailoverRule
    fitting: Iterator[int]
    match verb:
        case "next_candidate":
            advance, stop = "next_candidate/advance", "next_candidate/stop"
            fitting = iter(later)
        case "next_provider_same_model":
            advance, stop = "next_provider_same_model/advance", "next_provider_same_model/stop"
            fitting = (j for j in later if routes[j].family == here.family and routes[j].provider != here.provider)
        case "disable_provider":
            advance, stop = "disable_provider/advance", "disable_provider/stop"
            fitting = (j for j in later if routes[j].provider != here.provider)
        case "abort":
            advance = stop = "abort/stop"
            fitting = iter(())
        case "retry_same":
            raise InternalError("`retry_same` as `then_action` is refused at admission")
        case _:
            assert_never(verb)
    index = next(fitting, None)
    return Next(
        rules=(*before, stop if index is None else advance),
        index=index,
        disabled_provider=here.provider if verb == "disable_provider" else None,
        open_breaker_ms=action.open_breaker_ms,
        extra=action.extra,
    )
