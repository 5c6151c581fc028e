"""Selectors over a contest by array. Specification: chapter "Semantics", section "Selectors"."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias, assert_never, cast

import numpy as np

from policy_ir.evaluator.scene import Scene
from policy_ir.evaluator.vector_draws import drawn
from policy_ir.evaluator.vector_predicates import Rows, Where, accepting
from policy_ir.evaluator.vector_scorers import Scored, each, scoring
from policy_ir.semantics.configuration import CutBy
from policy_ir.terms import AnySelector, Argmax, ChainSelector, Ordered, Prefer, RankBy, Sample, Selector, TopK

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from policy_ir.evaluator.columns import Columns
    from policy_ir.vocabulary import Vocabulary

Places: TypeAlias = "NDArray[np.intp]"
Scores: TypeAlias = "NDArray[np.float64]"

SHORT: Final = 500
"""The length up to which the stable sort is the faster one."""


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


Ordering: TypeAlias = Callable[[Contest, Scene], Ranking]


def descending(scores: Scores) -> Places:
    """The positions of scores in descending order: stable, undefined ones last."""
    keys = -scores
    if keys.size <= SHORT:
        return keys.argsort(kind="stable")
    at = keys.argsort()
    keys = keys.take(at)
    same = keys[1:] == keys[:-1]
    if keys[-1] != keys[-1]:
        same[int(np.isnan(keys).argmax()) :] = True
    elif not same.any():
        return at
    # Runs of equal scores stay where they are, and within each the positions rise.
    run = np.zeros(keys.size, dtype=np.intp)
    np.cumsum(~same, out=run[1:])
    run *= keys.size
    at += run
    at.sort()
    at -= run
    return at


def ordering(selector: Selector, vocabulary: Vocabulary) -> Ordering:
    """The order that an admitted selector brings a contest into, and whom it cuts."""
    term = cast(AnySelector, selector)
    match term:
        case Argmax():
            return _argmax
        case Ordered():
            return lambda contest, scene: Ranking(contest.members, contest.scores)
        case Sample(temperature):
            return _sample(temperature)
        case ChainSelector():
            return _chain(term)
        case TopK(k, inner):
            return _top_k(k, ordering(inner, vocabulary))
        case Prefer(pred, inner):
            return _prefer(accepting(pred, vocabulary), ordering(inner, vocabulary))
        case RankBy(scorer, inner):
            return _rank_by(scoring(scorer, vocabulary).of, ordering(inner, vocabulary))
        case _:
            assert_never(term)


def _argmax(contest: Contest, scene: Scene) -> Ranking:
    at = descending(contest.scores)
    return Ranking(contest.members.take(at), contest.scores.take(at))


def _sample(temperature: float) -> Ordering:
    def order(contest: Contest, scene: Scene) -> Ranking:
        members, scores, seed, demand = contest
        at = descending(scores).take(drawn(members.size, temperature, seed, demand))
        return Ranking(members.take(at), scores.take(at))

    return order


def positions(chain: ChainSelector, columns: Columns, rows: Rows) -> Places:
    """The 1-based position of each row's entry in a chain, 0 for those that are not listed."""
    pairs, of_candidate = columns.pairs
    position = np.zeros(len(pairs), dtype=np.intp)
    for place, entry in reversed(tuple(enumerate(chain.chain, start=1))):
        if entry.pair in pairs:
            position[pairs[entry.pair]] = place
    return position.take(of_candidate if rows is None else of_candidate.take(rows))


def _chain(chain: ChainSelector) -> Ordering:
    def order(contest: Contest, scene: Scene) -> Ranking:
        found = positions(chain, scene.columns, contest.members)
        listed = found.nonzero()[0]
        at = listed.take(found.take(listed).argsort(kind="stable"))
        cut = contest.members.take((found == 0).nonzero()[0])
        return Ranking(contest.members.take(at), -found.take(at).astype(np.float64), ((cut, "chain"),))

    return order


def _top_k(k: float, inner: Ordering) -> Ordering:
    def order(contest: Contest, scene: Scene) -> Ranking:
        """All members that are neither among the first `k` nor cut already are cut."""
        members = contest.members
        most = min(int(k), members.size)
        kept, scores, cuts = inner(contest._replace(demand=min(most, contest.demand)), scene)
        kept, scores = kept[:most], scores[:most]
        out = np.zeros(scene.columns.size, dtype=np.bool_)
        out[members] = True
        out[kept] = False
        for cut, _ in cuts:
            out[cut] = False
        return Ranking(kept, scores, (*cuts, (out.nonzero()[0], "top_k")))

    return order


def _prefer(accepts: Where, inner: Ordering) -> Ordering:
    def order(contest: Contest, scene: Scene) -> Ranking:
        ranking = inner(contest._replace(demand=contest.members.size), scene)
        with np.errstate(all="ignore"):
            first = accepts(scene, ranking.order)
        if isinstance(first, bool):
            return ranking
        at = np.concatenate([first.nonzero()[0], (~first).nonzero()[0]])
        return Ranking(ranking.order.take(at), ranking.scores.take(at), ranking.cuts)

    return order


def _rank_by(scored: Scored, inner: Ordering) -> Ordering:
    def order(contest: Contest, scene: Scene) -> Ranking:
        members, _, cuts = inner(contest._replace(demand=contest.members.size), scene)
        with np.errstate(all="ignore"):
            scores = each(scored(scene, members), members.size)
        at = descending(scores)
        return Ranking(members.take(at), scores.take(at), cuts)

    return order
