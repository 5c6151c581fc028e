"""The code of `decide` for one policy, as text: the second half of compiling it.

Two ways to a winner are written, both under one prologue that checks the facts and finds the shape of the request:

*Walking*, where the bounds of the leaves settle the whole rank. Each leaf has its rows in ascending order; the first that
is alive from either end gives the bounds. The bounds have a kept order of the best rows; the first that is alive wins.
Nothing is done per candidate, and the walk is bounded: where it comes to its end, scanning decides.

*Scanning*, where a state or a number of the request is in the rank: over all rows at once, from the parts that the
bounds settle.

What is kept is an exact prefix of the whole order, so a walk finds what sorting would. The names in the text are those of
`policy_ir.evaluator.emission`, and the functions that `policy_ir.evaluator.bound` gives it.
"""

from __future__ import annotations

from functools import lru_cache
from textwrap import indent
from types import CodeType
from typing import TYPE_CHECKING

import attrs

from policy_ir.evaluator.emission import Dialect, Names, Unwritable
from policy_ir.evaluator.program import Pick, Program
from policy_ir.evaluator.sources import sources
from policy_ir.terms import Argmax, Sample

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Written", "compiled", "write"]


@attrs.frozen(eq=False)
class Written:
    """The code of a policy and the names in it. `walks` says whether `decide` walks; else it scans."""

    names: Names
    walks: bool
    settled: bool
    text: str


def write(program: Program, state: dict[str, int], plain: tuple[bool, ...]) -> Written | None:
    """The code of a policy; None where the vector path has to decide.

    `state` has the place of each state field, `plain` says of each leaf whether its values are finite throughout.
    """
    pick = program.pick
    if pick is None:
        return None
    names = Names(program, state)
    fixed = not isinstance(pick.order, Argmax | Sample)
    settled = fixed or program.is_settled(program.policy.rank)
    if not settled and sources(program.policy.rank, program.vocabulary) <= {"request"}:
        return None  # one score for everybody
    writer = _Writer(program, pick, names, plain, settled, fixed)
    try:
        return Written(names, writer.walks, settled, writer.text())
    except Unwritable:
        return None


@lru_cache(maxsize=512)
def compiled(text: str) -> CodeType:
    """The code object of a text; policies of one structure share it."""
    return compile(text, "<policy>", "exec")


@attrs.frozen(eq=False)
class _Writer:
    program: Program
    pick: Pick
    names: Names
    plain: tuple[bool, ...]
    settled: bool
    """Whether the bounds of the leaves settle the order."""
    fixed: bool
    """Whether there is one order, whatever the scores are."""

    @property
    def leaves(self) -> int:
        return 0 if self.fixed else len(self.program.leaves)

    @property
    def _keeps(self) -> bool:
        """Whether anything is kept for the bounds of the leaves."""
        return self.settled or bool(self.names.settled)

    @property
    def walks(self) -> bool:
        return self.settled and all(self.plain[: self.leaves])

    def text(self) -> str:
        """The functions of the policy, one after another."""
        one, rows = Dialect(self.names, "one"), Dialect(self.names, "rows")
        live_one, live_rows = ([dialect.pred(pred) for pred in self.program.live] for dialect in (one, rows))
        prefer = self.pick.prefer
        prefer_one = None if prefer is None else one.pred(prefer)
        prefer_rows = None if prefer is None else rows.pred(prefer)
        score = "kept.scores" if self.settled else rows.score(self.program.policy.rank)
        alive = " & ".join(["ok_rows", *live_rows])
        functions = [
            _function("decide(facts=None, overlay=None, seed=None)", [_CHECKS, self._shape(), *self._walk(live_one, prefer_one), _RESULT]),
            _function("winner(facts, overlay, seed, ok_rows)", [_QUIET, _inner(self._arrays(), *self._scan(alive, prefer_rows, score))]),
            _function("probe(facts, overlay)", [self._shape(probing=True), _QUIET, _inner(self._arrays(), *self._alive(alive, "None, None"), *self._bounds(), f"return key_of_shape, {self._key() if self._keeps else None}")]),
        ]  # fmt: skip
        if isinstance(self.pick.order, Sample):
            count = [
                f"live = {alive}",
                "count = int(count_nonzero(live))",
                "return place_drawn(count, seed) if count else -1",
            ]
            functions.append(
                _function("walked_place(facts, overlay, seed, ok_rows)", [_QUIET, _inner(self._arrays(), *count)])
            )
        return "\n".join(functions)

    # --- the prologue ----------------------------------------------------------------------------------------

    def _shape(self, *, probing: bool = False) -> str:
        """The shape of the request: which rows the shaped conjuncts accept, by row and by candidate."""
        key = []
        if self.program.requires:
            key = [
                "facts.needs",
                "None if facts.min_context is None else bisect_left(contexts, facts.min_context)",
                *("facts.model_family", "facts.tier", "facts.privacy"),
            ]
        if self.program.scoped:
            key.append("facts.scope")
        key += [f"facts.fields.get({field!r})" for field in self.program.asked]
        if not key:
            return "ok_rows = everybody" + ("\nkey_of_shape = None" if probing else "")
        lines = []
        if self.program.requires:
            # Speed is state, so it is in no shape. Few requests ask for it.
            leave = "return None, None" if probing else "return whole(facts, overlay, seed)"
            lines.append(f"if facts.min_tok_s is not None:\n    {leave}")
        lines.append(f"key_of_shape = ({', '.join(key)},)\nshape = shapes.get(key_of_shape)")
        lines.append(
            "if shape is None:\n    "
            + ("return key_of_shape, None" if probing else "shape = new_shape(key_of_shape, facts)")
        )
        lines.append("ok, ok_rows = shape")
        return "\n".join(lines)

    def _buffers(self) -> str:
        """The state and the numbers of the request that the call brings, for one candidate at a time."""
        names = self.names
        lines = ["buffers = overlay.buffers"] if names.read else []
        lines += [f"s{place} = buffers[{place}]" for place in sorted(names.read)]
        lines += [f"k{place} = overlay.known[{place}] or everything" for place in sorted(names.observed)]
        lines += [f"{name} = facts.fields.get({field!r}, {name}_default)" for field, name in names.requests.items()]
        return "\n".join(lines)

    def _arrays(self) -> str:
        """The same for all rows at once."""
        names = self.names
        lines = ["arrays = overlay.arrays"] if names.read else []
        lines += [f"s{place} = arrays[{place}].take(rows)" for place in sorted(names.read)]
        lines += [f"k{place} = observed({place}, overlay)" for place in sorted(names.observed)]
        lines += [
            f"{name} = float64(facts.fields.get({field!r}, {name}_default))" for field, name in names.requests.items()
        ]
        return "\n".join(lines)

    # --- walking ---------------------------------------------------------------------------------------------

    def _walk(self, live: list[str], prefer: str | None) -> Iterator[str]:
        if not self.walks:
            yield "choice = Choice()\nchoice.winner = winner(facts, overlay, seed, ok_rows)"
            return
        alive = " and ".join([*(["ok[i]"] if self.program.shaped else []), *live]) or "True"
        yield self._buffers()
        for leaf in range(self.leaves):
            for end, rank in (("low", "a"), ("high", "z")):
                yield f"for i, {rank}{leaf} in {end}{leaf}:\n    if {alive}:\n        break\nelse:\n    {_SCAN}"
        yield f"key = {self._key()}"
        yield _KEPT
        if isinstance(self.pick.order, Sample):
            yield "place = walked_place(facts, overlay, seed, ok_rows)"
            yield f"for i in kept.first:\n    if {alive}:\n        if not place:\n            break\n        place -= 1\nelse:\n    {_SCAN}"
        elif prefer is None:
            yield f"for i in kept.first:\n    if {alive}:\n        break\nelse:\n    {_SCAN}"
        else:
            yield self._walk_preferring(alive, prefer)
        yield "choice = Choice()\nchoice.winner = i"

    def _walk_preferring(self, alive: str, prefer: str) -> str:
        limit = self.pick.limit
        lines = ["best = None"]
        if limit is not None:
            lines.append("seen = 0")
        lines.append(f"for i in kept.first:\n    if {alive}:\n        if {prefer}:\n            break")
        lines.append("        if best is None:\n            best = i")
        if limit is not None:
            lines.append(f"        seen += 1\n        if seen == {limit}:\n            i = best\n            break")
        lines.append(f"else:\n    if not kept.whole:\n        {_SCAN}\n    i = best")
        return "\n".join(lines)

    # --- scanning --------------------------------------------------------------------------------------------

    def _alive(self, live: str, otherwise: str) -> Iterator[str]:
        yield f"live = {live}"
        yield "at = live.nonzero()[0]"
        yield f"if not at.size:\n    return {otherwise}"

    def _bounds(self) -> Iterator[str]:
        """The bounds of each leaf, by the ranks of its values: the first row that is alive from either end."""
        if self.leaves:
            yield "alive = live.tobytes()"
        for leaf in range(self.leaves):
            if not self.plain[leaf]:
                yield f"e{leaf} = ends({leaf}, live)"
                continue
            for end, name, way in (("rising", "a", ""), ("falling", "z", "::-1")):
                yield (
                    f"for row, {name}{leaf} in {end}{leaf}:\n    if alive[row]:\n        break\n"
                    f"else:\n    {name}{leaf} = rank_of({leaf}, live, {way == ''})"
                )

    def _key(self) -> str:
        parts = [f"a{leaf}, z{leaf}" if self.plain[leaf] else f"*e{leaf}" for leaf in range(self.leaves)]
        return f"({', '.join(parts)})"

    def _scan(self, live: str, prefer: str | None, score: str) -> Iterator[str]:
        yield from self._alive(live, "None")
        yield from self._bounds()
        if self._keeps:
            yield f"key = {self._key()}"
            yield _KEPT
        if self.names.settled and not self.settled:
            yield ", ".join(f"p{place}" for place in range(len(self.names.settled))) + ", = kept.parts"
        for place, (_, inner) in enumerate(self.names.moving):
            yield f"x{place} = normalized_over({inner}, at)"
        yield f"score = {score}"
        match self.pick:
            case Pick(order=Sample()):
                yield "return numbers[drawn(score, at, seed)]"
                return
            case Pick(prefer=None):
                pass
            case Pick(limit=None):
                yield f"match = ({prefer}).take(at).nonzero()[0]\nif match.size:\n    at = at.take(match)"
            case Pick(limit=limit):
                yield f"return numbers[preferred(score, at, {prefer}, {limit})]"
                return
        yield "return numbers[at[best(score.take(at))]]"


_CHECKS = """\
if facts is None or facts.checked_under is not vocabulary:
    facts = checked(facts, vocabulary)
if overlay is None:
    overlay = own_state
elif overlay.catalogue is not catalogue:
    raise another_catalogue()
if seed is not None:
    seed = read_seed(seed)"""

_RESULT = """\
choice.bound = bound
choice.overlay = overlay
choice.facts = facts
choice.seed = seed
return choice"""

_KEPT = """\
kept = orders.get(key)
if kept is None:
    kept = keep(key)"""

_QUIET = 'with errstate(all="ignore"):'

_SCAN = "return scan(facts, overlay, seed, ok_rows)"


def _inner(*lines: str) -> str:
    return indent("\n".join(lines), "    ")


def _function(head: str, body: list[str]) -> str:
    return f"def {head}:\n{_inner(*body)}\n"
