"""A policy prepared for a catalogue: what never moves is computed, and the rest is written as code.

The *rows* are the candidates that the base conjuncts accept (and the chain lists, where one selects), in catalogue
order. All that is kept between calls is a function of the policy, the catalogue, what requests require and the bounds
of leaves, so no decision depends on which calls came before it.
"""

from __future__ import annotations

from bisect import bisect_left
from functools import cached_property
from math import inf
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias, cast

import attrs
import numpy as np

from policy_ir.evaluator import calculating
from policy_ir.evaluator.choice import Choice
from policy_ir.evaluator.climbing import ladder
from policy_ir.evaluator.keeping import put
from policy_ir.evaluator.leaves import Leaf
from policy_ir.evaluator.scene import Scene
from policy_ir.evaluator.vector_draws import weights_of
from policy_ir.evaluator.vector_filters import quietly
from policy_ir.evaluator.vector_predicates import accepting, accepts
from policy_ir.evaluator.vector_scorers import each, scores
from policy_ir.evaluator.vector_selectors import descending, positions
from policy_ir.evaluator.writing import Written, compiled, write
from policy_ir.facts import Facts, checked, read_seed
from policy_ir.semantics.draws import Stream
from policy_ir.terms import ChainSelector, Ordered, Pred, Sample

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from policy_ir.evaluator.bound import Bound
    from policy_ir.evaluator.choice import Survivors
    from policy_ir.evaluator.overlay import Overlay
    from policy_ir.evaluator.vector_filters import Codes

__all__ = ["Prepared"]

WALK: Final = 48
"""How many steps a walk or a climb takes before it is left to the arrays."""

RUNGS: Final = 192
"""How many rungs the ladder of all rows has: a shape that is new may allow few of them."""

SHAPES: Final = 64
"""How many shapes of requests are kept."""

ORDERS: Final = 32
"""How many orders are kept for a shape, one for each bounds of the leaves."""

SCORES: Final = 2**17
"""How many scores a binding keeps for bounds: those of all rows for each, for 4 to `ORDERS` of them."""

USUAL: Final = {"prompt_tokens": 4000.0, "completion_tokens": 1000.0}
"""The numbers of the request that a ladder is ordered by, 1 for all others. They settle how soon a climb ends only."""

Shape: TypeAlias = "tuple[bytes, NDArray[np.bool_]]"
"""Whom the base conjuncts and the shaped ones accept, of all candidates: as bytes and as an array."""


@attrs.define(slots=True, eq=False)
class Kept:
    """The candidates with the greatest scores, in order, and whether these are all."""

    first: list[int]
    whole: bool


class Prepared:
    """What a binding keeps between calls, and the code that uses it.

    `written` is None where the code does not cover the policy; nothing else means anything then.
    """

    def __init__(self, bound: Bound) -> None:
        self._bound = bound
        self._program = program = bound.program
        self._columns = bound.columns
        self._own_state = bound.own_state
        pick = program.pick
        assert pick is not None
        self._pick = pick
        self._fixed: NDArray[np.float64] | None = None
        base = np.ones(self._columns.size, dtype=np.bool_)
        for conjunct in program.base:
            base &= self._accepted(conjunct)
        if isinstance(pick.order, ChainSelector):
            places = positions(pick.order, self._columns, None)
            base &= places > 0
            self._fixed = -places[base].astype(np.float64)
        elif isinstance(pick.order, Ordered):
            self._fixed = np.zeros(int(base.sum()))
        self._base = base
        self._rows = base.nonzero()[0]
        leaves = () if isinstance(pick.order, ChainSelector | Ordered) else program.leaves
        self._leaves = [Leaf.of(self._rows, self._scored(leaf.scorer).take(self._rows)) for leaf in leaves]
        self._plain = all(leaf.plain for leaf in self._leaves)
        self.written = write(program, self._columns.state_places, tuple(leaf.plain for leaf in self._leaves))
        self._shaped = [
            quietly(accepting(conjunct, program.vocabulary), conjunct, program.vocabulary)
            for conjunct in program.shaped
        ]
        self._shapes: dict[Any, Shape] = {}
        self._paths: dict[Any, Any] = {}
        self.paths: dict[Any, Any] = {}
        self.orders: dict[Any, Kept] = {}
        self.settled: dict[Any, list[NDArray[np.float64]]] = {}
        self._most_settled = max(4, min(ORDERS, SCORES // max(self._rows.size, 1)))
        if self.written is not None:
            self._code = self._compile(self.written)
            self.decide = self._code["decide"]

    def _accepted(self, pred: Pred) -> NDArray[np.bool_]:
        return accepts(pred, Scene(self._columns, self._own_state, NO_FACTS), None)

    def _scored(self, scorer: Any, facts: Facts | None = None) -> NDArray[np.float64]:
        with np.errstate(all="ignore"):
            return scores(scorer, Scene(self._columns, self._own_state, facts or NO_FACTS), None)

    def scan(self, facts: Facts, overlay: Overlay, seed: int | None, ok: NDArray[np.bool_]) -> Any:
        """The winner, and the survivors with their scores, from a scan of all candidates that are `ok`."""
        return self._code["winner_of"](facts, overlay, seed, (ok, *self._code["everywhere"][1:]))

    def survivors(self, facts: Facts, overlay: Overlay, codes: Codes) -> Survivors | None:
        """Whom the codes of the filter accept, with their scores; None where the code has none for them."""
        scores_of = self._code.get("scores_of")
        if scores_of is None:
            return None
        live = np.logical_not(codes)
        at = live.nonzero()[0]
        return at, scores_of(facts, overlay, self._code["everywhere"], live, at) if at.size else _NONE

    # --- for measuring ---------------------------------------------------------------------------------------

    def seen(self, facts: Facts, overlay: Overlay) -> Literal["warm", "bounds", "shape"]:
        """What a call would have to add to what is kept."""
        written = self.written
        if written is None:
            return "warm"
        here, orders = self._code["everywhere"], self.orders
        if self._program.shaped:
            here = self.paths.get(self._code["key_of"](facts))
            if here is None:
                return "shape"
            if written.way == "walk":
                orders, here = here[1], (here[0], *here[2:])
        if written.way == "climb" or not (written.settled or written.names.parts):
            return "warm"
        ends = self._code["ends_of"](facts, overlay, here)
        return "warm" if ends is None or ends in (orders if written.way == "walk" else self.settled) else "bounds"

    def forget_shapes(self) -> None:
        """Keep no shape any more."""
        for kept in (self._shapes, self._paths, self.paths):
            kept.clear()

    def forget_bounds(self) -> None:
        """Keep no order any more."""
        self.settled.clear()
        self.orders.clear()
        if self.written is not None and self.written.way == "walk":
            for _, orders, *_ in [*self._paths.values(), *self.paths.values()]:
                orders.clear()

    # --- the code --------------------------------------------------------------------------------------------

    def _compile(self, written: Written) -> dict[str, Any]:
        """The functions of the code, among everything that it names."""
        bound, names = self._bound, written.names
        constants = [self._accepted(term) if isinstance(term, Pred) else self._scored(term) for term in names.constants]
        ends = [leaf.first(WALK, from_below=below) for leaf in self._leaves for below in (True, False)]
        calculated = [*constants, *(leaf.scores for leaf in self._leaves)]
        space: dict[str, Any] = {
            "Choice": Choice,
            "another_catalogue": calculating.another_catalogue,
            "bool_": np.bool_,
            "bound": bound,
            "calm": written.calm and all(map(_moderate, calculated)),
            "catalogue": bound.own_state.catalogue,
            "checked": checked,
            "clamped": calculating.clamped,
            "count_nonzero": np.count_nonzero,
            "drawn": self._drawn,
            "end": lambda leaf, live, below: self._leaves[leaf].end(live, from_below=below),
            "ends": lambda leaf, live: self._leaves[leaf].ends(live),
            "errstate": np.errstate,
            "everybody": self._base,
            "everything": b"\1" * self._columns.size,
            "everywhere": (self._base, *ends),
            "first_of": calculating.first_of,
            "gated": calculating.gated,
            "keep": self._keep,
            "normalized_over": calculating.normalized_over,
            "nothing": -inf,
            "observed": calculating.observed,
            "one": np.array(1.0),
            "only": self._only,
            "orders": self.orders,
            "own_state": bound.own_state,
            "path_first": self._path_first,
            "paths": self.paths,
            "place_drawn": self._place_drawn,
            "preferred": calculating.preferred,
            "read_seed": read_seed,
            "row_of": np.cumsum(self._base) - 1,
            "scan": bound.scanned,
            "settle_at": self._settle_at,
            "settled": self.settled,
            "vocabulary": self._columns.vocabulary,
        }
        for place, value in enumerate(names.numbers):
            space[f"n{place}"], space[f"u{place}"] = value, np.array(value)
        fields = self._columns.vocabulary.fields
        space |= {f"{name}_default": fields[field].default for field, name in names.requests.items()}
        for leaf in range(len(self._leaves)):
            space[f"low{leaf}"], space[f"high{leaf}"] = ends[2 * leaf : 2 * leaf + 2]
        for place, array in enumerate(constants):
            space[f"c{place}"] = array
            space[f"e{place}"] = array.take(self._rows)
            if f"o{place}[" in written.text:
                space[f"o{place}"] = array.tobytes() if array.dtype == np.bool_ else array.tolist()
        if written.way == "climb":
            self._rungs = self._rungs_of(constants, written)
            self._constants = constants
            space["ladder"], space["whole_ladder"] = self._ladder(self._base, written, RUNGS)
        exec(compiled(written.text), space)
        return space

    def _rungs_of(self, constants: list[NDArray[Any]], written: Written) -> NDArray[np.intp]:
        """The rows in the order of a usual request; none where a constant of them is not finite."""
        if not all(np.isfinite(constants[place].take(self._rows)).all() for place in written.climbs):
            return self._rows[:0]
        usual = {field: USUAL.get(field, 1.0) for field in written.names.requests}
        by = self._scored(self._program.policy.rank, Facts(fields=usual))
        return self._rows.take(descending(by.take(self._rows)))

    def _only(self, at: NDArray[np.intp]) -> NDArray[np.bool_]:
        """The mask of some candidates."""
        mask = np.zeros(self._columns.size, dtype=np.bool_)
        mask[at] = True
        return mask

    # --- shapes ----------------------------------------------------------------------------------------------

    def _canonical(self, facts: Facts) -> tuple[object, ...] | None:
        """What settles a shape: a context by its place among those that occur. None for a request that has none."""
        program = self._program
        key: list[object] = [facts.scope]
        if program.requires:
            if facts.min_tok_s is not None:
                return None
            least = facts.min_context
            key.append(None if least is None else bisect_left(self._columns.contexts, least))
            key += (facts.needs, facts.model_family, facts.tier, facts.privacy)
        key += (facts.fields.get(field) for field in program.asked)
        return tuple(key)

    def _shape(self, key: tuple[object, ...], facts: Facts) -> Shape:
        """The shape of a request, made where it is new."""
        shape = self._shapes.get(key)
        if shape is None:
            scene = Scene(self._columns, self._own_state, facts)
            mask = self._base
            for accepted in self._shaped:
                mask = mask & accepted(scene, None)
            shape = mask.tobytes(), mask
            put(self._shapes, key, shape, SHAPES)
        return shape

    def _path_first(self, alias: object, facts: Facts, overlay: Overlay, seed: int | None) -> Choice:
        """A call whose shape is not known by this key. A shape gets its path when it comes a second time."""
        key = self._canonical(facts)
        if key is None:
            return self._bound.whole(facts, overlay, seed)
        path = self._paths.get(key)
        if path is None:
            known = key in self._shapes
            ok_bytes, ok = self._shape(key, facts)
            if not known:
                first = self._code.get("decide_first")
                if first is None:
                    return self._bound.scanned(facts, overlay, seed, ok)
                return cast(Choice, first(facts, overlay, seed, ok_bytes, ok))
            path = self._path(ok_bytes, ok)
            put(self._paths, key, path, SHAPES)
        put(self.paths, alias, path, SHAPES)
        return cast(Choice, self.decide(facts, overlay, seed))

    def _path(self, ok_bytes: bytes, ok: NDArray[np.bool_]) -> tuple[Any, ...]:
        """What the code wants for a shape: whom it allows, and where to look for the ends, the ladder, the orders."""
        assert self.written is not None
        if self.written.way == "climb":
            return ok, *self._ladder(ok, self.written, WALK)
        steps = [[step for step in end if ok_bytes[step[0]]] for end in self._code["everywhere"][1:]]
        return (ok, {}, *steps) if self.written.way == "walk" else (ok, *steps)

    def _ladder(self, ok: NDArray[np.bool_], written: Written, most: int) -> tuple[list[tuple[Any, ...]], bool]:
        """The rungs of a climb, and whether these are all."""
        order = self._rungs.take(ok.take(self._rungs).nonzero()[0])
        rungs = ladder(order, written.climbs, self._constants.__getitem__, most)
        return rungs, len(rungs) == int(np.count_nonzero(ok))

    # --- orders ----------------------------------------------------------------------------------------------

    def _settle_at(self, key: tuple[Any, ...]) -> list[NDArray[np.float64]]:
        """What the bounds of the leaves settle: the scores of the rows, or the settled parts of them."""
        if self._fixed is not None:
            parts = [self._fixed]
        else:
            if self._plain:
                at_ends = [leaf.between(*key[2 * at : 2 * at + 2]) for at, leaf in enumerate(self._leaves)]
            else:
                ends = iter(key)
                at_ends = [leaf.normalized(leaf.read_ends(ends)) for leaf in self._leaves]
            if self._code["calm"]:
                parts = self._code["settle"](*at_ends)
            else:
                with np.errstate(all="ignore"):
                    parts = self._code["settle"](*at_ends)
            parts = [each(part, self._rows.size) for part in parts]
        put(self.settled, key, parts, self._most_settled)
        return parts

    def _keep(self, key: tuple[Any, ...], ok: NDArray[np.bool_], orders: dict[Any, Kept] | None) -> Kept:
        """The best of the candidates that are `ok`, for some bounds.

        Only the very best where these are new, or where there is nothing to keep an order in: most come once.
        """
        known = self.settled.get(key)
        by = (known or self._settle_at(key))[0]
        numbers = self._rows
        if ok is not self._base:
            at = ok.take(numbers).nonzero()[0]
            numbers, by = numbers.take(at), by.take(at)
        if by.size and (known is None or orders is None):
            # An undefined score would be the greatest, and is none to begin with.
            place = by.argmax()
            return Kept([int(numbers[place])] if by[place] > -inf else [], False)
        kept = _ordered(by, numbers)
        if orders is not None:
            put(orders, key, kept, ORDERS)
        return kept

    # --- drawing ---------------------------------------------------------------------------------------------

    @cached_property
    def _weights(self) -> Sequence[float]:
        """The sums of the weights of the ranks from the first on, added from left to right."""
        order = self._pick.order
        assert isinstance(order, Sample)
        return memoryview(np.add.accumulate(weights_of(order.temperature, self._rows.size)))  # type: ignore[arg-type]

    def _place_drawn(self, count: int, seed: int | None) -> int:
        """The rank that the first draw gives among so many, at least one."""
        # Partial sums never fall, so the first that reaches r is found by bisection; the last one is at least r.
        return bisect_left(self._weights, Stream(seed or 0).draw() * self._weights[count - 1], 0, count)

    def _drawn(self, by: NDArray[np.float64], seed: int | None) -> int:
        return int(descending(by)[self._place_drawn(by.size, seed)])


_NONE: Final = np.empty(0)

NO_FACTS: Final = Facts()


def _ordered(by: NDArray[np.float64], rows: NDArray[np.intp]) -> Kept:
    """An exact prefix of the order of some rows."""
    size = by.size
    if size <= WALK:
        first = descending(by)
    else:
        # All that are not below some score, in order, are a prefix of the order; a sample says which score leaves few.
        turned, step = -by, size // max(WALK, 1)
        sample = np.sort(turned[::step])
        last = sample[min(max(1, WALK // step), sample.size - 1)]
        among = (turned <= last).nonzero()[0] if last == last else np.arange(size)
        first = among.take(descending(by.take(among)))[: 2 * WALK]
    return Kept(rows.take(first).tolist(), len(first) == size)


def _moderate(constants: NDArray[Any]) -> bool:
    """Whether no constant is infinite, undefined or so great that calculating with it could overflow."""
    return bool((np.abs(constants) < 1e100).all())
