"""A policy and its normal form mean the same, wherever scores are finite and sums exact."""

from __future__ import annotations

import math
from fractions import Fraction

import attrs
from hypothesis import assume, event, given, settings
from hypothesis import strategies as st

from policy_ir import terms as t
from policy_ir.admission import admit
from policy_ir.candidate import Candidate
from policy_ir.decision import decide
from policy_ir.facts import read_facts
from policy_ir.snapshot import CandidateList, Snapshot
from policy_ir.testing import strategies
from policy_ir.vocabulary import vocabulary
from tests.raw_evaluator import RawEvaluator

STANDARD = vocabulary("standard")
EXACT = 2**53


@attrs.frozen
class Watched(RawEvaluator):
    """The raw evaluator, keeping every score it meets and every summand."""

    met: list[float] = attrs.field(factory=list)
    summands: list[float] = attrs.field(factory=list)

    def scores(self, scorer: t.Scorer, population: list[int]) -> dict[int, float]:
        scores = super().scores(scorer, population)
        self.met.extend(scores.values())
        if isinstance(scorer, t.Add):
            for part in scorer.scorers:
                self.summands.extend(super().scores(part, population).values())
        return scores

    @property
    def is_finite(self) -> bool:
        return all(map(math.isfinite, self.met))

    @property
    def is_exact(self) -> bool:
        """Whether every sum of any of the summands, in any order, is a binary64."""
        if not all(map(math.isfinite, self.summands)):
            return False
        exact = [Fraction(summand) for summand in self.summands if summand]
        grain = max((part.denominator for part in exact), default=1)
        return sum(abs(part) for part in exact) * grain <= EXACT


def _policies() -> st.SearchStrategy[t.Policy]:
    """Policies, two thirds of which let every candidate through to rank and select."""
    lenient = strategies.policies().map(lambda policy: attrs.evolve(policy, filter=t.Or((t.Top(), policy.filter))))
    return st.one_of(strategies.policies(), lenient, lenient)


@settings(max_examples=400, deadline=None)
@given(
    policy=_policies(),
    candidates=strategies.catalogues(max_size=6),
    facts=strategies.facts_values(),
    seed=strategies.seeds(),
)
def test_the_normal_form_keeps_survivors_order_and_scores(
    policy: t.Policy, candidates: tuple[Candidate, ...], facts: dict[str, object], seed: int | None
) -> None:
    snapshot = Snapshot.take(CandidateList(candidates), STANDARD)
    read = read_facts(facts, STANDARD)
    raw = Watched(snapshot, read, seed)
    expected = raw.decide(policy)
    assume(raw.is_finite and raw.is_exact)
    event(f"{len(expected)} survivors")
    decision = decide(admit(policy, STANDARD), snapshot, read, seed)
    assert [(entry.id, entry.score) for entry in decision.ordered] == [
        (snapshot.ids[i], score) for i, score in expected
    ]
    refused = {i for i in range(snapshot.size) if not raw.accepts(policy.filter, i)}
    assert {name for name, _ in decision.rejected} == {snapshot.ids[i] for i in refused}


@settings(max_examples=60, deadline=None)
@given(rank=st.data())
def test_the_comparison_does_not_pass_for_want_of_cases(rank: st.DataObject) -> None:
    """A deliberate difference is seen: the same policy ranked the other way round."""
    candidates = tuple(Candidate(id=f"m{i}", provider="p", family="f", fields={"price_in": float(i)}) for i in range(3))
    snapshot = Snapshot.take(CandidateList(candidates), STANDARD)
    factor = rank.draw(st.sampled_from([0.5, 2.0, 4.0]))
    up = t.Policy(
        t.Top(), t.Scale(factor, t.FieldScore("price_in")), t.Argmax(), t.Id(), t.Always(t.Action("next_candidate"))
    )
    down = attrs.evolve(up, rank=t.Scale(-factor, t.FieldScore("price_in")))
    facts = read_facts({}, STANDARD)
    decided = [
        name for _, name, _ in (attrs.astuple(entry) for entry in decide(admit(up, STANDARD), snapshot, facts).ordered)
    ]
    assert decided != [snapshot.ids[i] for i, _ in RawEvaluator(snapshot, facts).decide(down)]
