"""What each operation means, said directly: a statement of a few lines per operation, held against the machine.

An operation with parts is stated in terms of what the machine says of its parts, so each statement is about one
operation alone.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from functools import reduce
from itertools import count, pairwise
from typing import Any

import attrs
from hypothesis import given, settings
from hypothesis import strategies as st
from small_worlds import HOUSE

from policy_ir import terms as t
from policy_ir.facts import Facts, read_facts
from policy_ir.semantics import Draft, Environment, Reject, machine
from policy_ir.semantics.configuration import Contest, Ranking
from policy_ir.signature import SIGNATURE
from policy_ir.snapshot import Candidate, CandidateList, Snapshot
from policy_ir.testing import strategies
from policy_ir.testing.pools import FAMILIES, PROVIDERS
from policy_ir.vocabulary import FORMULAS

M = 2**31 - 1
RELATIONS = {"lt": operator.lt, "le": operator.le, "eq": operator.eq, "ne": operator.ne, "ge": operator.ge,
             "gt": operator.gt}  # fmt: skip
STATED: set[str] = set()
"""The operations that a statement below is about."""


@attrs.frozen
class World:
    """A world as the statements see it: the candidates, the facts, the seed, without any machinery."""

    candidates: tuple[Candidate, ...]
    facts: Facts
    seed: int | None
    env: Environment

    @property
    def everyone(self) -> tuple[int, ...]:
        return tuple(range(len(self.candidates)))

    def accepts(self, pred: t.Pred, i: int) -> bool:
        return not isinstance(machine.verdict(pred, i, self.env), Reject)

    def score(self, scorer: t.Scorer, members: tuple[int, ...]) -> list[float]:
        return list(machine.scores(scorer, members, self.env))

    def seen(self, i: int, field: str) -> Any:
        """The observation of a field, None where there is none."""
        candidate, declared = self.candidates[i], HOUSE.fields[field]
        if declared.source == "request":
            return self.facts.fields.get(field)
        if declared.source == "derived":
            return None if None in (parts := [self.seen(i, part) for part in FORMULAS[field]]) else cost(*parts)
        if field.startswith("supports_"):
            return (field in candidate.capabilities) or None
        return getattr(candidate, field) if field in ("id", "served_model") else candidate.fields.get(field)

    def value(self, i: int, field: str) -> Any:
        """The observation, or the default."""
        if HOUSE.fields[field].source == "derived":
            return cost(*(self.value(i, part) for part in FORMULAS[field]))
        seen = self.seen(i, field)
        return HOUSE.fields[field].default if seen is None else seen


def cost(tokens_in: float, price_in: float, tokens_out: float, price_out: float) -> float:
    return (tokens_in * price_in + tokens_out * price_out) / 1e6


@st.composite
def worlds(draw: st.DrawFn) -> World:
    candidates = draw(strategies.catalogues(min_size=1, max_size=5))
    facts, seed = read_facts(draw(strategies.facts_values()), HOUSE), draw(strategies.seeds())
    return World(candidates, facts, seed, Environment(Snapshot.take(CandidateList(candidates), HOUSE), facts, seed))


def nodes(op: str) -> st.SearchStrategy[Any]:
    """Admitted terms with this operation outermost."""
    STATED.add(op)
    return _built(op)


@st.composite
def _built(draw: st.DrawFn, op: str) -> Any:
    """The operation over drawn parts; the sort's own strategy draws parameters that go together."""
    from policy_ir.testing.term_strategies import _TOGETHER, parameters

    row = SIGNATURE[op]
    if op in _TOGETHER:
        return row.cls(*draw(_TOGETHER[op]()))

    def part(argument: Any) -> Any:
        if not argument.is_term:
            return draw(parameters(argument.sort))
        return draw(strategies.terms(argument.sort, pointwise=argument.subsort is not None, max_depth=3, max_nodes=6))

    if row.variadic:
        return row.cls(tuple(part(row.arguments[0]) for _ in range(draw(st.integers(1, 3)))))
    if op == "chain":  # pairs that candidates have; in a normal form each occurs once
        entry = st.builds(t.ChainEntry, provider=st.sampled_from(PROVIDERS), model=st.sampled_from(FAMILIES))
        return t.ChainSelector(tuple(draw(st.lists(entry, max_size=8, unique=True))))
    if op == "custom":
        return t.Custom(draw(st.sampled_from(sorted(HOUSE.customs))))
    return row.cls(*(part(argument) for argument in row.arguments))


def same(a: float, b: float) -> bool:
    return a == b or (math.isnan(a) and math.isnan(b))


def states(op: str) -> Callable[[Callable[[Any, World], None]], Callable[[], None]]:
    """A statement about an operation, for every term of it and every world."""
    strategy = nodes(op)

    def hold(statement: Callable[[Any, World], None]) -> Callable[[], None]:
        @settings(max_examples=15, deadline=None)
        @given(term=strategy, world=worlds())
        def test(term: Any, world: World) -> None:
            statement(term, world)

        test.__name__ = statement.__name__
        return test

    return hold


# --- predicates: a condition at each candidate, and the reason where it does not hold ---------------------------


def pred(op: str, reason: Callable[[Any], str]) -> Any:
    """A condition that an atom or compound holds to, with the reason that it rejects with."""

    def hold(condition: Callable[[Any, World, int], bool]) -> Any:
        def statement(term: Any, world: World) -> None:
            for i in world.everyone:
                verdict = machine.verdict(term, i, world.env)
                assert (verdict.reason if isinstance(verdict, Reject) else None) == (
                    None if condition(term, world, i) else reason(term)
                )

        statement.__name__ = condition.__name__
        return states(op)(statement)

    return hold


@pred("top", lambda p: "never")
def test_top_accepts(p: t.Top, w: World, i: int) -> bool:
    return True


@pred("bot", lambda p: "bot")
def test_bot_refuses(p: t.Bot, w: World, i: int) -> bool:
    return False


@states("and")
def test_and_is_the_first_refusal(p: t.And, w: World) -> None:
    for i in w.everyone:
        verdicts = [machine.verdict(part, i, w.env) for part in p.preds]
        refusals = [verdict for verdict in verdicts if isinstance(verdict, Reject)]
        assert machine.verdict(p, i, w.env) == (refusals or verdicts)[0]


@pred("or", lambda p: "or")
def test_or_wants_one(p: t.Or, w: World, i: int) -> bool:
    return any(w.accepts(part, i) for part in p.preds)


@pred("not", lambda p: "not")
def test_not_turns_round(p: t.Not, w: World, i: int) -> bool:
    return not w.accepts(p.pred, i)


@pred("scope_matches", lambda p: "scope")
def test_scope_matches_no_scope_or_the_same(p: t.ScopeMatches, w: World, i: int) -> bool:
    return w.candidates[i].scope in (None, w.facts.scope)


@pred("is", lambda p: f"is:{p.field}")
def test_is_reads_a_flag(p: t.Is, w: World, i: int) -> bool:
    return w.value(i, p.field) is True


@pred("cmp", lambda p: f"cmp:{p.field}:{p.rel}")
def test_cmp_compares_and_undefined_does_not(p: t.Cmp, w: World, i: int) -> bool:
    value = w.value(i, p.field)
    return RELATIONS[p.rel](value, p.bound) and not math.isnan(value)


@pred("tier_eq", lambda p: "tier")
def test_tier_eq_is_identity(p: t.TierEq, w: World, i: int) -> bool:
    return (w.candidates[i].tier or "fallback") == p.tier


@pred("min_tier", lambda p: "min_tier")
def test_min_tier_is_the_declared_order_with_strangers_below(p: t.MinTier, w: World, i: int) -> bool:
    tier = w.candidates[i].tier or "fallback"
    return tier in HOUSE.tiers[HOUSE.tiers.index(p.tier) :]


@pred("family_eq", lambda p: "model_family")
def test_family_eq_is_identity(p: t.FamilyEq, w: World, i: int) -> bool:
    return w.candidates[i].family == p.family


@pred("provider_eq", lambda p: "provider_id")
def test_provider_eq_is_identity(p: t.ProviderEq, w: World, i: int) -> bool:
    return w.candidates[i].provider == p.provider


@pred("served_by_eq", lambda p: "served_by")
def test_served_by_eq_is_identity(p: t.ServedByEq, w: World, i: int) -> bool:
    return w.candidates[i].served_by == p.served_by


@pred("has_cap", lambda p: f"missing_capability:{p.capability}")
def test_has_cap_is_membership(p: t.HasCap, w: World, i: int) -> bool:
    return p.capability in w.candidates[i].capabilities


@pred("tag_in", lambda p: f"tag:{p.field}")
def test_tag_in_wants_one_in_common(p: t.TagIn, w: World, i: int) -> bool:
    tag = w.seen(i, p.field) or ()
    return bool({tag} & {*p.values} if isinstance(tag, str) else {*tag} & {*p.values})


@pred("known", lambda p: f"known:{p.field}")
def test_known_wants_an_observation(p: t.Known, w: World, i: int) -> bool:
    return w.seen(i, p.field) is not None


@pred("test", lambda p: "test")
def test_test_compares_a_score_and_undefined_does_not(p: t.Test, w: World, i: int) -> bool:
    (score,) = w.score(p.scorer, (i,))
    return RELATIONS[p.rel](score, p.bound) and not math.isnan(score)


@states("meets_req")
def test_meets_req_is_the_first_check_that_fails(p: t.MeetsReq, w: World) -> None:
    facts = w.facts
    for i, c in enumerate(w.candidates):
        tee, private = w.value(i, "has_tee"), w.value(i, "no_log") or w.value(i, "has_tee")
        speed = w.seen(i, "tok_s")
        failed = [f"missing_capability:{need}" for need in sorted(facts.needs)
                  if HOUSE.needs[need] not in c.capabilities] + [
            reason for reason, fails in {
                "min_context": facts.min_context is not None and w.value(i, "context") < facts.min_context,
                "model_family": facts.model_family not in (None, c.family),
                "tier": facts.tier not in (None, c.tier or "fallback"),
                "tee_required": facts.privacy == "tee_required" and not tee,
                "no_log": facts.privacy == "no_log" and not private,
                "min_tok_s": facts.min_tok_s is not None and (speed is None or speed < facts.min_tok_s),
            }.items() if fails
        ]  # fmt: skip
        verdict = machine.verdict(p, i, w.env)
        assert [verdict.reason] == failed[:1] if isinstance(verdict, Reject) else not failed


# --- scorers: a number for each member ---------------------------------------------------------------------------


def scorer(op: str) -> Any:
    """What a scorer gives for a population, as a list."""

    def hold(meaning: Callable[[Any, World, tuple[int, ...]], list[float]]) -> Any:
        def statement(term: Any, world: World) -> None:
            scores = world.score(term, world.everyone)
            assert all(map(same, scores, expected := meaning(term, world, world.everyone)))
            assert len(scores) == len(expected)
            assert all(math.copysign(1, score) > 0 for score in scores if score == 0)

        statement.__name__ = meaning.__name__
        return states(op)(statement)

    return hold


@scorer("zero")
def test_zero_is_0(s: t.Zero, w: World, ms: tuple[int, ...]) -> list[float]:
    return [0.0] * len(ms)


@scorer("lit")
def test_lit_is_its_number(s: t.Lit, w: World, ms: tuple[int, ...]) -> list[float]:
    return [s.value] * len(ms)


@scorer("field")
def test_field_is_the_value(s: t.FieldScore, w: World, ms: tuple[int, ...]) -> list[float]:
    return [w.value(i, s.field) for i in ms]


@scorer("add")
def test_add_sums_from_the_left_starting_from_0(s: t.Add, w: World, ms: tuple[int, ...]) -> list[float]:
    parts = [w.score(part, ms) for part in s.scorers]
    return [reduce(operator.add, column, 0.0) for column in zip(*parts, strict=True)]


@scorer("scale")
def test_scale_multiplies(s: t.Scale, w: World, ms: tuple[int, ...]) -> list[float]:
    return [s.factor * score for score in w.score(s.scorer, ms)]


@scorer("neg")
def test_neg_is_1_minus(s: t.Neg, w: World, ms: tuple[int, ...]) -> list[float]:
    return [1 - score for score in w.score(s.scorer, ms)]


@scorer("clamp")
def test_clamp_holds_between_testing_lo_first(s: t.Clamp, w: World, ms: tuple[int, ...]) -> list[float]:
    inner = w.score(s.scorer, ms)
    return [s.lo if score < s.lo else s.hi if score > s.hi else score for score in inner]


@scorer("gate")
def test_gate_is_0_where_the_predicate_refuses(s: t.Gate, w: World, ms: tuple[int, ...]) -> list[float]:
    return [score if w.accepts(s.pred, i) else 0.0 for i, score in zip(ms, w.score(s.scorer, ms), strict=True)]


@scorer("normalize")
def test_normalize_brings_to_0_and_1(s: t.Normalize, w: World, ms: tuple[int, ...]) -> list[float]:
    return normalized(w.score(s.scorer, ms))


def normalized(scores: list[float]) -> list[float]:
    defined = [score for score in scores if not math.isnan(score)]
    finite = [score for score in defined if not math.isinf(score)]
    both = {math.inf, -math.inf} <= {*defined}

    def place(score: float) -> float:
        if math.isnan(score):
            return score
        if min(defined) == max(defined):
            return 0.0
        if math.isinf(score):
            return float(score > 0)
        if min(finite) == max(finite):
            return 0.5 if both else float(min(defined) == -math.inf)
        half = 2.0 if math.isinf(max(finite) - min(finite)) else 1.0
        lo, hi = min(finite) / half, max(finite) / half
        return (score / half - lo) / (hi - lo)

    return [place(score) for score in scores]


# --- selectors: an order of the population -----------------------------------------------------------------------


def selector(op: str) -> Any:
    """What a selector gives for a scored population: the order with its scores, and whom it cuts."""

    def hold(meaning: Callable[[Any, World, Contest], Any]) -> Any:
        def statement(term: Any, world: World) -> None:
            rank = t.Add((t.FieldScore("price_out"), t.Scale(-1.0, t.FieldScore("latency_ms"))))
            contest = Contest(world.everyone, tuple(world.score(rank, world.everyone)))
            ranking = machine.ranking(term, contest, world.env)
            order, cuts = meaning(term, world, contest)
            assert [i for i, _ in ranking.entries] == [i for i, _ in order]
            assert all(same(a, b) for (_, a), (_, b) in zip(ranking.entries, order, strict=True))
            assert sorted(ranking.cuts) == sorted(cuts)

        statement.__name__ = meaning.__name__
        return states(op)(statement)

    return hold


def inner(w: World, s: t.Selector, contest: Contest) -> Ranking:
    return machine.ranking(s, contest, w.env)


def scored(contest: Contest) -> list[tuple[int, float]]:
    return list(zip(contest.members, contest.scores, strict=True))


def descending(entries: Any) -> list[tuple[int, float]]:
    """By hand: each entry goes before the first one that it beats."""
    order: list[tuple[int, float]] = []
    for i, score in entries:
        worse = [at for at, (_, other) in enumerate(order) if score > other or math.isnan(other) > math.isnan(score)]
        order.insert(worse[0] if worse else len(order), (i, score))
    return order


@selector("argmax")
def test_argmax_is_descending_with_undefined_last(s: t.Argmax, w: World, c: Contest) -> Any:
    return descending(scored(c)), []


@selector("ordered")
def test_ordered_is_catalogue_order(s: t.Ordered, w: World, c: Contest) -> Any:
    return scored(c), []


@selector("sample")
def test_sample_draws_without_replacement(s: t.Sample, w: World, c: Contest) -> Any:
    q = max(s.temperature, 0.0) / (max(s.temperature, 0.0) + 1)
    left, weights, order = descending(scored(c)), [1.0], []
    for _ in left[1:]:
        weights.append(weights[-1] * q)
    for u in uniform(w.seed or 0):
        sums = [reduce(operator.add, weights[: n + 1], 0.0) for n in range(len(left))]
        place = next(n for n, partial in enumerate(sums) if partial >= u * sums[-1])
        order.append(left.pop(place))
        del weights[place]
        if not left:
            return order, []
    raise AssertionError


def uniform(seed: int) -> Any:
    """The draws of the stream of a seed."""
    state = pow(16807, 4, M) * (seed % M or M - 1) % M
    for _ in count():
        state = state * 16807 % M
        yield state / M


@selector("chain")
def test_chain_keeps_the_listed_pairs_by_entry(s: t.ChainSelector, w: World, c: Contest) -> Any:
    pairs = [entry.pair for entry in s.chain]
    at = {i: pairs.index(key) + 1 if (key := (w.candidates[i].provider, w.candidates[i].family)) in pairs else None
          for i in c.members}  # fmt: skip
    kept = sorted((place, i) for i, place in at.items() if place)
    return [(i, -float(place)) for place, i in kept], [(i, "chain") for i, place in at.items() if not place]


@selector("top_k")
def test_top_k_keeps_the_first_and_cuts_the_others(s: t.TopK, w: World, c: Contest) -> Any:
    before = inner(w, s.selector, c)
    kept = before.entries[: int(min(s.k, 100))]
    gone = {i for i, _ in (*kept, *before.cuts)}
    return kept, [*before.cuts, *((i, "top_k") for i in c.members if i not in gone)]


@selector("prefer")
def test_prefer_is_a_stable_partition(s: t.Prefer, w: World, c: Contest) -> Any:
    before = inner(w, s.selector, c)
    return sorted(before.entries, key=lambda entry: not w.accepts(s.pred, entry[0])), before.cuts


@selector("rank_by")
def test_rank_by_sorts_again_over_just_those(s: t.RankBy, w: World, c: Contest) -> Any:
    before = inner(w, s.selector, c)
    few = tuple(i for i, _ in before.entries)
    return descending(zip(few, w.score(s.scorer, few), strict=True)), before.cuts


# --- transforms: another request ----------------------------------------------------------------------------------


def requests() -> st.SearchStrategy[dict[str, Any]]:
    numbers = st.integers(-3, 3) | st.floats(-5, 5) | st.sampled_from([10**400, 1e308])
    values = numbers | st.booleans() | st.text(max_size=2) | st.none()
    return st.dictionaries(st.sampled_from(["model", *HOUSE.params]), values, max_size=4)


def xform(op: str) -> Any:
    """What a transform makes of a request for each candidate: the request, and what else of the draft it changes."""

    def hold(meaning: Callable[[Any, World, int, dict[str, Any]], Any]) -> Any:
        @settings(max_examples=15, deadline=None)
        @given(term=nodes(op), world=worlds(), request=requests())
        def test(term: Any, world: World, request: dict[str, Any]) -> None:
            for i in world.everyone:
                draft, expected = carried(term, world, i, request), meaning(term, world, i, request)
                if isinstance(expected, Draft):
                    assert draft == expected
                else:
                    assert draft == Draft(expected)
                    assert list(draft.request) == list(expected)
                    assert list(map(type, draft.request.values())) == list(map(type, expected.values()))

        return test

    return hold


def carried(term: t.Xform, w: World, i: int, request: dict[str, Any]) -> Draft:
    draft = Draft(dict(request))
    machine.transformed(term, i, draft, w.env)
    return draft


def number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def whole(value: float) -> float | int:
    return int(value) if value == int(value) and abs(value) < 2**53 else value


@xform("id")
def test_id_leaves_all_as_it_is(x: t.Id, w: World, i: int, q: dict[str, Any]) -> Any:
    return q


@xform("seq")
def test_seq_goes_on_with_what_the_one_before_left(x: t.Seq, w: World, i: int, q: dict[str, Any]) -> Any:
    draft = Draft(dict(q))
    for part in x.xforms:
        machine.transformed(part, i, draft, w.env)
    return draft


@xform("set_param")
def test_set_param_sets(x: t.SetParam, w: World, i: int, q: dict[str, Any]) -> Any:
    return q | {x.param: whole(x.value.value) if isinstance(x.value, t.Number) else x.value.value}


@xform("inject_seed")
def test_inject_seed_sets_the_seed_if_there_is_one(x: t.InjectSeed, w: World, i: int, q: dict[str, Any]) -> Any:
    return q if w.seed is None else q | {x.param: w.seed}


@xform("drop_param")
def test_drop_param_removes(x: t.DropParam, w: World, i: int, q: dict[str, Any]) -> Any:
    return {param: value for param, value in q.items() if param != x.param}


@xform("clamp_param")
def test_clamp_param_holds_numbers_only(x: t.ClampParam, w: World, i: int, q: dict[str, Any]) -> Any:
    value = q.get(x.param)
    if not number(value) or x.lo <= value <= x.hi:
        return q
    return q | {x.param: whole(x.lo if value < x.lo else x.hi)}


@xform("jitter")
def test_jitter_shifts_by_a_seeded_amount(x: t.Jitter, w: World, i: int, q: dict[str, Any]) -> Any:
    if w.seed is None:
        return q
    rolling = reduce(lambda h, byte: (h * 31 + byte) % M, b"jitter:" + x.param.encode(), 0)
    by = (2 * next(uniform((w.seed % M + rolling) % M)) - 1) * x.amplitude
    value = q.get(x.param)
    if number(value) and (abs(value) > 10**309 or math.isinf(value + by)):
        return q
    return q | {x.param: whole(float(value) + by if number(value) else by)}


@xform("filter_text")
def test_filter_text_is_the_last_recipe(x: t.FilterText, w: World, i: int, q: dict[str, Any]) -> Any:
    earlier = t.Seq((t.FilterText(("RedactPII",)), t.FilterImage(("BlurFaces",)), x))
    assert carried(earlier, w, i, q) == Draft(q, filter_text=x.recipe, filter_image=("BlurFaces",))
    return Draft(q, filter_text=x.recipe)


@xform("filter_image")
def test_filter_image_is_the_last_recipe(x: t.FilterImage, w: World, i: int, q: dict[str, Any]) -> Any:
    earlier = t.Seq((t.FilterText(("RedactPII",)), t.FilterImage(("BlurFaces",)), x))
    assert carried(earlier, w, i, q) == Draft(q, filter_text=("RedactPII",), filter_image=x.recipe)
    return Draft(q, filter_image=x.recipe)


@xform("custom")
def test_custom_is_attached_each_time(x: t.Custom, w: World, i: int, q: dict[str, Any]) -> Any:
    assert carried(t.Seq((x, x)), w, i, q) == Draft(q, customs=[x.symbol, x.symbol])
    return Draft(q, customs=[x.symbol])


@xform("when")
def test_when_asks_the_candidate_of_the_attempt(x: t.When, w: World, i: int, q: dict[str, Any]) -> Any:
    return carried(x.xform, w, i, q) if w.accepts(x.pred, i) else q


# --- failure plans and policies --------------------------------------------------------------------------------------


@states("always")
def test_always_answers_every_reason(p: t.Always, w: World) -> None:
    for reason in ("timeout", "unknown", "made up"):
        assert machine.action(p, reason, w.env) == p.action


@states("override")
def test_override_answers_its_own_reason_only(p: t.Override, w: World) -> None:
    assert machine.action(p, p.reason, w.env) == p.action
    for reason in {"timeout", "unknown", "made up"} - {p.reason}:
        assert machine.action(p, reason, w.env) == machine.action(p.plan, reason, w.env)


@states("policy")
def test_a_policy_filters_ranks_and_selects(p: t.Policy, w: World) -> None:
    outcome = machine.outcome(p, w.env)
    verdicts = [(i, machine.verdict(p.filter, i, w.env)) for i in w.everyone]
    kept = tuple(i for i, verdict in verdicts if not isinstance(verdict, Reject))
    expected = machine.ranking(p.select, Contest(kept, tuple(w.score(p.rank, kept))), w.env) if kept else Ranking(())
    assert outcome.rejected == tuple((i, said.reason) for i, said in verdicts if isinstance(said, Reject))
    assert [i for i, _ in outcome.ordered] == [i for i, _ in expected.entries]
    assert all(same(a, b) for (_, a), (_, b) in zip(outcome.ordered, expected.entries, strict=True))
    assert list(outcome.cuts) == sorted(expected.cuts)
    assert all(a < b for (a, _), (b, _) in pairwise(outcome.cuts))


def test_there_is_a_statement_for_every_operation() -> None:
    assert sorted(STATED) == sorted(SIGNATURE)
