"""What terms mean: the kinds `predicate`, `score`, `order`, `transform`, `failure`, `step` and `work`.

A term of each sort is evaluated by one function, for its own kind and for `step`: the trace notes what it did.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import attrs

from policy_ir.conformance.subject.decisions import decided
from policy_ir.conformance.subject.parts import (
    Input,
    NotARequest,
    admitted,
    count,
    facts_of,
    member,
    optional,
    score_of,
    seed_of,
    snapshot_of,
    spelled,
    vocabulary_of,
)
from policy_ir.semantics.configuration import (
    Call,
    Contest,
    Draft,
    Everybody,
    Failure,
    Reject,
    action_of,
    ranking_of,
    vector_of,
    verdict_of,
)
from policy_ir.semantics.draws import MODULUS
from policy_ir.semantics.environment import Environment
from policy_ir.semantics.machine import Step, evaluate
from policy_ir.semantics.numbers import score_json
from policy_ir.semantics.rules import AT_ONE_CANDIDATE
from policy_ir.semantics.work import Meter
from policy_ir.semantics.work import work as work_of
from policy_ir.terms import Recipe, Term
from policy_ir.values import part_value

if TYPE_CHECKING:
    from policy_ir.admission import Admitted


@attrs.define
class _Trace:
    """What evaluations leave behind: their steps, and the sum of their charges."""

    steps: list[Step] = attrs.field(factory=list)
    charge: int = 0

    def evaluate(self, term: Term, focus: Any, env: Environment, members: int) -> Any:
        meter = Meter.of(term, members)
        value = evaluate(term, focus, env, meter, self.steps.append)
        self.charge += meter.spent
        return value


def _predicate(input: Input, made: Admitted, trace: _Trace) -> dict[str, Any]:
    """The reason of each candidate, None where it is accepted."""
    env = _environment(input, made)
    verdicts = [verdict_of(trace.evaluate(made.normal, i, env, 1)) for i in range(env.snapshot.size)]
    return {"reasons": [one.reason if isinstance(one, Reject) else None for one in verdicts]}


def _score(input: Input, made: Admitted, trace: _Trace) -> dict[str, Any]:
    """The score of each candidate, over the population of all."""
    env = _environment(input, made)
    members = tuple(range(env.snapshot.size))
    return {"scores": [score_json(one) for one in vector_of(trace.evaluate(made.normal, members, env, len(members)))]}


def _order(input: Input, made: Admitted, trace: _Trace) -> dict[str, Any]:
    """The order of all candidates with their scores, and whom the selector cuts."""
    env = _environment(input, made, seeded=True)
    members = tuple(range(env.snapshot.size))
    given = optional(input, "scores", list)
    scores = (0.0,) * len(members) if given is None else tuple(map(score_of, given))
    if len(scores) != len(members):
        raise NotARequest("the member 'scores' has not one score for each candidate")
    ranking = ranking_of(trace.evaluate(made.normal, Contest(members, scores), env, len(members)))
    ids = env.snapshot.ids
    return {
        "ordered": [[ids[i], score_json(one)] for i, one in ranking.entries],
        "cut": [[ids[i], by] for i, by in sorted(ranking.cuts)],
    }


def _transform(input: Input, made: Admitted, trace: _Trace) -> dict[str, Any]:
    """The request after the transform, and the directives."""
    env = _environment(input, made, seeded=True)
    if env.snapshot.size != 1:
        raise NotARequest("a transform is asked about one candidate")
    draft = Draft(dict(member(input, "request", dict)))
    trace.evaluate(made.normal, Call(0, draft), env, 1)
    filters = {"filter_text": draft.filter_text, "filter_image": draft.filter_image}
    directives: dict[str, Any] = {
        name: _filter(recipe, env.seed) for name, recipe in filters.items() if recipe is not None
    }
    directives["customs"] = [[symbol, made.vocabulary.customs[symbol]] for symbol in draft.customs]
    return {"request": draft.request, "directives": directives}


def _filter(recipe: Recipe, seed: int | None) -> dict[str, Any]:
    directive = {"recipe": spelled(part_value(recipe))}
    return directive if seed is None else directive | {"seed": seed % MODULUS}


def _failure(input: Input, made: Admitted, trace: _Trace) -> dict[str, Any]:
    """The action that a plan answers with."""
    reason = member(input, "reason", str)
    env = _environment({}, made)
    return {"action": spelled(part_value(action_of(trace.evaluate(made.normal, Failure(reason), env, 1))))}


def _policy(input: Input, made: Admitted, trace: _Trace) -> dict[str, Any]:
    """The decision of a policy."""
    decision = decided(input, made)
    env = decision.environment
    trace.evaluate(decision.term, Everybody(), env, env.snapshot.size)
    return decision.to_json()


_EVALUATIONS: Final[dict[str, Callable[[Input, Admitted, _Trace], dict[str, Any]]]] = {
    "Pred": _predicate,
    "Scorer": _score,
    "Selector": _order,
    "Xform": _transform,
    "FailPlan": _failure,
    "Policy": _policy,
}


def evaluated(input: Input, sort: str) -> dict[str, Any]:
    """What a term of a sort evaluates to."""
    return _EVALUATIONS[sort](input, _term(input, sort), _Trace())


def step(input: Input) -> dict[str, Any]:
    """The derivation of a term of any sort: its steps, the sum of their charges, and its value."""
    made = _term(input, None)
    trace = _Trace()
    value = _EVALUATIONS[made.sort](input, made, trace)
    if made.sort == "Pred" and len(value["reasons"]) != 1:
        raise NotARequest("the steps of a predicate are those at one candidate")
    return {"steps": [_shown(one) for one in trace.steps], "charge": trace.charge, "value": value}


def _shown(taken: Step) -> dict[str, Any]:
    about = taken.candidate if taken.rule in AT_ONE_CANDIDATE else None
    return {"rule": taken.rule, "candidate": None if about is None else taken.environment.snapshot.ids[about]}


def work(input: Input) -> dict[str, Any]:
    """The work of a term over so many candidates."""
    made = _term(input, None)
    return {"work": work_of(made.normal, count(input, "count"))}


def _term(input: Input, sort: str | None) -> Admitted:
    return admitted(input, vocabulary_of(input), sort=sort)


def _environment(input: Input, made: Admitted, *, seeded: bool = False) -> Environment:
    """What a term is evaluated over; no candidates where the input has none and needs none."""
    candidates = {"candidates": [], **input} if made.sort == "FailPlan" else input
    snapshot = snapshot_of(candidates, made.vocabulary)
    return Environment(snapshot, facts_of(input, made.vocabulary), seed_of(input) if seeded else None)
