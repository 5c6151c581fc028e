"""What calls are decided over: one configuration, its catalogue, its policies, and the state of its candidates.

A world does not change but for the observations in its state. A reload makes another one, which takes the observations
over; calls that are on their way keep the one that they began with.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING, Final, TypeAlias, cast

import attrs
from blake3 import blake3

from policy_ir.admission import Admitted, admit_policy
from policy_ir.diagnostics import Diagnostic, Refused, codes, did_you_mean, quoted
from policy_ir.evaluator import Bound, Evaluator
from policy_ir.floor import Floor, effective, floor_of
from policy_ir.lints.walk import nodes_of
from policy_ir.router.body import INLINE, POLICY, ChatRequest
from policy_ir.router.facts import draws
from policy_ir.router.state import State
from policy_ir.snapshot import Candidate, CandidateList, Snapshot
from policy_ir.terms import And, Custom, FilterImage, FilterText, Policy, Seq
from policy_ir.trace.costs import prices_of
from policy_ir.trace.parts import Part, catalogue_part, floor_part, policy_part, state_part, vocabulary_part

if TYPE_CHECKING:
    from policy_ir.evaluator import Overlay
    from policy_ir.router.config import Config, Endpoint, Key
    from policy_ir.vocabulary import Vocabulary

__all__ = ["Plan", "World"]

PLANS: Final = 256
"""How many policies stay bound."""

LARGE_BYTES: Final = 8 * 1024
"""A term of more bytes than these is large: it is better loaded beside the event loop, and takes megabytes."""

LARGE_PLANS: Final = 16
"""How many large policies of callers stay bound."""

_Known: TypeAlias = tuple[object, str | None]
"""What a plan is of, and the key whose floor it is under."""


@attrs.frozen(eq=False, slots=False)
class Plan:
    """A policy that calls can be decided by: bound to the catalogue, under the floors of the host and of a key.

    `name` is what traces call it: the policy's name, the candidate's id, or None for a term that came with its call.
    `own` is whether the operator wrote it: only such a policy can keep other calls away from a candidate.
    """

    name: str | None
    own: bool
    bound: Bound
    parts: tuple[Part, ...]

    @cached_property
    def draws(self) -> bool:
        """Whether a seed could make a difference."""
        return draws(self.bound.effective.normal)

    @property
    def policy_part(self) -> str:
        """The digest under which the policy is stored, as it was sent."""
        return self.parts[0].digest

    @property
    def floor_part(self) -> str | None:
        """The digest under which its floor is stored, None without one."""
        return self.parts[1].digest if len(self.parts) > 1 else None


class World:
    """A configuration, ready to serve. Raises `Refused` where catalogue, endpoints and policies do not fit together."""

    def __init__(self, config: Config, *, before: World | None = None, clock: Callable[[], float]) -> None:
        self.config = config
        self.vocabulary: Vocabulary = config.vocabulary
        taken = [(one, config.endpoint_of(one)) for one in config.catalogue.candidates(config.vocabulary)]
        served = [(_honoured(one, endpoint), endpoint) for one, endpoint in taken if endpoint is not None]
        self.snapshot = Snapshot.take(CandidateList([one for one, _ in served]), config.vocabulary)
        self.endpoints: tuple[Endpoint, ...] = tuple(endpoint for _, endpoint in served)
        self.served_models = tuple(_sent(one, endpoint) for one, endpoint in served)
        self.prices = tuple(prices_of(self.snapshot, i) for i in range(self.snapshot.size))
        self.evaluator = _evaluator(config, PLANS)
        self._for_large = _evaluator(config, LARGE_PLANS)
        accounts, longest_ms = [endpoint.name for endpoint in self.endpoints], config.limits.total_ms
        self.state: State = (
            State(self.snapshot, config.breaker, clock, accounts=accounts, longest_ms=longest_ms)
            if before is None
            else before.state.carry(self.snapshot, config.breaker, accounts=accounts, longest_ms=longest_ms)
        )
        self._plans: dict[_Known, Plan] = {}
        self._large_plans: dict[_Known, Plan] = {}
        self._keeping = Lock()  # large policies are bound in other threads
        self._floors: dict[str, Floor | None] = {}
        self._state_parts: tuple[Overlay, tuple[Part, ...]] | None = None
        found: list[Diagnostic] = []
        for name in config.policies:
            try:
                self._named(name, None)
            except Refused as refused:
                found += refused.diagnostics
        if found:
            raise Refused(found)

    # --- the policies -----------------------------------------------------------------------------------------

    def plan(self, request: ChatRequest, key: Key | None) -> Plan:
        """The policy that a call asks for.

        Raises `Refused`: `PIR0921` (no such policy, no such candidate), `PIR0925`, `PIR0926`, and those of admission.
        """
        model = request.model
        if model == INLINE:
            if key is not None and not key.inline:
                raise _not_allowed(f"the key {quoted(key.name)} may not send policies of its own", "/policy_ir", model)
            return self.term(request.term, key)
        if model.startswith(POLICY):
            name = model.removeprefix(POLICY)
            if name not in self.config.policies:
                raise self._unknown(model)
            if key is not None and not key.may_use(name):
                raise _not_allowed(f"the key {quoted(key.name)} may not use the policy {quoted(name)}", "/model", model)
            return self._named(name, key)
        if model not in self.snapshot.index:
            raise self._unknown(model)
        if key is not None and (key.policies is not None or not key.inline):
            raise _not_allowed(f"the key {quoted(key.name)} may not choose a candidate itself", "/model", model)
        return self._single(model, key)

    def term(self, term: object, key: Key | None) -> Plan:
        """The plan of a term that came with its call, in decoded JSON."""
        try:
            text = json.dumps(term, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode("utf-8")
        except (ValueError, RecursionError):  # a number, a string or a depth that only the loader can tell of
            return self._planned(None, False, admit_loaded(term, self.vocabulary), key)
        large = len(text) > LARGE_BYTES
        evaluator = self._for_large if large else self.evaluator
        return self._kept(
            blake3(text).digest(),
            key,
            lambda: self._planned(None, False, _loaded(evaluator, text, self.vocabulary), key, evaluator),
            large=large,
        )

    def _named(self, name: str, key: Key | None) -> Plan:
        named = self.config.policies[name]
        return self._kept((POLICY, name), key, lambda: self._planned(name, True, named.admitted, key))

    def _single(self, candidate: str, key: Key | None) -> Plan:
        """The plan of a call that names its candidate: this one and no other, within the floor."""
        term = ["policy", ["tag_in", "id", [candidate]], ["zero"], ["argmax"], ["id"], ["always", {"action": "abort"}]]
        return self._kept((candidate,), key, lambda: self._planned(candidate, False, self._load(term), key))

    def _load(self, term: object) -> Admitted:
        return self.evaluator.load(term, self.vocabulary)

    def _kept(self, of: object, key: Key | None, make: Callable[[], Plan], *, large: bool = False) -> Plan:
        """A plan that is kept, by what it is of and by whose floor it is under; the oldest goes first."""
        known = (of, None if key is None or key.floor is None else key.name)
        plans, most = (self._large_plans, LARGE_PLANS) if large else (self._plans, PLANS)
        plan = plans.get(known)
        if plan is None:
            plan = make()
            with self._keeping:
                if len(plans) >= most:
                    # The operator's own policies stay: there are few of them, and a caller cannot push them out.
                    stale = next((one for one, kept in plans.items() if not kept.own), None)
                    if stale is not None:
                        del plans[stale]
                plans[known] = plan
        return plan

    def _planned(
        self, name: str | None, own: bool, admitted: Admitted, key: Key | None, evaluator: Evaluator | None = None
    ) -> Plan:
        floor = self.floor(key)
        program = effective(admitted, floor)
        refuse_directives(program.normal)
        bound = (evaluator or self.evaluator).bind(program, self.snapshot)
        parts = (policy_part(admitted),) if floor is None else (policy_part(admitted), floor_part(floor))
        return Plan(name, own, bound, parts)

    def floor(self, key: Key | None) -> Floor | None:
        """The host's floor, narrowed by that of the key."""
        host = self.config.floor
        if key is None or key.floor is None:
            return host
        if key.name not in self._floors:
            self._floors[key.name] = key.floor if host is None else both(host, key.floor, self.vocabulary)
        return self._floors[key.name]

    def _unknown(self, model: str) -> Refused:
        names = [POLICY + name for name in self.config.policies]
        return Refused.because(
            codes.UNKNOWN_MODEL,
            f"there is no policy or candidate {quoted(model)}",
            pointer="/model",
            found=quoted(model),
            expected="`policy:NAME`, `policy:*` with a term under `policy_ir`, or the id of a candidate",
            help=did_you_mean(model, [*names, *self.snapshot.ids], "`GET /v1/models` lists what there is"),
        )

    # --- what traces name -------------------------------------------------------------------------------------

    @cached_property
    def lasting_parts(self) -> tuple[Part, ...]:
        """The vocabulary and the catalogue."""
        return (vocabulary_part(self.vocabulary), catalogue_part(self.snapshot))

    def state_parts(self, overlay: Overlay) -> tuple[Part, ...]:
        """The state that an overlay shows; the last one is kept."""
        kept = self._state_parts
        if kept is None or kept[0] is not overlay:
            kept = self._state_parts = overlay, (state_part(overlay.snapshot),)
        return kept[1]


def _evaluator(config: Config, most: int) -> Evaluator:
    """An evaluator that keeps so many policies."""
    return Evaluator(work_limit=config.limits.work, policies=most, programs=most, bindings=most)


def _loaded(evaluator: Evaluator, text: bytes, vocabulary: Vocabulary) -> Admitted:
    try:
        return evaluator.load(text, vocabulary)
    except Refused as refused:
        # Places in a text that nobody has seen help nobody.
        found = [attrs.evolve(one, span=None, source=None) for one in refused.diagnostics]
        raise Refused(found) from None


def admit_loaded(term: object, vocabulary: Vocabulary) -> Admitted:
    """The admitted policy of decoded JSON, by the way that explains every refusal."""
    from policy_ir.syntax.loader import load

    return admit_policy(load(term), vocabulary)


def refuse_directives(policy: Policy) -> None:
    """Refuse a policy that asks the host to change a message: this one does not, and sends nothing instead."""
    found = [
        Diagnostic(
            code=codes.NOT_CARRIED_OUT,
            message=f"this router does not carry out {quoted(_directive(node))}",
            pointer=node.origin.pointer if node.origin is not None else None,
            source=node.origin.source if node.origin is not None else None,
            found=quoted(_directive(node)),
            help="take it out of the policy, or do it before the call is sent",
        )
        for node, _ in nodes_of(policy)
        if isinstance(node, FilterText | FilterImage | Custom)
    ]
    if found:
        raise Refused(found)


def _directive(node: object) -> str:
    match node:
        case FilterText():
            return "filter_text"
        case FilterImage():
            return "filter_image"
        case _:
            return cast(Custom, node).symbol


def both(host: Floor, key: Floor, vocabulary: Vocabulary) -> Floor:
    """The floor that holds a caller to two of them; the host's transform runs last."""
    transforms = [floor.mutate for floor in (key, host) if floor.mutate is not None]
    mutate = None if not transforms else transforms[0] if len(transforms) == 1 else Seq(tuple(transforms))
    return floor_of((And((host.filter, key.filter)), mutate), vocabulary)


def _not_allowed(message: str, at: str, model: str) -> Refused:
    return Refused.because(codes.POLICY_NOT_ALLOWED, message, pointer=at, found=quoted(model))


# --- candidates and their endpoints ----------------------------------------------------------------------------


def _honoured(candidate: Candidate, endpoint: Endpoint) -> Candidate:
    """A candidate with those of its capabilities that its endpoint honours."""
    honoured = endpoint.capabilities
    if honoured is None:
        return candidate
    lost = {name for name in candidate.capabilities if name not in honoured}
    kept = [name for name in candidate.capabilities if name not in lost]
    fields = {name: value for name, value in candidate.fields.items() if name not in lost}
    return attrs.evolve(candidate, capabilities=kept, fields=fields)


def _sent(candidate: Candidate, endpoint: Endpoint) -> str:
    """The name of the model in the body that the endpoint gets."""
    served: str = candidate.served_model or candidate.family or ""
    return endpoint.models.get(candidate.id, endpoint.models.get(served, served))
