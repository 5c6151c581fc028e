"""The record of one call: what was decided over what, what was tried, and what the caller got.

A record is a plain value with an exact JSON form. It names the parts of its decision by fingerprint and holds none of
them (`policy_ir.trace.parts`). Times: `at` is Unix time in seconds; names that end in `_ms` are milliseconds, from the
start of the call or of the hop as each says. A flow has one record, with one of the same kind within it for each of its
nodes that was run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from math import isfinite
from typing import Any, Final, Literal, TypeAlias, cast, get_args

import attrs

__all__ = [
    "BASES",
    "HOP_OUTCOMES",
    "OUTCOMES",
    "Basis",
    "Cost",
    "Hop",
    "HopOutcome",
    "Outcome",
    "Trace",
    "id_of_moment",
    "is_id",
    "new_id",
]

Basis: TypeAlias = Literal["usage", "estimate", "none"]
HopOutcome: TypeAlias = Literal["ok", "failed", "cancelled"]
Outcome: TypeAlias = Literal["ok", "refused", "no_candidate", "failed", "interrupted", "cancelled"]

BASES: tuple[Basis, ...] = get_args(Basis)
"""What a cost is computed from, soundest first."""
HOP_OUTCOMES: tuple[HopOutcome, ...] = get_args(HopOutcome)
OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)


@attrs.frozen(kw_only=True, slots=True)
class Cost:
    """What was spent, in US dollars and in tokens.

    `basis` says where that comes from: `usage` (the provider's own count), `estimate` (the facts of the request and
    what was received), `none` (nothing was spent, or nobody can say what).
    """

    usd: float = 0.0
    basis: Basis = "none"
    prompt_tokens: int = 0
    completion_tokens: int = 0

    @classmethod
    def total(cls, costs: Iterable[Cost]) -> Cost:
        """The sum. Its basis is the least sound one among those that have spent anything."""
        spent = [cost for cost in costs if cost.usd or cost.prompt_tokens or cost.completion_tokens]
        return cls(
            usd=sum(cost.usd for cost in spent),
            basis=max((cost.basis for cost in spent), key=BASES.index, default="none"),
            prompt_tokens=sum(cost.prompt_tokens for cost in spent),
            completion_tokens=sum(cost.completion_tokens for cost in spent),
        )

    def to_json(self) -> dict[str, Any]:
        """The cost as a JSON object."""
        return {
            "usd": self.usd,
            "basis": self.basis,
            "prompt_tokens": self.prompt_tokens,
            "completion_tokens": self.completion_tokens,
        }

    @classmethod
    def from_json(cls, value: object) -> Cost:
        """The cost that a decoded JSON object is. Raises ValueError for anything that `to_json` does not give."""
        return cls(**_read(cls, value))


@attrs.frozen(kw_only=True, slots=True)
class Hop:
    """One attempt: a request to one provider, and what came of it.

    `number` counts hops from 0; `position` is the place in the decision's order, `retries` how often this position had
    been retried before. `provider` is the name of the endpoint. `started_ms` counts from the start of the call, the
    other times from the start of the hop; `waited_ms` is the pause before the next hop. `status` is the HTTP status,
    None where there was none. `reason` is a failure reason of the language, `message` the provider's own words,
    redacted and shortened, `action` what the failure plan then asked for.
    """

    number: int
    position: int
    retries: int = 0
    candidate: str
    provider: str
    started_ms: float = 0.0
    first_byte_ms: float | None = None
    first_token_ms: float | None = None
    ended_ms: float = 0.0
    outcome: HopOutcome
    status: int | None = None
    reason: str | None = None
    message: str | None = None
    action: str | None = None
    waited_ms: float = 0.0
    cost: Cost = attrs.field(factory=Cost)

    def to_json(self) -> dict[str, Any]:
        """The hop as a JSON object."""
        return {
            "number": self.number,
            "position": self.position,
            "retries": self.retries,
            "candidate": self.candidate,
            "provider": self.provider,
            "started_ms": self.started_ms,
            "first_byte_ms": self.first_byte_ms,
            "first_token_ms": self.first_token_ms,
            "ended_ms": self.ended_ms,
            "outcome": self.outcome,
            "status": self.status,
            "reason": self.reason,
            "message": self.message,
            "action": self.action,
            "waited_ms": self.waited_ms,
            "cost": self.cost.to_json(),
        }

    @classmethod
    def from_json(cls, value: object) -> Hop:
        """The hop that a decoded JSON object is. Raises ValueError for anything that `to_json` does not give."""
        return cls(**_read(cls, value))


OWN_FLOW: Final = "*"
"""Stands for the name of a flow that came with its call and was refused; no flow of a configuration has this name."""


@attrs.frozen(kw_only=True, slots=True)
class Trace:
    """One call from its beginning to its end.

    `id` is made of `at` (`new_id`), so that traces in the order of their ids are in the order of time. `key` is the
    name of the caller's bearer key, `policy_name` that of the policy, None for a term of the caller's own.

    `policy` and `effective` are fingerprints of what was sent and of what ran, `snapshot`, `vocabulary`, `catalogue`
    and `state` those of what it ran over, `decision` that of the decision; `policy_part` and `floor` are digests of
    stored parts. Each is None where the call did not get so far. `facts` and `seed` are the rest of the decision's
    input. `winner` is the first of its order, `chosen` the candidate that answered; `eligible`, `refused` and `cut`
    count candidates.

    `outcome`: `interrupted` where content had reached the caller when the provider failed, `cancelled` where the caller
    went away. `status` is what the caller got, `reason` the last failure reason, `ended_ms` the length of the call,
    `cost` the sum over all hops. `diagnostics` are those of a refused policy or request. `request` and `response`
    are kept only where the operator has asked for it.

    The trace of a flow names the flow by its fingerprint (`flow`), by the digest of the stored part with what was sent
    (`flow_part`) and by its name in the configuration (`flow_name`; `*` where it came with its call and was refused, so
    that it has no fingerprint). It has no hops, policy or decision of its own:
    `nodes` has the call of each node that was run, in the order in which they were started, each with the name of its
    node (`node`) and with the id and the key of the flow; how far into the flow a call began is the difference of the
    two `at`. `cost` is the sum over the nodes, `chosen` the candidate that answered at the last node. `failed_node` is
    the node whose failure ended the flow. `passed` is of a node: its call failed, and its input was passed on.
    """

    id: str
    at: float
    key: str | None = None
    policy_name: str | None = None
    session: str | None = None
    policy: str | None = None
    policy_part: str | None = None
    effective: str | None = None
    floor: str | None = None
    vocabulary: str | None = None
    catalogue: str | None = None
    state: str | None = None
    snapshot: str | None = None
    facts: dict[str, Any] | None = None
    seed: int | None = None
    decision: str | None = None
    chosen: str | None = None
    winner: str | None = None
    eligible: int = 0
    refused: int = 0
    cut: int = 0
    hops: tuple[Hop, ...] = ()
    outcome: Outcome
    status: int
    reason: str | None = None
    stream: bool = False
    ended_ms: float = 0.0
    cost: Cost = attrs.field(factory=Cost)
    diagnostics: tuple[dict[str, Any], ...] = ()
    request: dict[str, Any] | None = None
    response: dict[str, Any] | None = None
    flow: str | None = None
    flow_part: str | None = None
    flow_name: str | None = None
    failed_node: str | None = None
    node: str | None = None
    passed: bool = False
    nodes: tuple[Trace, ...] = ()

    @property
    def is_flow(self) -> bool:
        """Whether this is the trace of a flow, and not that of a call or of a node."""
        return self.flow is not None or self.flow_name is not None

    @property
    def name_of_flow(self) -> str | None:
        """The name of its flow in the configuration, None for a flow that came with its call."""
        return None if self.flow_name == OWN_FLOW else self.flow_name

    @property
    def calls(self) -> tuple[Trace, ...]:
        """The calls that it is about: those of its nodes if it is the trace of a flow, else itself."""
        return self.nodes if self.is_flow else (self,)

    def to_json(self) -> dict[str, Any]:
        """The trace as a JSON object; `facts`, `diagnostics`, `request` and `response` are shared, not copied."""
        return {
            "id": self.id,
            "at": self.at,
            "key": self.key,
            "policy_name": self.policy_name,
            "session": self.session,
            "policy": self.policy,
            "policy_part": self.policy_part,
            "effective": self.effective,
            "floor": self.floor,
            "vocabulary": self.vocabulary,
            "catalogue": self.catalogue,
            "state": self.state,
            "snapshot": self.snapshot,
            "facts": self.facts,
            "seed": self.seed,
            "decision": self.decision,
            "chosen": self.chosen,
            "winner": self.winner,
            "eligible": self.eligible,
            "refused": self.refused,
            "cut": self.cut,
            "hops": [hop.to_json() for hop in self.hops],
            "outcome": self.outcome,
            "status": self.status,
            "reason": self.reason,
            "stream": self.stream,
            "ended_ms": self.ended_ms,
            "cost": self.cost.to_json(),
            "diagnostics": list(self.diagnostics),
            "request": self.request,
            "response": self.response,
            "flow": self.flow,
            "flow_part": self.flow_part,
            "flow_name": self.flow_name,
            "failed_node": self.failed_node,
            "node": self.node,
            "passed": self.passed,
            "nodes": [node.to_json() for node in self.nodes],
        }

    @classmethod
    def from_json(cls, value: object) -> Trace:
        """The trace that a decoded JSON object is; the keys of flows may be absent, as before there were any.

        Raises ValueError for anything else that `to_json` does not give.
        """
        read = _read(cls, value)
        if not is_id(read["id"]):
            raise ValueError("`id` is not the id of a trace")
        return cls(**read)


# --- ids ------------------------------------------------------------------------------------------------------

_DIGITS: Final = "0123456789abcdefghjkmnpqrstvwxyz"
"""Crockford's base 32: no letter that is easily taken for a digit or for another letter."""
_PAIRS: Final = tuple(high + low for high in _DIGITS for low in _DIGITS)
_PREFIX: Final = "tr_"
_LENGTH: Final = 26
_RANDOM_BITS: Final = 80
_MOST_MS: Final = 2**48 - 1


def new_id(at_ms: int, random: bytes) -> str:
    """The id of a trace: Unix time in milliseconds (48 bits), then 10 random bytes, in lower-case base 32.

    Ids in code-point order are in the order of time. Raises ValueError for a time or a number of bytes that does not
    fit.
    """
    if not 0 <= at_ms <= _MOST_MS or len(random) * 8 != _RANDOM_BITS:
        raise ValueError("an id is made of 48 bits of milliseconds and 10 random bytes")
    number = at_ms << _RANDOM_BITS | int.from_bytes(random)
    return _PREFIX + "".join([_PAIRS[number >> shift & 1023] for shift in range(120, -1, -10)])


def id_of_moment(at: float) -> str:
    """The least id of a moment, Unix time in seconds: traces from then on have this id or a later one."""
    return new_id(min(max(0, int(at * 1000)), _MOST_MS) if isfinite(at) else _MOST_MS * (at > 0), bytes(10))


def is_id(text: str) -> bool:
    """Whether a text has the form of an id."""
    prefix, digits = text[: len(_PREFIX)], text[len(_PREFIX) :]
    return prefix == _PREFIX and len(digits) == _LENGTH and set(digits) <= set(_DIGITS)


# --- reading --------------------------------------------------------------------------------------------------


def _read(cls: Any, value: object) -> dict[str, Any]:
    """The arguments of a class in a decoded JSON object that has each of its keys, but for `_LATER`, and no other."""
    if not isinstance(value, Mapping):
        raise ValueError(f"a {cls.__name__.lower()} is a JSON object")
    readers = _readers(cls)
    if value.keys() != readers.keys():
        odd = sorted(map(str, (value.keys() ^ readers.keys()) - (_LATER - value.keys())))
        if odd:
            raise ValueError(f"a {cls.__name__.lower()} has other keys: {', '.join(odd)[:200]}")
    read = {}
    for name, reader in readers.items():
        if name not in value:
            continue
        try:
            read[name] = reader(value[name])
        except TypeError:
            raise ValueError(f"`{name}` of a {cls.__name__.lower()} has another value") from None
    return read


def _of(*kinds: type) -> Callable[[object], object]:
    def check(value: object) -> object:
        if type(value) not in kinds:
            raise TypeError
        return value

    return check


def _number(value: object) -> float:
    if type(value) not in (int, float) or not isfinite(cast(float, value)):
        raise TypeError
    return float(cast(float, value))


def _maybe_number(value: object) -> float | None:
    return None if value is None else _number(value)


def _among(names: tuple[str, ...]) -> Callable[[object], object]:
    def check(value: object) -> object:
        if not isinstance(value, str) or value not in names:
            raise TypeError
        return value

    return check


def _list_of(read: Callable[[object], Any]) -> Callable[[object], object]:
    def check(value: object) -> object:
        if not isinstance(value, list):
            raise TypeError
        return tuple(map(read, value))

    return check


def _node(value: object) -> Trace:
    if isinstance(value, Mapping) and value.get("nodes"):
        raise ValueError("`nodes` of a node has another value")
    read = Trace.from_json(value)
    if read.node is None:
        raise ValueError("`node` of a node has another value")
    return read


_LATER: Final = frozenset(("flow", "flow_part", "flow_name", "failed_node", "node", "passed", "nodes"))
"""The keys that records of the first schema of a store do not have."""

_BY_ANNOTATION: Final[Mapping[str, Callable[[object], object]]] = {
    "str": _of(str),
    "str | None": _of(str, type(None)),
    "int": _of(int),
    "int | None": _of(int, type(None)),
    "bool": _of(bool),
    "float": _number,
    "float | None": _maybe_number,
    "dict[str, Any] | None": _of(dict, type(None)),
    "tuple[dict[str, Any], ...]": _list_of(_of(dict)),
    "tuple[Hop, ...]": _list_of(Hop.from_json),
    "tuple[Trace, ...]": _list_of(_node),
    "Cost": Cost.from_json,
    "Basis": _among(BASES),
    "HopOutcome": _among(HOP_OUTCOMES),
    "Outcome": _among(OUTCOMES),
}


def _readers(cls: Any) -> Mapping[str, Callable[[object], object]]:
    readers = _READERS.get(cls)
    if readers is None:
        readers = _READERS[cls] = {one.name: _BY_ANNOTATION[str(one.type)] for one in attrs.fields(cls)}
    return readers


_READERS: Final[dict[type, Mapping[str, Callable[[object], object]]]] = {}
