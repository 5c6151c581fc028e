"""A policy prepared for a catalogue: what never moves is computed, and the rest is written as code.

The *rows* are the candidates that the base conjuncts accept (and the chain lists, where one selects), in catalogue
order. All that is kept between calls depends on the policy and the catalogue only, so no decision depends on which
calls came before it.
"""

from __future__ import annotations

from bisect import bisect_left
from contextlib import suppress
from functools import cached_property
from math import inf
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias, cast

import attrs
import numpy as np

from policy_ir.evaluator import calculating
from policy_ir.evaluator.choice import Choice
from policy_ir.evaluator.climbing import ladder
from policy_ir.evaluator.leaves import Leaf
from policy_ir.evaluator.relations import conjunction
from policy_ir.evaluator.scene import Scene
from policy_ir.evaluator.vector_predicates import accepting, accepts
from policy_ir.evaluator.vector_scorers import each, scores
from policy_ir.evaluator.vector_selectors import descending
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

STEPS: Final = 16
"""How many steps a scan takes from an end of a leaf before it looks at all rows."""

SHAPES: Final = 64
"""How many shapes of requests are kept."""

ORDERS: Final = 64
"""How many orders are kept, one for each bounds of the leaves; of large catalogues fewer, see `SCORES`."""

ORDERS_HERE: Final = 32
"""How many orders are kept for one shape."""

SCORES: Final = 2**17
"""How many scores are kept: one for each row and order."""

USUAL: Final = {"prompt_tokens": 4000.0, "completion_tokens": 1000.0}
"""The numbers of the request that a ladder is ordered by, 1 for all others. They settle how soon a climb ends only."""

Shape: TypeAlias = "tuple[bytes, NDArray[np.bool_]]"
"""Which candidates the shaped conjuncts accept, by number, and which rows."""


@attrs.frozen(slots=True, eq=False)
class Kept:
    """What the bounds of the leaves settle.

    `scores` are those of the rows, where they are settled; `first` the candidates with the greatest, in order, and
    `whole` whether these are all; `parts` are the settled parts of a rank that is not.
    """

    scores: NDArray[np.float64]
    first: list[int]
    whole: bool
    parts: list[NDArray[np.float64]]


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
        mask = np.ones(self._columns.size, dtype=np.bool_)
        for conjunct in program.base:
            mask &= self._accepted(conjunct, None)
        if isinstance(pick.order, ChainSelector):
            places = calculating.positions(pick.order, self._columns)
            mask &= places > 0
            self._fixed = -places[mask].astype(np.float64)
        elif isinstance(pick.order, Ordered):
            self._fixed = np.zeros(int(mask.sum()))
        self._rows = mask.nonzero()[0]
        leaves = () if isinstance(pick.order, ChainSelector | Ordered) else program.leaves
        self._leaves = [Leaf.of(self._scored(leaf.scorer)) for leaf in leaves]
        self.written = write(program, self._columns.state_places, tuple(leaf.plain for leaf in self._leaves))
        self._shaped = [accepting(conjunct, program.vocabulary) for conjunct in program.shaped]
        self._shapes: dict[Any, Shape] = {}
        self._paths: dict[Any, Any] = {}
        self.paths: dict[Any, Any] = {}
        self.orders: dict[Any, Kept] = {}
        self._made: dict[Any, list[NDArray[np.float64]]] = {}
        self._most_orders = max(4, min(ORDERS, SCORES // max(self._rows.size, 1)))
        if self.written is not None:
            self._code = self._compile(bound, self.written)
            self.decide = self._code["decide"]
            self.winner_of = self._code["winner_of"]
            self._scores_of = self._code.get("scores_of")

    def _accepted(self, pred: Pred, rows: NDArray[np.intp] | None, facts: Facts | None = None) -> NDArray[np.bool_]:
        return accepts(pred, Scene(self._columns, self._own_state, facts or NO_FACTS), rows)

    def _scored(self, scorer: Any, facts: Facts | None = None) -> NDArray[np.float64]:
        return scores(scorer, Scene(self._columns, self._own_state, facts or NO_FACTS), self._rows)

    # --- for measuring ---------------------------------------------------------------------------------------

    def seen(self, facts: Facts, overlay: Overlay) -> Literal["warm", "bounds", "shape"]:
        """What a call would have to add to what is kept."""
        written = self.written
        if written is None:
            return "warm"
        orders, ok_rows = self.orders, self._code["everybody"]
        if self._program.shaped:
            here = self.paths.get(self._code["key_of"](facts))
            if here is None:
                return "shape"
            ok_rows, orders = here[:2]
        if written.way == "climb" or not (written.settled or written.names.parts):
            return "warm"
        ends = self._code["ends_of"](facts, overlay, ok_rows)
        return "warm" if ends is None or ends in orders else "bounds"

    def forget_shapes(self) -> None:
        """Keep no shape any more."""
        for kept in (self._shapes, self._paths, self.paths):
            kept.clear()

    def forget_bounds(self) -> None:
        """Keep no order any more."""
        self._made.clear()
        self.orders.clear()
        for _, orders, *_ in self._paths.values():
            orders.clear()

    # --- the code --------------------------------------------------------------------------------------------

    def _compile(self, bound: Bound, written: Written) -> dict[str, Any]:
        """The functions of the code, among everything that it names."""
        names = written.names
        constants = [
            self._accepted(term, self._rows) if isinstance(term, Pred) else self._scored(term)
            for term in names.constants
        ]
        space: dict[str, Any] = {
            "Choice": Choice,
            "another_catalogue": calculating.another_catalogue,
            "bool_": np.bool_,
            "bound": bound,
            "calm": written.calm and all(map(_moderate, constants)),
            "candidates": self._rows.tolist(),
            "catalogue": bound.own_state.catalogue,
            "checked": checked,
            "clamped": calculating.clamped,
            "count_nonzero": np.count_nonzero,
            "drawn": self._drawn,
            "end_of": calculating.end_of(self._leaves),
            "ends_of_leaf": calculating.ends_of(self._leaves),
            "errstate": np.errstate,
            "everybody": np.ones(self._rows.size, dtype=np.bool_),
            "everything": b"\1" * self._columns.size,
            "first_of": calculating.first_of,
            "gated": calculating.gated,
            "keep": self._keep,
            "keep_here": self._keep_here,
            "normalized_over": calculating.normalized_over,
            "nothing": -inf,
            "observed": calculating.observed,
            "orders": self.orders,
            "own_state": bound.own_state,
            "path_first": self._path_first,
            "paths": self.paths,
            "place_drawn": self._place_drawn,
            "preferred": calculating.preferred,
            "read_seed": read_seed,
            "rows": self._rows,
            "scan": bound.scanned,
            "settled": self._settled,
            "vocabulary": self._columns.vocabulary,
        }
        space |= {f"n{place}": value for place, value in enumerate(names.numbers)}
        fields = self._columns.vocabulary.fields
        space |= {f"{name}_default": fields[field].default for field, name in names.requests.items()}
        for place, array in enumerate(constants):
            space[f"c{place}"] = array
            if f"o{place}[" in written.text:
                space[f"o{place}"] = self._by_candidate(array)
        for place, leaf in enumerate(self._leaves):
            for below, side, end in ((True, "rising", "low"), (False, "falling", "high")):
                steps = leaf.first(WALK, from_below=below)
                space[f"{side}{place}"] = steps[:STEPS]
                space[f"{end}{place}"] = [(space["candidates"][row], rank) for row, rank in steps]
        if written.way == "climb":
            finite = all(np.isfinite(constants[place]).all() for place in written.climbs)
            usual = {field: USUAL.get(field, 1.0) for field in names.requests}
            order = descending(self._scored(self._program.policy.rank, Facts(fields=usual)))
            self._rungs = order if finite else order[:0]
            self._constants = constants
            space["ladder"], space["whole_ladder"] = self._ladder(space["everybody"], written)
        exec(compiled(written.text), space)
        return space

    def _by_candidate(self, array: NDArray[Any]) -> bytes | list[float]:
        """What is known of the rows, by the number of the candidate."""
        spread = np.zeros(self._columns.size, dtype=array.dtype)
        spread[self._rows] = array
        return spread.tobytes() if spread.dtype == np.bool_ else cast("list[float]", spread.tolist())

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
            mask: Any = True
            for accepted in self._shaped:
                mask = conjunction(mask, accepted(scene, None))
            if isinstance(mask, bool):
                mask = np.full(self._columns.size, mask)
            shape = mask.tobytes(), mask.take(self._rows)
            _put(self._shapes, key, shape, SHAPES)
        return shape

    def _path_first(self, alias: object, facts: Facts, overlay: Overlay, seed: int | None) -> Choice:
        """A call whose shape is not known by this key. A shape gets its path when it comes a second time."""
        key = self._canonical(facts)
        if key is None:
            return self._bound.whole(facts, overlay, seed)
        path = self._paths.get(key)
        if path is None:
            known = key in self._shapes
            ok, ok_rows = self._shape(key, facts)
            if not known:
                first = self._code.get("decide_first")
                if first is None:
                    return self._bound.scanned(facts, overlay, seed, ok_rows)
                return cast(Choice, first(facts, overlay, seed, ok, ok_rows))
            path = self._path(ok, ok_rows)
            _put(self._paths, key, path, SHAPES)
        _put(self.paths, alias, path, SHAPES)
        return cast(Choice, self.decide(facts, overlay, seed))

    def _path(self, ok: bytes, ok_rows: NDArray[np.bool_]) -> tuple[Any, ...]:
        """What the code wants for a shape: the rows and the orders of it, and where to walk, to climb or to scan."""
        assert self.written is not None
        way = self.written.way
        if way == "climb":
            return ok_rows, {}, *self._ladder(ok_rows, self.written)
        at = ok_rows.nonzero()[0]
        rows = self._rows.take(at)
        if way == "walk":
            ends = (self._code[f"{end}{leaf}"] for leaf in range(len(self._leaves)) for end in ("low", "high"))
            steps_here = [[entry for entry in end if ok[entry[0]]] for end in ends]
            return ok_rows, {}, rows, np.ones(rows.size, dtype=np.bool_), *steps_here
        leaves = [leaf.among(ok_rows) for leaf in self._leaves]
        constants = [self._code[f"c{place}"].take(at) for place in self.written.scanned]
        steps = [leaf.first(STEPS, from_below=below) for leaf in leaves if leaf.plain for below in (True, False)]
        everybody = np.ones(rows.size, dtype=np.bool_)
        return (
            ok_rows,
            {},
            rows,
            rows.tolist(),
            everybody,
            calculating.end_of(leaves),
            calculating.ends_of(leaves),
            *constants,
            *steps,
        )

    def _ladder(self, ok_rows: NDArray[np.bool_], written: Written) -> tuple[list[tuple[Any, ...]], bool]:
        """The rungs of a climb, and whether these are all."""
        order = self._rungs[ok_rows.take(self._rungs)]
        rungs = ladder(order, self._rows, written.climbs, self._constants.__getitem__, WALK)
        return rungs, len(rungs) == int(np.count_nonzero(ok_rows))

    # --- orders ----------------------------------------------------------------------------------------------

    def _settled(self, key: tuple[int, ...]) -> list[NDArray[np.float64]]:
        """What the bounds of the leaves settle: the scores of all rows, or the settled parts of them."""
        made = self._made.get(key)
        if made is None:
            if self._fixed is not None:
                made = [self._fixed]
            else:
                ends = iter(key)
                with np.errstate(all="ignore"):
                    at_ends = [leaf.normalized(leaf.read_ends(ends)) for leaf in self._leaves]
                    made = [each(part, self._rows.size) for part in self._code["settle"](*at_ends)]
            _put(self._made, key, made, self._most_orders)
        return made

    def _keep(self, key: tuple[int, ...]) -> Kept:
        """What a walk or a scan of all rows wants for some bounds."""
        assert self.written is not None
        made = self._settled(key)
        kept = _ordered(made[0], self._rows) if self.written.settled else Kept(_NONE, [], False, made)
        _put(self.orders, key, kept, self._most_orders)
        return kept

    def _keep_here(self, key: tuple[int, ...], ok_rows: NDArray[np.bool_], orders: dict[Any, Kept]) -> Kept:
        """What a walk or a scan of the rows of a shape wants for them."""
        assert self.written is not None
        at = ok_rows.nonzero()[0]
        made = [part.take(at) for part in self._settled(key)]
        kept = _ordered(made[0], self._rows.take(at)) if self.written.settled else Kept(_NONE, [], False, made)
        _put(orders, key, kept, ORDERS_HERE)
        return kept

    def survivors(self, facts: Facts, overlay: Overlay, codes: Codes) -> Survivors | None:
        """Whom the codes of the filter accept; None where the code has no scores for them."""
        if self._scores_of is None:
            return None
        live = np.logical_not(codes.take(self._rows))
        at = live.nonzero()[0]
        return self._rows, at, self._scores_of(facts, overlay, live, at) if at.size else _NONE

    # --- drawing ---------------------------------------------------------------------------------------------

    @cached_property
    def _weights(self) -> Sequence[float]:
        """The sums of the weights of the ranks from the first on, added from left to right."""
        order = self._pick.order
        assert isinstance(order, Sample)
        t = max(order.temperature, 0.0)
        weights = np.full(self._rows.size, t / (t + 1.0))
        weights[:1] = 1.0
        return memoryview(np.add.accumulate(np.multiply.accumulate(weights)))  # type: ignore[arg-type]

    def _place_drawn(self, count: int, seed: int | None) -> int:
        """The rank that the first draw gives among so many, at least one."""
        # Partial sums never fall, so the first that reaches r is found by bisection; the last one is at least r.
        return bisect_left(self._weights, Stream(seed or 0).draw() * self._weights[count - 1], 0, count)

    def _drawn(self, by: NDArray[np.float64], seed: int | None) -> int:
        return int(descending(by)[self._place_drawn(by.size, seed)])


_NONE: Final = np.empty(0)

NO_FACTS: Final = Facts()


def _ordered(by: NDArray[np.float64], rows: NDArray[np.intp]) -> Kept:
    """The scores of some rows, and an exact prefix of their order."""
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
    return Kept(by, rows.take(first).tolist(), len(first) == size, [])


def _put(kept: dict[Any, Any], key: object, value: object, most: int) -> None:
    """Keep an entry; the oldest goes where there are too many."""
    if len(kept) >= most:
        # Another thread may have been faster.
        with suppress(RuntimeError, StopIteration):
            kept.pop(next(iter(kept)), None)
    kept[key] = value


def _moderate(constants: NDArray[Any]) -> bool:
    """Whether no constant is infinite, undefined or so great that calculating with it could overflow."""
    return bool((np.abs(constants) < 1e100).all())
