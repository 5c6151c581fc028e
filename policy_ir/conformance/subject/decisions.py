"""Whole decisions and what comes after them: the kinds `policy` and `failover`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from policy_ir.conformance.subject.parts import (
    Input,
    NotARequest,
    admitted,
    admitted_policy,
    count,
    facts_of,
    member,
    seed_of,
    snapshot_of,
    spelled,
    vocabulary_of,
)

if TYPE_CHECKING:
    from policy_ir.admission import Admitted
    from policy_ir.decision import Decision
    from policy_ir.failover import Next


def policy(input: Input) -> dict[str, Any]:
    """The decision of a policy, under a floor where there is one."""
    vocabulary = vocabulary_of(input)
    return decided(input, admitted_policy(input, vocabulary, name="policy")).to_json()


def decided(input: Input, made: Admitted) -> Decision:
    """The decision of an admitted policy over the parts of an input that come after it."""
    from policy_ir.decision import decide
    from policy_ir.floor import effective, floor_of_value
    from policy_ir.semantics.work import WORK_LIMIT

    vocabulary = made.vocabulary
    program = effective(made, floor_of_value(input["floor"], vocabulary) if "floor" in input else None)
    snapshot = snapshot_of(input, vocabulary)
    facts = facts_of(input, vocabulary)
    seed = seed_of(input)
    limit = count(input, "work_limit") if "work_limit" in input else WORK_LIMIT
    return decide(program, snapshot, facts, seed, work_limit=limit)


def failover(input: Input) -> dict[str, Any]:
    """What to do when the attempt at a position of an order has failed."""
    from policy_ir.facts import Facts
    from policy_ir.failover import Route, next_of
    from policy_ir.semantics import machine
    from policy_ir.semantics.environment import Environment
    from policy_ir.snapshot import CandidateList, Snapshot

    vocabulary = vocabulary_of(input)
    made = admitted(input, vocabulary, sort="FailPlan")
    reason = member(input, "reason", str)
    position, retries = count(input, "position"), count(input, "retries")
    routes = [Route(provider, family) for provider, family in routes_of(input)]
    if position >= len(routes):
        raise NotARequest("the member 'position' is outside the order")
    env = Environment(Snapshot.take(CandidateList(()), vocabulary), Facts())
    action = machine.action(made.normal, reason, env)  # type: ignore[arg-type]  # of that sort, by its reading
    return shown(next_of(action, position, retries, routes))


def routes_of(input: Input) -> list[tuple[str, str]]:
    """The provider and the family of each entry of an order."""
    try:
        return [(provider, family) for provider, family in member(input, "ordered", list)]
    except (TypeError, ValueError):
        raise NotARequest("the member 'ordered' is no list of [provider, family]") from None


def shown(then: Next) -> dict[str, Any]:
    """What to do next, as a reply holds it."""
    return {
        "position": then.index,
        "retries": then.retries,
        "wait_ms": spelled(then.wait_ms),
        "disable": then.disabled_provider,
        "open_breaker_ms": spelled(then.open_breaker_ms),
        "extra": spelled(dict(then.extra)),
        "rules": list(then.rules),
    }
