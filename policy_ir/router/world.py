"""What calls are decided over: one configuration, its catalogue, its policies and flows, the state of its candidates.

A world does not change but for the observations in its state. A reload makes another one, which takes the observations
over; calls that are on their way keep the one that they began with.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cached_property, partial
from typing import TYPE_CHECKING, Final, TypeVar

import attrs
from blake3 import blake3

from policy_ir.admission import Admitted, admit_policy
from policy_ir.diagnostics import Diagnostic, Refused, codes, did_you_mean, quoted
from policy_ir.evaluator import Bound, Evaluator
from policy_ir.floor import Effective, Floor, effective, floor_of
from policy_ir.flow.loaded import load_admitted_flow
from policy_ir.router.body import FLOW, FLOW_INLINE, INLINE, MODEL, POLICY, ChatRequest
from policy_ir.router.plan import FlowPlan, Keeper, Plan, flow_plan, policy_plan
from policy_ir.router.state import State
from policy_ir.snapshot import Candidate, CandidateList, Snapshot
from policy_ir.terms import And, Seq
from policy_ir.trace.costs import prices_of
from policy_ir.trace.parts import Part, catalogue_part, state_part, vocabulary_part

if TYPE_CHECKING:
    from policy_ir.evaluator import Overlay
    from policy_ir.flow.admission import AdmittedFlow
    from policy_ir.flow.cost import Decide
    from policy_ir.router.config import Config, Endpoint, Key
    from policy_ir.vocabulary import Vocabulary

__all__ = ["World"]

T = TypeVar("T")

PLANS: Final = 256
"""How many policies stay bound."""

LARGE_BYTES: Final = 8 * 1024
"""A term of more bytes than these is large: it is better loaded beside the event loop, and takes megabytes."""

LARGE_PLANS: Final = 16
"""How many large policies of callers stay bound."""

FLOWS: Final = 64
"""How many flows stay bound."""

FLOWS_BYTES: Final = 512 * 1024
"""How much text the flows of callers that stay bound have together, but for the last."""


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
        self._for_flows = _evaluator(config, LARGE_PLANS)
        self._plans: Keeper[Plan] = Keeper(PLANS)
        self._large_plans: Keeper[Plan] = Keeper(LARGE_PLANS)
        self._flows: Keeper[FlowPlan] = Keeper(FLOWS, FLOWS_BYTES, lambda kept: kept.size)
        self._floors: dict[str, Floor | None] = {}
        self._state_parts: tuple[Overlay, tuple[Part, ...]] | None = None
        found: list[Diagnostic] = []
        for table, names, bind in (
            ("policies", config.policies, self._named),
            ("flows", config.flows, self._named_flow),
        ):
            for name in names:
                try:
                    bind(name, None)
                except Refused as refused:
                    found += (_of_table(one, f"{table}.{name}") for one in refused.diagnostics)
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
        text = _text_of(term)
        if text is None:  # a number, a string or a depth that only the loader can tell of
            return self._planned(None, False, admit_loaded(term, self.vocabulary), key)
        large = len(text) > LARGE_BYTES
        evaluator = self._for_large if large else self.evaluator
        plans = self._large_plans if large else self._plans
        return plans.get(
            (blake3(text).digest(), _floored(key)),
            lambda: self._planned(
                None, False, _placeless(lambda: evaluator.load(text, self.vocabulary)), key, evaluator
            ),
        )

    def _named(self, name: str, key: Key | None) -> Plan:
        named = self.config.policies[name]
        known = POLICY, name, _floored(key)
        return self._plans.get(known, lambda: self._planned(name, True, named.admitted, key))

    def _single(self, candidate: str, key: Key | None) -> Plan:
        """The plan of a call that names its candidate: this one and no other, within the floor."""
        term = ["policy", ["tag_in", "id", [candidate]], ["zero"], ["argmax"], ["id"], ["always", {"action": "abort"}]]
        known = candidate, _floored(key)
        return self._plans.get(known, lambda: self._planned(candidate, False, self._load(term), key))

    def _load(self, term: object) -> Admitted:
        return self.evaluator.load(term, self.vocabulary)

    def _planned(
        self, name: str | None, own: bool, admitted: Admitted, key: Key | None, evaluator: Evaluator | None = None
    ) -> Plan:
        floor = self.floor(key)
        bind = partial(self._bound, evaluator or self.evaluator)
        return policy_plan(name, own, admitted, effective(admitted, floor), floor, bind)

    def _bound(self, evaluator: Evaluator, program: Effective) -> Bound:
        return evaluator.bind(program, self.snapshot)

    # --- the flows --------------------------------------------------------------------------------------------

    def flow(self, request: ChatRequest, key: Key | None) -> FlowPlan:
        """The flow that a call asks for.

        Raises `Refused`: `PIR0921` (no such flow), `PIR0925`, `PIR0926`, and those of admission.
        """
        model = request.model
        if model == FLOW_INLINE:
            if key is not None and not key.inline:
                raise _not_allowed(f"the key {quoted(key.name)} may not send flows of its own", "/flow_ir", model)
            return self.flow_term(request.term, key)
        name = model.removeprefix(FLOW)
        if name not in self.config.flows:
            raise self._unknown(model)
        if key is not None and not key.may_use(model):
            raise _not_allowed(f"the key {quoted(key.name)} may not use the flow {quoted(name)}", "/model", model)
        return self._named_flow(name, key)

    def flow_term(self, term: object, key: Key | None) -> FlowPlan:
        """The plan of a flow that came with its call, in decoded JSON."""
        text = _text_of(term)
        if text is None or not isinstance(term, list):  # only the loader of values can tell what is wrong with it
            return self._planned_flow(None, False, load_admitted_flow(term, self.vocabulary), key)
        known = blake3(text).digest(), _floored(key)

        def make() -> FlowPlan:
            admitted = _placeless(lambda: load_admitted_flow(text, self.vocabulary))
            made = self._planned_flow(None, False, admitted, key, size=len(text))
            if len(text) > LARGE_BYTES:  # this is not the event loop, where many of its nodes may start at once
                made.prepare(LARGE_BYTES)
            return made

        return self._flows.get(known, make)

    def _named_flow(self, name: str, key: Key | None) -> FlowPlan:
        named = self.config.flows[name]
        known = FLOW, name, _floored(key)
        return self._flows.get(known, lambda: self._planned_flow(name, True, named.admitted, key))

    def _planned_flow(
        self, name: str | None, own: bool, admitted: AdmittedFlow, key: Key | None, *, size: int = 0
    ) -> FlowPlan:
        bind = partial(self._bound, self._for_flows)
        return flow_plan(name, own, admitted, self.floor(key), bind, size=size)

    def decider(self) -> Decide:
        """What decides policies in another thread than that of the event loop: nothing of it is used by others."""
        evaluator = Evaluator(work_limit=self.config.limits.work)
        return lambda program, snapshot, facts, seed: evaluator.decide(program, snapshot, facts, seed).decision

    # --- under which floor, and of what -----------------------------------------------------------------------

    def floor(self, key: Key | None) -> Floor | None:
        """The host's floor, narrowed by that of the key."""
        host = self.config.floor
        if key is None or key.floor is None:
            return host
        if key.name not in self._floors:
            self._floors[key.name] = key.floor if host is None else both(host, key.floor, self.vocabulary)
        return self._floors[key.name]

    def _unknown(self, model: str) -> Refused:
        names = [POLICY + name for name in self.config.policies] + [FLOW + name for name in self.config.flows]
        sought = "flow" if model.startswith(FLOW) else "policy or candidate"
        return Refused.because(
            codes.UNKNOWN_MODEL,
            f"there is no {sought} {quoted(model)}",
            pointer="/model",
            found=quoted(model),
            expected=MODEL,
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


def _of_table(one: Diagnostic, table: str) -> Diagnostic:
    """A finding about a policy or a flow of the configuration, with the table that it is of."""
    return attrs.evolve(one, source=table) if one.source in (None, "policy") else one


def _evaluator(config: Config, most: int) -> Evaluator:
    """An evaluator that keeps so many policies."""
    return Evaluator(work_limit=config.limits.work, policies=most, programs=most, bindings=most)


def _text_of(term: object) -> bytes | None:
    """The text of decoded JSON, None for what cannot be written as one."""
    try:
        return json.dumps(term, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode("utf-8")
    except (ValueError, RecursionError):
        return None


def _placeless(load: Callable[[], T]) -> T:
    """What is loaded from a text that nobody has seen: places in it would help nobody."""
    try:
        return load()
    except Refused as refused:
        found = [attrs.evolve(one, span=None, source=None) for one in refused.diagnostics]
        raise Refused(found) from None


def admit_loaded(term: object, vocabulary: Vocabulary) -> Admitted:
    """The admitted policy of decoded JSON, by the way that explains every refusal."""
    from policy_ir.syntax.loader import load

    return admit_policy(load(term), vocabulary)


def both(host: Floor, key: Floor, vocabulary: Vocabulary) -> Floor:
    """The floor that holds a caller to two of them; the host's transform runs last."""
    transforms = [floor.mutate for floor in (key, host) if floor.mutate is not None]
    mutate = None if not transforms else transforms[0] if len(transforms) == 1 else Seq(tuple(transforms))
    return floor_of((And((host.filter, key.filter)), mutate), vocabulary)


def _floored(key: Key | None) -> str | None:
    """The key whose own floor a plan is under, None for that of the host."""
    return None if key is None or key.floor is None else key.name


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
