"""Selectors over a contest by array. Specification: chapter "Semantics", section "Selectors"."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias, assert_never, cast

import numpy as np

from policy_ir.evaluator.scene import Scene
from policy_ir.evaluator.vector_draws import drawn
from policy_ir.evaluator.vector_predicates import accepted
from policy_ir.evaluator.vector_scorers import evenly, scored
from policy_ir.semantics.configuration import CutBy
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

if TYPE_CHECKING:
    from numpy.typing import NDArray

Places: TypeAlias = "NDArray[np.intp]"
Scores: TypeAlias = "NDArray[np.float64]"


class Contest(NamedTuple):
    """The focus of a selector: candidates in catalogue order, their scores, the seed, and how many ranks count."""

    members: Places
    scores: Scores
    seed: int
    demand: int


class Ranking(NamedTuple):
    """An order of candidates with their scores, and the candidates cut so far, by what cut them."""

    order: Places
    scores: Scores
    cuts: tuple[tuple[Places, CutBy], ...] = ()


def descending(scores: Scores) -> Places:
    """The positions of scores in descending order: stable, undefined ones last."""
    return np.argsort(-scores, kind="stable")


def ranked(selector: Selector, contest: Contest, scene: Scene) -> Ranking:
    """The order of a contest, and whom it cuts."""
    term = cast(AnySelector, selector)
    members, by, seed, demand = contest
    match term:
        case Argmax():
            at = descending(by)
            return Ranking(members.take(at), by.take(at))
        case Ordered():
            return Ranking(members, by)
        case Sample(temperature):
            at = descending(by).take(drawn(members.size, temperature, seed, demand))
            return Ranking(members.take(at), by.take(at))
        case ChainSelector():
            return _chained(term, members, scene)
        case TopK(k, inner):
            kept = min(int(k), members.size)
            return _first(kept, members, ranked(inner, contest._replace(demand=min(kept, demand)), scene))
        case Prefer(pred, inner):
            ranking = ranked(inner, contest._replace(demand=members.size), scene)
            first = accepted(pred, scene, ranking.order)
            if isinstance(first, bool):
                return ranking
            at = np.concatenate([np.flatnonzero(first), np.flatnonzero(~first)])
            return Ranking(ranking.order.take(at), ranking.scores.take(at), ranking.cuts)
        case RankBy(scorer, inner):
            order, _, cuts = ranked(inner, contest._replace(demand=members.size), scene)
            by = evenly(scored(scorer, scene, order), order.size)
            at = descending(by)
            return Ranking(order.take(at), by.take(at), cuts)
        case _:
            assert_never(term)


def _chained(chain: ChainSelector, members: Places, scene: Scene) -> Ranking:
    pairs, of_candidate = scene.columns.pairs
    position = np.zeros(len(pairs), dtype=np.intp)
    for at, entry in reversed(tuple(enumerate(chain.chain, start=1))):
        number = pairs.get(entry.pair)
        if number is not None:
            position[number] = at
    found = position.take(of_candidate.take(members))
    listed = np.flatnonzero(found)
    at = listed.take(np.argsort(found.take(listed), kind="stable"))
    return Ranking(
        members.take(at), -found.take(at).astype(np.float64), ((members.take(np.flatnonzero(found == 0)), "chain"),)
    )


def _first(k: int, members: Places, ranking: Ranking) -> Ranking:
    """The first `k` of a ranking; all other members are cut, those that are not cut already."""
    kept = ranking.order[:k]
    # The members are in catalogue order, so the last has the greatest number.
    out = np.zeros(int(members[-1]) + 1, dtype=np.bool_)
    out[members] = True
    out[kept] = False
    for cut, _ in ranking.cuts:
        out[cut] = False
    return Ranking(kept, ranking.scores[:k], (*ranking.cuts, (np.flatnonzero(out), "top_k")))
