"""A policy prepared for a catalogue: what never moves is computed, and the rest is written as code.

The *rows* are the candidates that the base conjuncts accept (and the chain lists, where one selects), in catalogue order.
All that is kept between calls depends on the policy and the catalogue only, so no decision depends on which calls came
before it.
"""

from __future__ import annotations

from bisect import bisect_left
from functools import cached_property
from math import inf
from typing import TYPE_CHECKING, Any, Final, Literal, cast

import attrs
import numpy as np

from policy_ir.evaluator.choice import Choice
from policy_ir.evaluator.leaves import Ends, Leaf
from policy_ir.evaluator.normalizing import bounds, normalized, ruler
from policy_ir.evaluator.scene import Scene
from policy_ir.evaluator.settling import clamped, gated, settled
from policy_ir.evaluator.vector_predicates import accepts
from policy_ir.evaluator.vector_scorers import scores as scores_of
from policy_ir.evaluator.vector_selectors import descending
from policy_ir.evaluator.writing import Written, compiled, write
from policy_ir.facts import Facts, checked, read_seed
from policy_ir.semantics.draws import Stream
from policy_ir.terms import ChainSelector, Ordered, Pred, Sample, Scorer

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from policy_ir.evaluator.bound import Bound
    from policy_ir.evaluator.columns import Columns
    from policy_ir.evaluator.overlay import Overlay

__all__ = ["Prepared"]

WALK: Final = 48
"""How many steps a walk takes before it is left to the arrays."""

SHAPES: Final = 64
"""How many shapes of requests are kept."""

ORDERS: Final = 64
"""How many orders are kept, one for each bounds of the leaves."""


@attrs.frozen(slots=True, eq=False)
class Kept:
    """What the bounds of the leaves settle.

    `scores` are those of the rows, where they are settled; `first` the candidates with the greatest, in order, and
    `whole` whether these are all; `parts` are the settled parts of a rank that is not.
    """

    scores: NDArray[np.float64]
    first: list[int]
    whole: bool
    parts: tuple[NDArray[np.float64], ...]


class Prepared:
    """What a binding keeps between calls, and the code that uses it.

    `decide` is `Bound.decide`. `key_of` gives the shape and the bounds of a call, which is what is kept by.
    """

    def __init__(self, bound: Bound) -> None:
        self._program = program = bound.program
        self._vocabulary = bound.columns.vocabulary
        self._columns = bound.columns
        self._own_state = bound.own_state
        self.shapes: dict[Any, tuple[bytes, NDArray[np.bool_]]] = {}
        self.orders: dict[Any, Kept] = {}
        scene = Scene(bound.columns, bound.own_state, NO_FACTS)
        pick = program.pick
        assert pick is not None
        self._pick = pick
        mask = np.ones(bound.columns.size, dtype=np.bool_)
        for conjunct in program.base:
            mask &= accepts(conjunct, scene, None)
        if isinstance(pick.order, ChainSelector):
            places = positions(pick.order, bound.columns)
            mask &= places > 0
        self._rows = mask.nonzero()[0]
        self._fixed: NDArray[np.float64] | None = None
        if isinstance(pick.order, ChainSelector):
            self._fixed = -places.take(self._rows).astype(np.float64)
        elif isinstance(pick.order, Ordered):
            self._fixed = np.zeros(self._rows.size)
        self._leaves = [
            Leaf.of(scores_of(leaf.scorer, scene, self._rows))
            for leaf in (program.leaves if self._fixed is None else ())
        ]
        self.written = write(program, bound.columns.state_places, tuple(leaf.plain for leaf in self._leaves))
        if self.written is not None:
            self._constants = {
                id(term): (accepts if isinstance(term, Pred) else scores_of)(term, scene, self._rows)
                for term in self.written.names.constants
            }
            namespace = self._names(bound, self.written)
            exec(compiled(self.written.text), namespace)
            self.decide: Callable[..., Choice] = namespace["decide"]
            self.winner_of = namespace["winner_of"]
            self.probe = namespace["probe"]

    def seen(self, facts: Facts, overlay: Overlay) -> Literal["warm", "bounds", "shape"]:
        """What a call would have to add to what is kept."""
        if self.written is None:
            return "warm"
        shape, bounds = self.probe(facts, overlay)
        if shape is not None and shape not in self.shapes:
            return "shape"
        return "warm" if bounds is None or bounds in self.orders else "bounds"

    # --- what the code asks for ------------------------------------------------------------------------------

    def _names(self, bound: Bound, written: Written) -> dict[str, Any]:
        """Everything that the code names."""
        names = written.names
        candidates: list[int] = self._rows.tolist()
        space: dict[str, Any] = {
            "Choice": Choice,
            "bisect_left": bisect_left,
            "errstate": np.errstate,
            "count_nonzero": np.count_nonzero,
            "bool_": np.bool_,
            "nothing": -inf,
            "read_seed": read_seed,
            "checked": checked,
            "clamped": clamped,
            "gated": gated,
            "another_catalogue": _another_catalogue,
            "bound": bound,
            "vocabulary": self._vocabulary,
            "catalogue": bound.own_state.catalogue,
            "own_state": bound.own_state,
            "rows": self._rows,
            "candidates": candidates,
            "everybody": np.ones(self._rows.size, dtype=np.bool_),
            "everything": b"\1" * self._columns.size,
            "shapes": self.shapes,
            "orders": self.orders,
            "new_shape": self._new_shape,
            "keep": self._keep,
            "scan": bound.scanned,
            "whole": bound.whole,
            "ends": lambda leaf, live: self._leaves[leaf].ends(live),
            "observed": self._observed,
            "normalized_over": _normalized_over,
            "first_of": _first,
            "preferred": _preferred,
            "drawn": self._drawn,
            "place_drawn": self._place_drawn,
        }
        if self._program.requires:
            space["contexts"] = np.unique(self._columns.numbers("context")).tolist()
        for place, value in enumerate(names.numbers):
            space[f"n{place}"] = value
        for field, name in names.requests.items():
            space[f"{name}_default"] = self._vocabulary.fields[field].default
        for place, term in enumerate(names.constants):
            array = self._constants[id(term)]
            space[f"c{place}"] = array
            space[f"o{place}"] = self._by_candidate(array) if f"o{place}" in written.text else None
        for place, leaf in enumerate(self._leaves):
            for name, rows in (("rising", leaf.from_below(WALK)), ("falling", leaf.from_above(WALK))):
                space[f"{name}{place}"] = ends = list(rows)
                space[f"{'low' if name == 'rising' else 'high'}{place}"] = [
                    (candidates[row], rank) for row, rank in ends
                ]
        return space

    def _by_candidate(self, array: NDArray[Any]) -> bytes | list[float]:
        """What is known of the rows, by the number of the candidate."""
        spread = np.zeros(self._columns.size, dtype=array.dtype)
        spread[self._rows] = array
        return spread.tobytes() if spread.dtype == np.bool_ else cast("list[float]", spread.tolist())

    def _new_shape(self, key: Any, facts: Facts) -> tuple[bytes, NDArray[np.bool_]]:
        """Which rows the shaped conjuncts accept, by candidate and by row."""
        scene = Scene(self._columns, self._own_state, facts)
        mask = np.ones(self._rows.size, dtype=np.bool_)
        for conjunct in self._program.shaped:
            mask &= accepts(conjunct, scene, self._rows)
        shape = cast(bytes, self._by_candidate(mask)), mask
        if len(self.shapes) >= SHAPES:
            del self.shapes[next(iter(self.shapes))]
        self.shapes[key] = shape
        return shape

    def _keep(self, key: tuple[int, ...]) -> Kept:
        """What the bounds of the leaves settle."""
        assert self.written is not None
        given = dict(self._constants)
        ends = iter(key)
        for node, leaf in zip(self._program.leaves, self._leaves, strict=False):
            found: Ends = (next(ends), next(ends), *((False, False) if leaf.plain else (next(ends), next(ends))))  # type: ignore[assignment]
            given[id(node)] = leaf.normalized(found)
        with np.errstate(all="ignore"):
            if self._fixed is not None:
                kept = self._ordered(self._fixed)
            elif self.written.settled:
                kept = self._ordered(self._settled(self._program.policy.rank, given))
            else:
                kept = Kept(_NONE, [], False, tuple(self._settled(part, given) for part in self.written.names.settled))
        if len(self.orders) >= ORDERS:
            del self.orders[next(iter(self.orders))]
        self.orders[key] = kept
        return kept

    def _settled(self, scorer: Scorer, given: dict[int, NDArray[Any]]) -> NDArray[np.float64]:
        def constant(term: Pred | Scorer) -> NDArray[Any] | None:
            known = given.get(id(term))
            if known is None and self._program.is_constant(term):
                scene = Scene(self._columns, self._own_state, NO_FACTS)
                known = (accepts if isinstance(term, Pred) else scores_of)(term, scene, self._rows)
                given[id(term)] = self._constants[id(term)] = known
            return known

        return settled(scorer, constant)

    def _ordered(self, scores: NDArray[np.float64]) -> Kept:
        """The scores of the rows, and an exact prefix of their order."""
        size = scores.size
        if size <= WALK:
            first = descending(scores)
        else:
            # Whoever is not below the last of the greatest: those who tie with it are all there, in their order.
            turned = -scores
            last = np.partition(turned, WALK)[WALK]
            among = (turned <= last).nonzero()[0] if last == last else np.arange(size)
            first = among.take(descending(scores.take(among)))[: 2 * WALK]
        return Kept(scores, self._rows.take(first).tolist(), len(first) == size, ())

    def _observed(self, place: int, overlay: Overlay) -> NDArray[np.bool_]:
        known = overlay.known[place]
        if known is None:
            return np.ones(self._rows.size, dtype=np.bool_)
        return np.frombuffer(known, np.bool_).take(self._rows)

    # --- drawing ---------------------------------------------------------------------------------------------

    @cached_property
    def _weights(self) -> Sequence[float]:
        """The sums of the weights of the ranks from the first on, added from left to right."""
        order = self._pick.order
        assert isinstance(order, Sample)
        t = max(order.temperature, 0.0)
        weights = np.full(self._rows.size, t / (t + 1.0))
        weights[:1] = 1.0
        return memoryview(np.add.accumulate(np.multiply.accumulate(weights)))

    def _place_drawn(self, count: int, seed: int | None) -> int:
        """The rank that the first draw gives among so many, at least one."""
        # Partial sums never fall, so the first that reaches r is found by bisection; the last one is at least r.
        return bisect_left(self._weights, Stream(seed or 0).draw() * self._weights[count - 1], 0, count)

    def _drawn(self, scores: NDArray[np.float64], at: NDArray[np.intp], seed: int | None) -> int:
        return int(at[descending(scores.take(at))[self._place_drawn(at.size, seed)]])


_NONE: Final = np.empty(0)


def _another_catalogue() -> ValueError:
    return ValueError("the overlay belongs to another catalogue than the binding's")


def _normalized_over(scores: NDArray[np.float64], at: NDArray[np.intp]) -> NDArray[np.float64]:
    """All rows, brought to 0..1 as the population `at` is. It means nothing for the others."""
    mine = scores.take(at)
    low, high = mine[mine.argmin()], mine[mine.argmax()]
    span = high - low
    # Nearly always so. Where an end is infinite or undefined, so is the span.
    if 0.0 < span < inf:
        return (scores - low) / span
    return normalized(scores, ruler(bounds(mine)))


def _first(scores: NDArray[np.float64]) -> int:
    """The first in descending order, where `argmax` finds an undefined score, or nothing above -inf."""
    return int(descending(scores)[0])


def _preferred(scores: NDArray[np.float64], at: NDArray[np.intp], matches: NDArray[np.bool_], limit: int) -> int:
    """The first match among the first `limit` rows in descending order, else the first."""
    order = at.take(descending(scores.take(at))[:limit])
    return int(order[matches.take(order).argmax()])


def positions(chain: ChainSelector, columns: Columns) -> NDArray[np.intp]:
    """The 1-based position of each candidate's entry in a chain, 0 for those that are not listed."""
    pairs, of_candidate = columns.pairs
    position = np.zeros(len(pairs), dtype=np.intp)
    for at, entry in reversed(tuple(enumerate(chain.chain, start=1))):
        number = pairs.get(entry.pair)  # type: ignore[arg-type]
        if number is not None:
            position[number] = at
    return position.take(of_candidate)


NO_FACTS: Final = Facts()
