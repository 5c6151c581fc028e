"""The small-step machine: an explicit stack of evaluation contexts, and a meter that is charged before each step.

It runs normal forms. Its steps are bounded by the meter, its stack by the depth of the term; it does not recurse.
Specification: chapter "Semantics".
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias, assert_never

import attrs

from policy_ir.semantics import plans, policies, predicates, scorers, selectors, transforms
from policy_ir.semantics.configuration import (
    Become,
    Call,
    Contest,
    Draft,
    Everybody,
    Failure,
    Finish,
    Focus,
    Frame,
    GateFrame,
    Go,
    Hole,
    Move,
    Outcome,
    PolicyFrame,
    Population,
    PredFrame,
    PreferFrame,
    RankByFrame,
    Ranking,
    ScorerFrame,
    SelectorFrame,
    Value,
    Verdict,
    XformFrame,
    action_of,
    outcome_of,
    ranking_of,
    stuck,
    vector_of,
    verdict_of,
)
from policy_ir.semantics.environment import Environment
from policy_ir.semantics.rules import Rule
from policy_ir.semantics.scores import Vector
from policy_ir.semantics.work import Meter
from policy_ir.terms import Action, FailPlan, Origin, Policy, Pred, Scorer, Selector, Term, Xform


@attrs.frozen(slots=True, eq=False)
class Step:
    """One step of a derivation.

    `candidate` is the one that the step is about, by its number in the snapshot, None for steps over a population.
    `part` is what was rewritten: a term, or an evaluation context with the value `held` in its hole, None where
    nothing came to it. `redex` and `result` show both sides as text, which is made when it is asked for.
    """

    rule: Rule
    candidate: int | None
    part: Term | Frame
    held: Value | None
    move: Move
    environment: Environment

    @property
    def node(self) -> Term:
        """The operation that was rewritten."""
        return self.part if isinstance(self.part, Term) else self.part.node

    @property
    def origin(self) -> Origin | None:
        """Where the rewritten operation stands in its author's term."""
        return self.node.origin

    @property
    def redex(self) -> str:
        """The redex as compact text."""
        from policy_ir.semantics.notation import show_redex

        return show_redex(self.part, self.held, self.environment.snapshot.ids)

    @property
    def result(self) -> str:
        """What it became, as compact text."""
        from policy_ir.semantics.notation import show_move

        return show_move(self.move, self.environment.snapshot.ids)


Observer: TypeAlias = Callable[[Step], None]


def evaluate(term: Term, focus: Focus, env: Environment, meter: Meter, on_step: Observer | None = None) -> Value:
    """The value of a term in normal form, under the focus that its sort asks for.

    Raises `InternalError` where the machine is stuck or the meter exhausted: never for an admitted term.
    """
    stack: list[Frame] = []

    def tell(move: Move, part: Term | Frame, held: Value | None, place: Focus | Frame) -> None:
        if on_step is not None and move.rule is not None:
            # A scorer under `test` is about the candidate of the `test`: a population asks the contexts around it.
            about = (_candidate(around) for around in (place, *reversed(stack)))
            candidate = next((i for i in about if i is not None), None)
            on_step(Step(move.rule, candidate, part, held, move, env))

    move = _begin(term, focus, env, meter)
    tell(move, term, None, focus)
    while True:
        match move:
            case Finish(_, value):
                if not stack:
                    return value
                frame = stack.pop()
                move = _resume(frame, value, meter)
                tell(move, frame, value, frame)
                continue
            case Go(frame):
                inside = _hole(frame, meter)
                if isinstance(inside, Finish):
                    move = inside
                    tell(move, frame, None, frame)
                    continue
                stack.append(frame)
                term, focus = inside
            case Become(_, term, focus):
                pass
            case _:
                assert_never(move)
        move = _begin(term, focus, env, meter)
        tell(move, term, None, focus)


def _begin(term: Term, focus: Focus, env: Environment, meter: Meter) -> Move:
    match term, focus:
        case Pred(), int():
            return predicates.begin(term, focus, env, meter)
        case Scorer(), tuple():
            return scorers.begin(term, focus, env, meter)
        case Selector(), Contest():
            return selectors.begin(term, focus, env, meter)
        case Xform(), Call():
            return transforms.begin(term, focus, env, meter)
        case FailPlan(), Failure():
            return plans.begin(term, focus, meter)
        case Policy(), Everybody():
            return policies.begin(term, env)
        case _:
            return stuck(term)


def _hole(frame: Frame, meter: Meter) -> Hole | Finish:
    match frame:
        case PredFrame():
            return predicates.hole(frame)
        case ScorerFrame():
            return scorers.hole(frame)
        case GateFrame():
            return scorers.hole_of_gate(frame, meter)
        case SelectorFrame():
            return selectors.hole(frame)
        case PreferFrame():
            return selectors.hole_of_prefer(frame, meter)
        case RankByFrame():
            return selectors.hole_of_rank_by(frame)
        case XformFrame():
            return transforms.hole(frame)
        case PolicyFrame():
            return policies.hole(frame, meter)
        case _:
            assert_never(frame)


def _resume(frame: Frame, value: Value, meter: Meter) -> Move:
    match frame:
        case PredFrame():
            return predicates.resume(frame, value, meter)
        case ScorerFrame():
            return scorers.resume(frame, value, meter)
        case GateFrame():
            return scorers.resume_gate(frame, value, meter)
        case SelectorFrame():
            return selectors.resume(frame, value, meter)
        case PreferFrame():
            return selectors.resume_prefer(frame, value, meter)
        case RankByFrame():
            return selectors.resume_rank_by(frame, value, meter)
        case XformFrame():
            return transforms.resume(frame, value, meter)
        case PolicyFrame():
            return policies.resume(frame, value, meter)
        case _:
            assert_never(frame)


def _candidate(place: Focus | Frame) -> int | None:
    """The candidate that a focus or a context is about, None where it is about a population."""
    match place:
        case int():
            return place
        case PredFrame():
            return place.i
        case Call():
            return place.candidate
        case XformFrame():
            return place.call.candidate
        case PolicyFrame() if place.at < place.total:
            return place.at
        case GateFrame() if place.at < len(place.members):
            return place.members[place.at]
        case PreferFrame() if place.at < len(place.ranking.entries):
            return place.ranking.entries[place.at][0]
        case _:
            return None


# --- one entry for each sort ---------------------------------------------------------------------------------


def verdict(pred: Pred, i: int, env: Environment, on_step: Observer | None = None) -> Verdict:
    """Whether candidate `i` is accepted."""
    return verdict_of(evaluate(pred, i, env, Meter.of(pred, 1), on_step))


def scores(scorer: Scorer, members: Population, env: Environment, on_step: Observer | None = None) -> Vector:
    """The scores of a population."""
    return vector_of(evaluate(scorer, members, env, Meter.of(scorer, len(members)), on_step))


def ranking(selector: Selector, contest: Contest, env: Environment, on_step: Observer | None = None) -> Ranking:
    """The order of a scored population, and whom it cuts."""
    return ranking_of(evaluate(selector, contest, env, Meter.of(selector, len(contest.members)), on_step))


def outcome(policy: Policy, env: Environment, on_step: Observer | None = None) -> Outcome:
    """What a policy comes to over the whole snapshot."""
    return outcome_of(evaluate(policy, Everybody(), env, Meter.of(policy, env.snapshot.size), on_step))


def transformed(xform: Xform, i: int, draft: Draft, env: Environment, on_step: Observer | None = None) -> None:
    """Carry out a transform on the draft of a call to candidate `i`."""
    evaluate(xform, Call(i, draft), env, Meter.of(xform, 1), on_step)


def action(plan: FailPlan, reason: str, env: Environment, on_step: Observer | None = None) -> Action:
    """What a plan answers for a reason."""
    return action_of(evaluate(plan, Failure(reason), env, Meter.of(plan, 1), on_step))
