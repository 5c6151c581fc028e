"""What calls can be decided by: policies and flows, bound to a catalogue under the floors of the host and of a key."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING, Generic, Protocol, TypeAlias, TypeVar

import attrs

from policy_ir.diagnostics import Diagnostic, Refused
from policy_ir.router.directives import at_node, refuse_directives
from policy_ir.router.facts import draws
from policy_ir.trace.parts import Part, floor_part, flow_part, policy_part

if TYPE_CHECKING:
    from policy_ir.admission import Admitted
    from policy_ir.evaluator import Bound
    from policy_ir.floor import Effective, Floor
    from policy_ir.flow.admission import AdmittedFlow

__all__ = ["FlowPlan", "Keeper", "Plan", "PolicyRefused", "flow_plan", "policy_plan"]

Bind: TypeAlias = "Callable[[Effective], Bound]"
"""Binds a policy to the catalogue. Raises `Refused`."""


class PolicyRefused(Refused):
    """It is the policy or the flow of a call that is refused, and not its body."""


@attrs.frozen(eq=False, slots=False)
class Plan:
    """A policy that calls can be decided by: bound to the catalogue, under the floors of the host and of a key.

    `name` is what traces call it: the policy's name, the candidate's id, or None for a term that came with its call and
    for that of a node. `own` is whether the operator wrote it: only such a policy can keep other calls away from a
    candidate.
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


@attrs.frozen(eq=False, slots=False)
class FlowPlan:
    """A flow that calls can be run by, with a plan for each of its `llm` nodes.

    `name` is that of the configuration, None for a flow that came with its call. `size` is what it takes of memory, as
    the bytes of its text. `part` is the flow as it was sent.
    """

    name: str | None
    own: bool
    admitted: AdmittedFlow
    floor: Floor | None
    nodes: Mapping[str, Plan]
    part: Part
    size: int

    @cached_property
    def draws(self) -> bool:
        """Whether a seed could make a difference to any node."""
        return any(plan.draws for plan in self.nodes.values())

    def prepare(self, large: int) -> None:
        """Do now what the first decision of each policy of more than so many bytes would do."""
        for plan in {id(plan): plan for plan in self.nodes.values()}.values():
            if len(plan.bound.effective.policy.canonical_bytes) > large:
                _ = plan.bound.prepare().decide().fingerprint


def policy_plan(
    name: str | None, own: bool, policy: Admitted, program: Effective, floor: Floor | None, bind: Bind
) -> Plan:
    """The plan of a policy that has become `program` under a floor. Raises `Refused`."""
    refuse_directives(program.normal)
    bound = bind(program)
    return Plan(name, own, bound, (policy_part(policy),) if floor is None else (policy_part(policy), floor_part(floor)))


def flow_plan(
    name: str | None, own: bool, flow: AdmittedFlow, floor: Floor | None, bind: Bind, *, size: int = 0
) -> FlowPlan:
    """The plan of a flow under a floor. Raises `Refused`, with the findings of all its nodes."""
    made: dict[tuple[int, int], Plan] = {}
    nodes: dict[str, Plan] = {}
    found: list[Diagnostic] = []
    for node, program in flow.effective(floor).items():
        policy = flow.policies[node]
        same = id(policy), id(program)  # nodes with equal policies share them
        try:
            if same not in made:
                made[same] = policy_plan(None, own, policy, program, floor, bind)
            nodes[node] = made[same]
        except Refused as refused:
            found += (at_node(one, node) for one in refused.diagnostics)
    if found:
        raise Refused(found)
    return FlowPlan(name, own, flow, floor, nodes, flow_part(flow), size)


# --- keeping them ----------------------------------------------------------------------------------------------


class _Kept(Protocol):
    @property
    def own(self) -> bool: ...


P = TypeVar("P", bound=_Kept)


class Keeper(Generic[P]):
    """Plans that are kept, by what they are of and by whose floor they are under; the oldest goes first.

    There are at most `most`, of `total` in all by `size`. The operator's own stay and are not counted in `total`: there
    are few of them, and a caller cannot push them out. Plans may be made in other threads.
    """

    def __init__(self, most: int, total: int = 0, size: Callable[[P], int] = lambda one: 0) -> None:
        self._most, self._total, self._size_of = most, total, size
        self._plans: dict[object, P] = {}
        self._size = 0
        self._keeping = Lock()

    def get(self, known: object, make: Callable[[], P]) -> P:
        """The plan of a key, which is made where it is not kept. Raises what `make` does."""
        found = self._plans.get(known)
        return self._keep(known, make()) if found is None else found

    def _keep(self, known: object, made: P) -> P:
        size = 0 if made.own else self._size_of(made)
        with self._keeping:
            if known in self._plans:  # two were made at the same time
                return self._plans[known]
            stale = (one for one, kept in list(self._plans.items()) if not kept.own)
            while len(self._plans) >= self._most or self._size + size > self._total:
                oldest = next(stale, None)
                if oldest is None:
                    break
                self._size -= self._size_of(self._plans.pop(oldest))
            self._plans[known] = made
            self._size += size
        return made

    def __len__(self) -> int:
        return len(self._plans)
