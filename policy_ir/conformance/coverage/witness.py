"""What one vector shows, measured with the reference where it can be measured. Specification: chapter "Conformance".

Which rules of evaluation and failover a vector uses is read off its derivation, which equations, off the rewriting of
its terms, which rules of scheduling, off the steps of its flow; what its author says about those is compared with that,
and never believed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, Final, cast

import attrs

from policy_ir.conformance import subject
from policy_ir.conformance.decoded import operation, operations, takes_term
from policy_ir.conformance.rules import spec_rules
from policy_ir.conformance.selection import given_codes
from policy_ir.conformance.subject.parts import vocabulary_of
from policy_ir.conformance.suite import Vector
from policy_ir.equations import Encoding
from policy_ir.failover import DEFAULT_THEN, FAILOVER_RULES
from policy_ir.floor import floor_of_value, under
from policy_ir.normal_form import EQUATIONS, Encodings, Equation, Rewriting, normal_form, redexes
from policy_ir.semantics.rules import RULES
from policy_ir.signature import SIGNATURE, subterms_of
from policy_ir.syntax.loader import load
from policy_ir.terms import Always, Override, Policy, Term

EVALUATED: Final = {"predicate", "score", "order", "transform", "failure", "failover", "policy", "step"}
"""The kinds whose outcome has a derivation."""
SCHEDULED: Final = {"schedule"}
"""The kinds whose outcome has the steps of a flow."""
NORMALISED: Final = {"normal-form", "encoding", "floor", "policy"}
"""The kinds whose outcome shows the normal form, or a fingerprint of it."""
POINTING: Final = ("PIR02", "PIR03", "PIR04", "PIR0810")
"""The beginnings of the codes whose pointers lead into a term."""
_EQUATION_OPS: Final = {equation.id: equation.op for equation in EQUATIONS}
_STEPS: Final = frozenset((*RULES, *FAILOVER_RULES))
_SCHEDULING: Final = frozenset(id for id, rule in spec_rules().items() if rule.kind == "scheduling")
_MEASURED: Final = _STEPS | _EQUATION_OPS.keys() | _SCHEDULING


@attrs.frozen
class Witness:
    """What a vector shows.

    `used` are the rules and equations that its outcome follows by, `avoided` those that are at stake in it and are not
    used. `ran` are the operations that occur in a vector with a result, `refused` those that are refused at a node.
    `near` are the codes that it comes near to and does not give, `given` those that it gives. `untrue` says, a sentence
    each, what its author claims and the reference contradicts.
    """

    used: frozenset[str] = frozenset()
    avoided: frozenset[str] = frozenset()
    ran: frozenset[str] = frozenset()
    refused: frozenset[str] = frozenset()
    near: frozenset[str] = frozenset()
    given: frozenset[str] = frozenset()
    untrue: tuple[str, ...] = ()


def witness(vector: Vector) -> Witness:
    """What a vector shows. Its expectation is taken as it stands: whether it is right is for a run to say."""
    given = frozenset(given_codes(vector))
    refused = frozenset(_operations_refused(vector))
    used = {rule for rule in vector.rules if rule not in _MEASURED}
    avoided = {rule for rule in vector.denies if rule not in _MEASURED}
    avoided |= {rule for op in refused for rule in _rules_of(op)}
    untrue: list[str] = []
    accepted = "result" in vector.expect
    ran = frozenset(op for value in _accepted_terms(vector) for op in operations(value)) if accepted else frozenset()
    if accepted and vector.kind in EVALUATED:
        derived, at_stake = _derivation(vector)
        used |= derived
        avoided |= at_stake - derived
        untrue += [f"names {rule}, which its derivation does not use" for rule in vector.rules
                   if rule in _STEPS and rule not in derived]  # fmt: skip
        untrue += [f"denies {rule}, which its derivation uses" for rule in vector.denies if rule in derived]
    else:
        untrue += [f"names {rule}, and has no derivation" for rule in vector.rules if rule in _STEPS]
    taken = _scheduled(vector) if accepted and vector.kind in SCHEDULED else None
    if taken is not None:
        used |= taken
        avoided |= {rule for rule in vector.denies if rule in _SCHEDULING} - taken
    untrue += [f"names {rule}, which is none of its steps" for rule in vector.rules
               if rule in _SCHEDULING and rule not in (taken or ())]  # fmt: skip
    untrue += [f"denies {rule}, which is one of its steps" for rule in vector.denies if rule in (taken or ())]
    if accepted and vector.kind in NORMALISED:  # elsewhere nothing shows what the equations did
        fired, redexed, possible = _rewriting(vector)
        used |= fired
        avoided |= {rule for rule in vector.denies if rule in possible - redexed}
        untrue += [f"names {rule}, which its normal form does not use" for rule in vector.rules
                   if rule in _EQUATION_OPS and rule not in fired]  # fmt: skip
        untrue += [f"denies {rule}, which applies in it" for rule in vector.denies if rule in redexed]
        untrue += [f"denies {rule}, whose operation does not occur" for rule in vector.denies
                   if rule in _EQUATION_OPS and rule not in possible]  # fmt: skip
    untrue += [f"comes near to {code}, and gives it" for code in vector.near if code in given]
    return Witness(
        used=frozenset(used),
        avoided=frozenset(avoided),
        ran=ran,
        refused=refused,
        near=frozenset(vector.near) - given,
        given=given,
        untrue=tuple(untrue),
    )


# --- codes and operations ------------------------------------------------------------------------------------


def _accepted_terms(vector: Vector) -> Iterator[Any]:
    """The terms of a vector with a result, as decoded wire values: of its input, or else of its result."""
    parts = list(_terms(vector.input))
    if not parts:
        parts = [vector.expect["result"].get("term")]
    yield from (part for part in parts if isinstance(part, list))


def _terms(given: Mapping[str, Any]) -> Iterator[Any]:
    """The terms of an input; a floor has up to two."""
    for member in ("term", "policy"):
        if isinstance(given.get(member), list):
            yield given[member]
    match given.get("floor"):
        case list() as predicate:
            yield predicate
        case dict() as floor:
            yield from (floor[slot] for slot in ("filter", "mutate") if isinstance(floor.get(slot), list))


def _operations_refused(vector: Vector) -> Iterator[str]:
    """The operations of the nodes that the findings of a refusal point at, or into a parameter of."""
    for finding in vector.expect.get("refused", ()):
        code, pointer = finding["code"], finding["pointer"]
        if pointer is None or not code.startswith(POINTING):
            continue
        for value in _pointed(vector, pointer):
            op = _node_at(value, pointer)
            if op is not None:
                yield op
                break


def _pointed(vector: Vector, pointer: str) -> Iterator[Any]:
    """The values that a pointer may lead into, the likeliest first."""
    given = vector.request()
    if pointer.startswith(("/filter", "/mutate")):
        yield given.get("floor")
        return
    yield from (given[member] for member in ("term", "policy", "value") if member in given)
    if vector.kind in ("syntax", "print") and isinstance(given.get("text"), str):
        yield _decoded(given["text"])


def _decoded(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _node_at(value: Any, pointer: str) -> str | None:
    """The operation of the innermost node on the way of a pointer, None where there is none."""
    places = pointer.split("/")[1:]
    if places and places[0] in ("filter", "mutate"):
        value = value.get(places.pop(0)) if isinstance(value, dict) else None
    found: str | None = None
    while (op := operation(value)) is not None:
        found = op
        at = int(places.pop(0)) if places and places[0].isdecimal() else 0
        if at >= len(value) or not takes_term(op, at):
            break
        value = value[at]
    return found


# --- derivations ---------------------------------------------------------------------------------------------


def _derivation(vector: Vector) -> tuple[set[str], set[str]]:
    """The rules of a vector's derivation, and the rules of the operations that are evaluated in it."""
    given = vector.request()
    term = given.pop("policy", None) or given["term"]
    given["term"] = term
    if given.get("floor") is not None:
        term = _result("floor", {**given, "policy": term}).get("term", term)
    ran = normal_form(load(term, effective=True))
    alone = SIGNATURE[ran.op].sort == "Pred"  # a derivation of a predicate is one at one candidate
    derived = [{**given, "candidates": [one]} for one in given.get("candidates", ())] if alone else [given]
    used = {rule for one in derived for rule in _steps(one)}
    at_stake = {rule for node in _evaluated(ran) for rule in _rules_of(node.op)}
    if vector.kind == "failover":
        used |= set(_result("failover", given).get("rules", ()))
        at_stake |= {rule for rule in FAILOVER_RULES if rule.partition("/")[0] in _verbs(ran)}
    return used, at_stake


def _steps(given: dict[str, Any]) -> Iterator[str]:
    """The rules of a derivation, in order; none where the reference refuses it."""
    yield from (step["rule"] for step in _result("step", given).get("steps", ()))


def _scheduled(vector: Vector) -> set[str]:
    """The rules of the steps of a flow."""
    return {rule for rule, _ in _result("schedule", vector.request()).get("steps", ())}


def _result(kind: str, given: Mapping[str, Any]) -> Mapping[str, Any]:
    result: Mapping[str, Any] = subject.answer(kind, given).get("result", {})
    return result


def _evaluated(term: Term) -> Iterator[Term]:
    """The nodes that a derivation is about: of a policy, those of filter, rank and selector."""
    yield term
    parts = subterms_of(term)
    for part in parts[:3] if term.op == "policy" else parts:
        yield from _evaluated(part)


def _verbs(plan: Term) -> set[str]:
    """The actions that a failure plan names, the one that retries end in among them."""
    found: set[str] = set()
    while isinstance(plan, Always | Override):
        found.add(plan.action.action)
        if plan.action.action == "retry_same":
            found.add(plan.action.then_action or DEFAULT_THEN)
        if isinstance(plan, Always):
            break
        plan = plan.plan
    return found


@cache
def _rules_of(op: str) -> frozenset[str]:
    """The rules of evaluation of an operation."""
    return frozenset(rule for rule in RULES if operation_of(rule) == op)


def operation_of(rule: str) -> str:
    """The operation whose expressions a rule of evaluation rewrites."""
    first, _, last = rule.partition("/")
    if first == "select":
        return last
    return "policy" if first in ("filter", "decision") else first


# --- equations -----------------------------------------------------------------------------------------------


def _rewriting(vector: Vector) -> tuple[set[str], set[str], set[str]]:
    """The equations that terms are brought to their normal form by, those with a redex, those whose operation occurs.

    A redex counts in a term as it is written, and in every term on the way.
    """
    fired: set[str] = set()
    redexed: set[str] = set()
    occurring: set[str] = set()
    terms = [load(value) for value in _terms(vector.input)]
    if "policy" in vector.input and vector.input.get("floor") is not None:
        floor = floor_of_value(vector.input["floor"], vocabulary_of(vector.input))
        terms.append(under(cast(Policy, load(vector.input["policy"])), floor))
    for term in terms:
        fired |= equations_used(term)
        redexed |= fired | {redex.equation.id for redex in redexes(term)}
        occurring |= {node.op for node in _nodes(term)}
    return fired, redexed, {id for id, op in _EQUATION_OPS.items() if op in occurring}


def equations_used(term: Term) -> set[str]:
    """The ids of the equations that bring a term to its normal form, from the leaves up."""
    used: set[str] = set()

    def noted(equation: Equation) -> Equation:
        def rewrite(redex: Term, encoding: Encoding) -> Term | None:
            contractum = equation.rewrite(redex, encoding)
            if contractum is not None:
                used.add(equation.id)
            return contractum

        return attrs.evolve(equation, rewrite=rewrite)

    Rewriting(map(noted, EQUATIONS), Encodings).normal_form(term)
    return used


def _nodes(term: Term) -> Iterator[Term]:
    yield term
    for part in subterms_of(term):
        yield from _nodes(part)
