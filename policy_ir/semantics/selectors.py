"""Selectors over a contest. Specification: chapter "Semantics", section "Selectors"."""

from __future__ import annotations

from typing import assert_never, cast

import attrs

from policy_ir.semantics.configuration import (
    Contest,
    CutBy,
    Finish,
    Go,
    Hole,
    Move,
    PreferFrame,
    RankByFrame,
    Ranking,
    Reject,
    SelectorFrame,
    Value,
    ranking_of,
    vector_of,
    verdict_of,
)
from policy_ir.semantics.draws import sample
from policy_ir.semantics.environment import Environment
from policy_ir.semantics.scores import Scored, descending
from policy_ir.semantics.work import Meter, size, sorting
from policy_ir.terms import (
    AnySelector,
    Argmax,
    ChainSelector,
    Ordered,
    Prefer,
    RankBy,
    Sample,
    Selector,
    TopK,
)


def begin(selector: Selector, contest: Contest, env: Environment, meter: Meter) -> Move:
    """A plain order steps to its ranking; any other selector has its inner selector in the hole."""
    term = cast(AnySelector, selector)
    entries = tuple(zip(contest.members, contest.scores, strict=True))
    m = len(entries)
    match term:
        case TopK() | Prefer() | RankBy():
            return Go(SelectorFrame(term, contest))
        case Argmax():
            meter.charge(size(m) + sorting(m))
            return Finish("select/argmax", Ranking(descending(entries)))
        case Ordered():
            meter.charge(size(m))
            return Finish("select/ordered", Ranking(entries))
        case Sample(temperature):
            count = m if contest.demand is None else min(contest.demand, m)
            meter.charge(size(m) + sorting(m) + m * count)
            return Finish("select/sample", Ranking(sample(descending(entries), temperature, env.seed or 0, count)))
        case ChainSelector():
            meter.charge(size(m) + sorting(m))
            return Finish("select/chain", _chain(term, entries, env))
        case _:
            assert_never(term)


def _chain(chain: ChainSelector, entries: tuple[Scored, ...], env: Environment) -> Ranking:
    position = {entry.pair: at for at, entry in reversed(tuple(enumerate(chain.chain, start=1)))}
    snapshot = env.snapshot
    found = [(i, position.get((snapshot.provider(i), snapshot.family(i)))) for i, _ in entries]
    kept = descending((i, -float(at)) for i, at in found if at is not None)
    return Ranking(kept, tuple((i, "chain") for i, at in found if at is None))


def hole(frame: SelectorFrame) -> Hole:
    """The inner selector, and its contest."""
    node, contest = frame.node, frame.contest
    return node.selector, attrs.evolve(contest, demand=_demand(node, contest.demand))


def _demand(node: TopK | Prefer | RankBy, demand: int | None) -> int | None:
    """How many ranks of the inner order count: all of them, but for a `top_k`."""
    if not isinstance(node, TopK):
        return None
    return int(node.k) if demand is None else min(int(node.k), demand)


def resume(frame: SelectorFrame, value: Value, meter: Meter) -> Move:
    """The inner selector has become a ranking."""
    ranking = ranking_of(value)
    match frame.node:
        case TopK(k):
            meter.charge(size(len(frame.contest.members)))
            kept = ranking.entries[: int(k)]
            out = {i for i, _ in kept} | {i for i, _ in ranking.cuts}
            cuts: tuple[tuple[int, CutBy], ...] = tuple((i, "top_k") for i in frame.contest.members if i not in out)
            return Finish("select/top_k", Ranking(kept, ranking.cuts + cuts))
        case Prefer():
            return Go(PreferFrame(frame.node, ranking))
        case RankBy():
            return Go(RankByFrame(frame.node, ranking))
        case _:
            assert_never(frame.node)


def resume_prefer(frame: PreferFrame, value: Value, meter: Meter) -> Go:
    """The predicate in the hole has a verdict on one candidate of the inner order."""
    meter.charge(1)
    verdict = verdict_of(value)
    frame.verdicts.append(verdict)
    return Go(attrs.evolve(frame, at=frame.at + 1), "prefer/other" if isinstance(verdict, Reject) else "prefer/match")


def hole_of_prefer(frame: PreferFrame, meter: Meter) -> Hole | Finish:
    """The predicate at the next candidate; a `prefer` that is through with its inner order partitions it."""
    entries = frame.ranking.entries
    if frame.at < len(entries):
        return frame.node.pred, entries[frame.at][0]
    meter.charge(size(len(entries)))
    judged = tuple(zip(entries, (isinstance(verdict, Reject) for verdict in frame.verdicts), strict=True))
    matches = tuple(entry for entry, other in judged if not other)
    others = tuple(entry for entry, other in judged if other)
    return Finish("select/prefer", Ranking(matches + others, frame.ranking.cuts))


def hole_of_rank_by(frame: RankByFrame) -> Hole:
    """The scorer, over the inner order."""
    return frame.node.scorer, tuple(i for i, _ in frame.ranking.entries)


def resume_rank_by(frame: RankByFrame, value: Value, meter: Meter) -> Finish:
    """The scorer in the hole has become a vector over the inner order."""
    vector = vector_of(value)
    meter.charge(size(len(vector)) + sorting(len(vector)))
    again = zip((i for i, _ in frame.ranking.entries), vector, strict=True)
    return Finish("select/rank_by", Ranking(descending(again), frame.ranking.cuts))
