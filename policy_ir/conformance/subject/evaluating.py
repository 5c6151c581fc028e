"""What the evaluator answers in place of the machine: the kinds whose results a whole decision shows.

A predicate is asked as the filter of a policy, a scorer as its rank, a selector as its selector after a rank that gives
the scores in question, a transform as its transform, a plan as its plan over candidates of the routes in question. What
no decision shows stays with the machine: derivations, and orders of scores that no rank gives, such as -0. Flows are
loaded as the evaluator loads policies, and their calls decided by it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import copysign, isinf, isnan
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from policy_ir.admission import Admitted
from policy_ir.conformance.subject import decisions, flow_runs, flows, meaning
from policy_ir.conformance.subject.parts import (
    Input,
    NotARequest,
    admitted,
    admitted_policy,
    count,
    facts_of,
    given,
    member,
    optional,
    score_of,
    seed_of,
    snapshot_of,
    spelled,
    vocabulary_of,
)
from policy_ir.facts import Facts
from policy_ir.semantics.numbers import score_json
from policy_ir.snapshot import Candidate, CandidateList, Snapshot
from policy_ir.terms import (
    Action,
    Add,
    Always,
    Gate,
    Id,
    Lit,
    Ordered,
    Policy,
    Scale,
    Scorer,
    TagIn,
    Top,
    Zero,
)
from policy_ir.values import part_value

if TYPE_CHECKING:
    from policy_ir.decision import Decision, Filter
    from policy_ir.evaluator import Choice
    from policy_ir.floor import Effective
    from policy_ir.flow.admission import AdmittedFlow
    from policy_ir.vocabulary import Vocabulary

_SLOTS: Final[Mapping[str, Any]] = MappingProxyType(
    {
        "filter": Top(),
        "rank": Zero(),
        "select": Ordered(),
        "mutate": Id(),
        "fallback": Always(Action("next_candidate")),
    }
)
"""The policy that keeps everybody, in catalogue order."""


def _policy(input: Input) -> dict[str, Any]:
    """The decision of a policy, under a floor where there is one."""
    from policy_ir.evaluator import Evaluator
    from policy_ir.floor import effective, floor_of_value
    from policy_ir.semantics.work import WORK_LIMIT

    vocabulary = vocabulary_of(input)
    made = admitted_policy(input, vocabulary, name="policy")
    program = effective(made, floor_of_value(input["floor"], vocabulary) if "floor" in input else None)
    snapshot = snapshot_of(input, vocabulary)
    facts, seed = facts_of(input, vocabulary), seed_of(input)
    limit = count(input, "work_limit") if "work_limit" in input else WORK_LIMIT
    return Evaluator(work_limit=limit).decide(program, snapshot, facts, seed).to_json()


def _predicate(input: Input) -> dict[str, Any]:
    """The reason of each candidate, None where it is accepted."""
    made = admitted(input, vocabulary_of(input), sort="Pred")
    return {"reasons": _choice(input, made.vocabulary, filter=made.term).reasons()}


def _score(input: Input) -> dict[str, Any]:
    """The score of each candidate, over the population of all."""
    made = admitted(input, vocabulary_of(input), sort="Scorer")
    choice = _choice(input, made.vocabulary, rank=made.term)
    return {"scores": [score_json(score) for score in choice.scores()]}


def _order(input: Input) -> dict[str, Any]:
    """The order of all candidates with their scores, and whom the selector cuts."""
    made = admitted(input, vocabulary_of(input), sort="Selector")
    slots: dict[str, Any] = {"select": made.term}
    given = optional(input, "scores", list)
    if given is not None:
        scores = [score_of(one) for one in given]
        snapshot = snapshot_of(input, made.vocabulary)
        if any(score == 0 and copysign(1.0, score) < 0 for score in scores) or "id" not in made.vocabulary.fields:
            return meaning.evaluated(input, "Selector")
        if len(scores) != snapshot.size:
            raise NotARequest("the member 'scores' has not one score for each candidate")
        slots["rank"] = Add((Zero(), *map(_at, snapshot.ids, scores)))
    choice = _choice(input, made.vocabulary, seed_of(input), **slots)
    ordered = zip(choice.ids(), choice.scores(), strict=True)
    return {
        "ordered": [[id, score_json(score)] for id, score in ordered],
        "cut": [[id, by] for id, by in choice.cut],
    }


def _at(id: str, score: float) -> Scorer:
    """The score of one candidate, 0 for all others."""
    above, below = Scale(1e300, Lit(1e300)), Scale(-1e300, Lit(1e300))
    constant: Scorer = Lit(score)
    if isnan(score):
        constant = Add((above, below))
    elif isinf(score):
        constant = above if score > 0 else below
    return Gate(TagIn("id", (id,)), constant)


def _transform(input: Input) -> dict[str, Any]:
    """The request after the transform, and the directives."""
    made = admitted(input, vocabulary_of(input), sort="Xform")
    choice = _choice(input, made.vocabulary, seed_of(input), mutate=made.term)
    if len(choice.ids()) != 1:
        raise NotARequest("a transform is asked about one candidate")
    attempt = choice.attempt(0, member(input, "request", dict))
    said = attempt.directives
    filters = {"filter_text": said.filter_text, "filter_image": said.filter_image}
    directives: dict[str, Any] = {name: _filter(filter) for name, filter in filters.items() if filter is not None}
    directives["customs"] = [[custom.symbol, custom.version] for custom in said.customs]
    return {"request": attempt.request, "directives": directives}


def _filter(filter: Filter) -> dict[str, Any]:
    directive = {"recipe": spelled(part_value(filter.recipe))}
    return directive if filter.seed is None else directive | {"seed": filter.seed}


def _failover(input: Input) -> dict[str, Any]:
    """What to do when the attempt at a position of an order has failed: of an order of candidates of these routes."""
    vocabulary = vocabulary_of(input)
    made = admitted(input, vocabulary, sort="FailPlan")
    routes, position = decisions.routes_of(input), count(input, "position")
    listed = [Candidate(id=f"m{i}", provider=provider, family=family) for i, (provider, family) in enumerate(routes)]
    choice = _decided(Snapshot.take(CandidateList(listed), vocabulary), Facts(), None, fallback=made.term)
    if position >= len(listed):
        raise NotARequest("the member 'position' is outside the order")
    return decisions.shown(choice.next(position, count(input, "retries"), member(input, "reason", str)))


def _choice(input: Input, vocabulary: Vocabulary, seed: int | None = None, **slots: Any) -> Choice:
    """The choice of the policy that does nothing but for these slots, over the world of an input."""
    return _decided(snapshot_of(input, vocabulary), facts_of(input, vocabulary), seed, **slots)


def _decided(snapshot: Snapshot, facts: Facts, seed: int | None, **slots: Any) -> Choice:
    from policy_ir.evaluator import Evaluator

    # The terms are admitted already, and one is perhaps as large as a whole policy may be.
    policy = Admitted(Policy(**{**_SLOTS, **slots}), snapshot.vocabulary)
    return Evaluator().decide(policy, snapshot, facts, seed)


def _flow_admission(input: Input) -> dict[str, Any]:
    """The last node and the policies of a flow, by the fast load."""
    return flows.admission_of(input, _loaded_flow(input))


def _flow_encoding(input: Input) -> dict[str, Any]:
    """The bytes and the fingerprint of a flow, by the fast load."""
    return flows.encoding_of(_loaded_flow(input))


def _loaded_flow(input: Input) -> AdmittedFlow:
    from policy_ir.flow.loaded import load_admitted_flow

    return load_admitted_flow(given(input, "flow"), vocabulary_of(input))


def _flow_calls(input: Input) -> dict[str, Any]:
    """The estimates of the calls of a flow."""
    from policy_ir.evaluator import Evaluator

    evaluator = Evaluator()

    def decide(program: Effective, snapshot: Snapshot, facts: Facts, seed: int | None) -> Decision:
        return evaluator.decide(program, snapshot, facts, seed).decision

    return flow_runs.calls_of(input, _loaded_flow(input), decide)


EVALUATED: Final[Mapping[str, Callable[[Input], dict[str, Any]]]] = {
    "policy": _policy,
    "predicate": _predicate,
    "score": _score,
    "order": _order,
    "transform": _transform,
    "failover": _failover,
    "flow-admission": _flow_admission,
    "flow-encoding": _flow_encoding,
    "flow-calls": _flow_calls,
}
"""What answers each kind that the evaluator answers."""
