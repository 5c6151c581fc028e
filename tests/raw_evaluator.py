"""What a policy means, read directly off its source tree: no normal form, no machine, no short cuts.

Each operation is the plain statement of its meaning. Undefined is NaN. The machine is held to this wherever scores
are finite and sums exact; reasons, steps and budgets are not this module's business.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable
from functools import reduce
from itertools import count

import attrs

from policy_ir import terms as t
from policy_ir.facts import Facts
from policy_ir.snapshot import Snapshot

MODULUS = 2**31 - 1
Ranking = list[tuple[int, float]]

RELATIONS: dict[str, Callable[[float, float], bool]] = {
    "lt": lambda a, b: a < b,
    "le": lambda a, b: a <= b,
    "eq": lambda a, b: a == b,
    "ne": lambda a, b: a < b or a > b,
    "ge": lambda a, b: a >= b,
    "gt": lambda a, b: a > b,
}


@attrs.frozen
class RawEvaluator:
    """The meaning of source trees over one snapshot, for one request and one seed."""

    snapshot: Snapshot
    facts: Facts
    seed: int | None = None

    # --- observations ----------------------------------------------------------------------------------------

    def number(self, i: int, field: str) -> float:
        declared = self.snapshot.vocabulary.fields[field]
        if declared.source == "request":
            value = self.facts.fields.get(field, declared.default)
        elif declared.source == "derived":
            assert field == "call_cost"
            tokens_in, tokens_out = self.number(i, "prompt_tokens"), self.number(i, "completion_tokens")
            cost_in, cost_out = self.number(i, "price_in") * tokens_in, self.number(i, "price_out") * tokens_out
            value = (cost_in + cost_out) / 1e6
        else:
            value = self.snapshot.observe(i, field).value
        assert isinstance(value, float | int)
        return float(value)

    def is_known(self, i: int, field: str) -> bool:
        source = self.snapshot.vocabulary.fields[field].source
        if source == "request":
            return field in self.facts.fields
        if source == "derived":
            return all(self.is_known(i, f) for f in ("prompt_tokens", "completion_tokens", "price_in", "price_out"))
        return self.snapshot.observe(i, field).known

    def tier_rank(self, tier: str) -> int:
        tiers = self.snapshot.vocabulary.tiers
        return tiers.index(tier) if tier in tiers else -1

    # --- predicates ------------------------------------------------------------------------------------------

    def accepts(self, pred: t.Pred, i: int) -> bool:
        snapshot = self.snapshot
        match pred:
            case t.Top():
                return True
            case t.Bot():
                return False
            case t.And(preds):
                return all(self.accepts(p, i) for p in preds)
            case t.Or(preds):
                return any(self.accepts(p, i) for p in preds)
            case t.Not(inner):
                return not self.accepts(inner, i)
            case t.MeetsReq():
                return self.meets_requirements(i)
            case t.ScopeMatches():
                return snapshot.scope(i) in (None, self.facts.scope)
            case t.Is(field):
                return self.flag(i, field)
            case t.Cmp(field, rel, bound):
                return RELATIONS[rel](self.number(i, field), bound)
            case t.TierEq(tier):
                return snapshot.tier(i) == tier
            case t.MinTier(tier):
                return self.tier_rank(snapshot.tier(i)) >= self.tier_rank(tier)
            case t.FamilyEq(name):
                return snapshot.family(i) == name
            case t.ProviderEq(name):
                return snapshot.provider(i) == name
            case t.ServedByEq(name):
                return snapshot.served_by(i) == name
            case t.HasCap(name):
                return snapshot.has_capability(i, name)
            case t.TagIn(field, values):
                tag = snapshot.observe(i, field).value
                return bool(set(values) & set(tag if isinstance(tag, tuple) else [tag]))
            case t.Test(scorer, rel, bound):
                return RELATIONS[rel](self.scores(scorer, [i])[i], bound)
            case t.Known(field):
                return self.is_known(i, field)
        raise AssertionError(pred)

    def flag(self, i: int, field: str) -> bool:
        declared = self.snapshot.vocabulary.fields[field]
        if declared.source == "request":
            return bool(self.facts.fields.get(field, declared.default))
        return bool(self.snapshot.observe(i, field).value)

    def meets_requirements(self, i: int) -> bool:
        snapshot, facts = self.snapshot, self.facts
        private = {
            "standard": True,
            "no_log": self.flag(i, "no_log") or self.flag(i, "has_tee"),
            "tee_required": self.flag(i, "has_tee"),
        }
        return (
            all(snapshot.has_capability(i, snapshot.vocabulary.needs[need]) for need in facts.needs)
            and (facts.min_context is None or self.number(i, "context") >= facts.min_context)
            and facts.model_family in (None, snapshot.family(i))
            and facts.tier in (None, snapshot.tier(i))
            and private[facts.privacy]
            and (facts.min_tok_s is None or (self.is_known(i, "tok_s") and self.number(i, "tok_s") >= facts.min_tok_s))
        )

    # --- scorers ---------------------------------------------------------------------------------------------

    def scores(self, scorer: t.Scorer, population: list[int]) -> dict[int, float]:
        match scorer:
            case t.Zero():
                return dict.fromkeys(population, 0.0)
            case t.Lit(value):
                return dict.fromkeys(population, value)
            case t.FieldScore(field):
                return {i: self.number(i, field) for i in population}
            case t.Add(scorers):
                parts = [self.scores(part, population) for part in scorers]
                return {i: total(part[i] for part in parts) for i in population}
            case t.Scale(factor, inner):
                return {i: factor * score for i, score in self.scores(inner, population).items()}
            case t.Neg(inner):
                return {i: 1.0 - score for i, score in self.scores(inner, population).items()}
            case t.Normalize(inner):
                return min_max(self.scores(inner, population))
            case t.Clamp(lo, hi, inner):
                held = self.scores(inner, population)
                return {i: lo if score < lo else hi if score > hi else score for i, score in held.items()}
            case t.Gate(pred, inner):
                scores = self.scores(inner, population)
                return {i: scores[i] if self.accepts(pred, i) else 0.0 for i in population}
        raise AssertionError(scorer)

    # --- selectors -------------------------------------------------------------------------------------------

    def order(self, selector: t.Selector, scored: Ranking) -> Ranking:
        """The candidates in the order in which they are tried; `scored` is in catalogue order."""
        match selector:
            case t.Argmax():
                return sorted(scored, key=lambda entry: (math.isnan(entry[1]), -entry[1], entry[0]))
            case t.Ordered():
                return list(scored)
            case t.Sample(temperature):
                return self.draw(temperature, self.order(t.Argmax(), scored))
            case t.ChainSelector(chain):
                pairs = list(dict.fromkeys(entry.pair for entry in chain))  # of duplicates the first counts
                pair = {i: (self.snapshot.provider(i), self.snapshot.family(i)) for i, _ in scored}
                kept = [(i, -(1.0 + pairs.index(pair[i]))) for i, _ in scored if pair[i] in pairs]
                return sorted(kept, key=lambda entry: -entry[1])
            case t.TopK(k, inner):
                return self.order(inner, scored)[: int(min(k, len(scored)))]
            case t.Prefer(pred, inner):
                return sorted(self.order(inner, scored), key=lambda entry: not self.accepts(pred, entry[0]))
            case t.RankBy(scorer, inner):
                few = [i for i, _ in self.order(inner, scored)]
                again = self.scores(scorer, few)
                return sorted(((i, again[i]) for i in few), key=lambda entry: (math.isnan(entry[1]), -entry[1]))
        raise AssertionError(selector)

    def draw(self, temperature: float, ranked: Ranking) -> Ranking:
        t_ = max(temperature, 0.0)
        weight = [1.0]
        for _ in ranked:
            weight.append(weight[-1] * (t_ / (t_ + 1.0)))
        left = list(zip(ranked, weight, strict=False))
        state, drawn = (self.seed or 0) % MODULUS or MODULUS - 1, []
        for step in count():
            if not left:
                break
            for _ in range(5 if step == 0 else 1):
                state = 16807 * state % MODULUS
            target = state / MODULUS * total(w for _, w in left)
            running = 0.0
            for place, (entry, w) in enumerate(left):
                running += w
                if running >= target:
                    drawn.append(entry)
                    del left[place]
                    break
        return drawn

    # --- policies --------------------------------------------------------------------------------------------

    def decide(self, policy: t.Policy) -> Ranking:
        """The order of candidates with their scores."""
        survivors = [i for i in range(self.snapshot.size) if self.accepts(policy.filter, i)]
        scores = self.scores(policy.rank, survivors)
        return [(i, score + 0.0) for i, score in self.order(policy.select, [(i, scores[i]) for i in survivors])]


def total(numbers: Iterable[float]) -> float:
    """The sum from left to right, starting from 0, each addition rounded on its own (`sum` may compensate)."""
    return reduce(operator.add, numbers, 0.0)


def min_max(scores: dict[int, float]) -> dict[int, float]:
    """Min-max over the defined scores, infinities at the ends."""
    defined = {score for score in scores.values() if not math.isnan(score)}
    finite = sorted(score for score in defined if math.isfinite(score))

    def place(score: float) -> float:
        if math.isnan(score):
            return score
        if len(defined) == 1:
            return 0.0
        if math.isinf(score):
            return 1.0 if score > 0 else 0.0
        lo, hi = finite[0], finite[-1]
        if lo == hi:
            return 0.0 if -math.inf not in defined else 1.0 if math.inf not in defined else 0.5
        if math.isinf(hi - lo):
            return (score / 2 - lo / 2) / (hi / 2 - lo / 2)
        return (score - lo) / (hi - lo)

    return {i: place(score) for i, score in scores.items()}
