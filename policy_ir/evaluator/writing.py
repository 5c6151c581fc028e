"""The code of `decide` for one policy, as text: the second half of compiling it.

There are two ways to a winner, behind one prologue that checks the facts and finds the shape of the request:

*Walking*, where the bounds of the leaves settle the whole rank. Each leaf has its rows in ascending order; the first
that is alive from either end gives the bounds. For the bounds there is a kept order of the best rows; the first of them
that is alive wins. No work is done per candidate. A walk is short: where it comes to its end, scanning decides.

*Scanning*, over all rows at once, where the state or a number of the request is in the rank: what the bounds settle is
kept, the rest is calculated.

What is kept is an exact prefix of the whole order, so a walk finds what sorting would. The variables are those of
`policy_ir.evaluator.emission`, the functions those that `policy_ir.evaluator.prepared` gives.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from types import CodeType

import attrs

from policy_ir.evaluator.emission import Dialect, Names, Unwritable
from policy_ir.evaluator.program import Pick, Program
from policy_ir.evaluator.sources import sources
from policy_ir.terms import Argmax, Sample

__all__ = ["Written", "compiled", "write"]


@attrs.frozen(eq=False)
class Written:
    """The code of a policy, and the names in it. `settled` says whether the bounds of the leaves settle its order."""

    names: Names
    settled: bool
    text: str


def write(program: Program, state: Mapping[str, int], plain: tuple[bool, ...]) -> Written | None:
    """The code of a policy; None where the vector path has to decide.

    `state` has the place of each state field; `plain` says of each leaf whether all its scores are finite.
    """
    pick, rank = program.pick, program.policy.rank
    if pick is None:
        return None
    fixed = not isinstance(pick.order, Argmax | Sample)
    settled = fixed or program.is_settled(rank)
    if not settled and sources(rank, program.vocabulary) <= {"request"}:
        return None  # one score for everybody
    names = Names(program, state)
    try:
        text = _Writer(program, pick, names, plain, settled).text()
    except Unwritable:
        return None
    return Written(names, settled, text)


@lru_cache(maxsize=512)
def compiled(text: str) -> CodeType:
    """The code object of a text; policies of one structure share it."""
    return compile(text, "<policy>", "exec")


@attrs.define(eq=False)
class _Lines:
    """Lines of Python, indented as they are written."""

    lines: list[str] = attrs.field(factory=list)
    indent: str = ""

    def __call__(self, *lines: str) -> None:
        self.lines += [self.indent + line for line in lines]

    @contextmanager
    def block(self, head: str) -> Iterator[None]:
        self(head)
        outer = self.indent
        self.indent += "    "
        yield
        self.indent = outer


@attrs.frozen(eq=False)
class _Writer:
    program: Program
    pick: Pick
    names: Names
    plain: tuple[bool, ...]
    settled: bool
    write: _Lines = attrs.field(factory=_Lines, init=False)

    def text(self) -> str:
        """The functions of the policy, one after another."""
        # The expressions come first: they say which variables there are.
        one, rows = Dialect(self.names, "one"), Dialect(self.names, "rows")
        prefer = self.pick.prefer
        live_one = " and ".join([*(["ok[i]"] if self.program.shaped else []), *map(one.pred, self.program.live)])
        live_rows = rows.both("ok_rows", self.program.live)
        score = "kept.scores" if self.settled else rows.score(self.program.policy.rank)
        prefer_one, prefer_rows = (None, None) if prefer is None else (one.pred(prefer), rows.pred(prefer))
        with self.write.block("def decide(facts=None, overlay=None, seed=None):"):
            self._checks()
            self._shape("shape = new_shape(shape_key, facts)", "return whole(facts, overlay, seed)")
            if self.settled and all(self.plain):
                self._walk(live_one or "True", prefer_one)
            else:
                self.write("winner = winner_of(facts, overlay, seed, ok_rows)")
            self._answer()
        with self._over_rows("def winner_of(facts, overlay, seed, ok_rows):"):
            self._scan(live_rows, prefer_rows, score)
        with self._over_rows("def probe(facts, overlay):", "return shape_key, None"):
            self._probe(live_rows)
        if isinstance(self.pick.order, Sample):
            with self._over_rows("def place_of(facts, overlay, seed, ok_rows):"):
                self.write(
                    f"count = int(count_nonzero({live_rows}))", "return place_drawn(count, seed) if count else -1"
                )
        return "\n".join([*self.write.lines, ""])

    # --- before and after ------------------------------------------------------------------------------------

    def _checks(self) -> None:
        """The arguments are what they have to be."""
        with self.write.block("if facts is None or facts.checked_under is not vocabulary:"):
            self.write("facts = checked(facts, vocabulary)")
        with self.write.block("if overlay is None:"):
            self.write("overlay = own_state")
        with self.write.block("elif overlay.catalogue is not catalogue:"):
            self.write("raise another_catalogue()")
        with self.write.block("if seed is not None:"):
            self.write("seed = read_seed(seed)")

    def _answer(self) -> None:
        """Attributes that are set one by one cost less than a constructor."""
        self.write("choice = Choice()", "choice.winner = winner", "choice.bound = bound", "choice.overlay = overlay")
        self.write("choice.facts = facts", "choice.seed = seed", "return choice")

    def _shape(self, new: str, asks_for_speed: str) -> None:
        """The shape of the request: which candidates the shaped conjuncts accept (`ok`, and `ok_rows` by row)."""
        key: list[str] = []
        if self.program.requires:
            # Speed is state, so it is in no shape; few requests ask for it.
            with self.write.block("if facts.min_tok_s is not None:"):
                self.write(asks_for_speed)
            context = "None if facts.min_context is None else bisect_left(contexts, facts.min_context)"
            key += ["facts.needs", context, "facts.model_family", "facts.tier", "facts.privacy"]
        if self.program.scoped:
            key.append("facts.scope")
        key += [f"facts.fields.get({field!r})" for field in self.program.asked]
        if not key:
            self.write("shape_key = None", "ok_rows = everybody")
            return
        self.write(f"shape_key = ({', '.join(key)},)", "shape = shapes.get(shape_key)")
        with self.write.block("if shape is None:"):
            self.write(new)
        self.write("ok, ok_rows = shape")

    # --- walking ---------------------------------------------------------------------------------------------

    def _walk(self, live: str, prefer: str | None) -> None:
        """The ends of each leaf, then the first of the kept order."""
        names, write = self.names, self.write
        if names.read:
            write("buffers = overlay.buffers", *(f"s{place} = buffers[{place}]" for place in sorted(names.read)))
        write(*(f"k{place} = overlay.known[{place}] or everything" for place in sorted(names.observed)))
        write(*(f"{name} = facts.fields.get({field!r}, {name}_default)" for field, name in names.requests.items()))
        for leaf in range(len(self.plain)):
            for end, rank in (("low", "a"), ("high", "z")):
                with write.block(f"for i, {rank}{leaf} in {end}{leaf}:"), write.block(f"if {live}:"):
                    write("break")
                self._or_scan()
        self._kept()
        if isinstance(self.pick.order, Sample):
            write("place = place_of(facts, overlay, seed, ok_rows)")
        if prefer is not None:
            write("first = None", *(["seen = 0"] if self.pick.limit else []))
        with write.block("for i in kept.first:"), write.block(f"if {live}:"):
            if isinstance(self.pick.order, Sample):
                with write.block("if not place:"):
                    write("break")
                write("place -= 1")
            elif prefer is not None:
                self._prefer(prefer)
            else:
                write("break")
        if prefer is None:
            self._or_scan()
        else:
            with write.block("else:"):
                with write.block("if not kept.whole:"):
                    write(_SCAN)
                write("i = first")
        write("winner = i")

    def _prefer(self, prefer: str) -> None:
        """The first match, else the first; among so many of the order only where there is a limit."""
        with self.write.block(f"if {prefer}:"):
            self.write("break")
        with self.write.block("if first is None:"):
            self.write("first = i")
        if self.pick.limit is not None:
            self.write("seen += 1")
            with self.write.block(f"if seen == {self.pick.limit}:"):
                self.write("i = first", "break")

    def _or_scan(self) -> None:
        with self.write.block("else:"):
            self.write(_SCAN)

    def _kept(self) -> None:
        self.write(f"bounds_key = {self._bounds_key()}", "kept = orders.get(bounds_key)")
        with self.write.block("if kept is None:"):
            self.write("kept = keep(bounds_key)")

    def _bounds_key(self) -> str:
        ends = [f"a{leaf}, z{leaf}" if plain else f"*ends{leaf}" for leaf, plain in enumerate(self.plain)]
        return f"({', '.join(ends)})"

    # --- scanning --------------------------------------------------------------------------------------------

    @contextmanager
    def _over_rows(self, head: str, unshaped: str = "") -> Iterator[None]:
        """A function over all rows, which has the state and the numbers of the request that the call brings."""
        names, write = self.names, self.write
        with write.block(head):
            if unshaped:
                self._shape(unshaped, "return None, None")
            with write.block('with errstate(all="ignore"):'):
                if names.read:
                    write("arrays = overlay.arrays")
                write(*(f"s{place} = arrays[{place}].take(rows)" for place in sorted(names.read)))
                write(*(f"k{place} = observed({place}, overlay)" for place in sorted(names.observed)))
                for field, name in names.requests.items():
                    write(f"{name} = facts.fields.get({field!r}, {name}_default)")
                yield

    def _ends(self, live: str, nobody: str) -> None:
        """Who is alive, and the ends of each leaf among them."""
        write = self.write
        write(f"live = {live}", "at = live.nonzero()[0]")
        with write.block("if not at.size:"):
            write(nobody)
        if any(self.plain):
            write("alive = live.tobytes()")
        for leaf, plain in enumerate(self.plain):
            if not plain:
                write(f"ends{leaf} = ends({leaf}, live)")
                continue
            for rows, rank, end in (("rising", "a", 0), ("falling", "z", 1)):
                with write.block(f"for row, {rank}{leaf} in {rows}{leaf}:"), write.block("if alive[row]:"):
                    write("break")
                with write.block("else:"):
                    write(f"{rank}{leaf} = ends({leaf}, live)[{end}]")

    def _scan(self, live: str, prefer: str | None, score: str) -> None:
        """The scores of all rows, then the greatest among who is alive."""
        write, names = self.write, self.names
        self._ends(live, "return None")
        if self.settled or names.settled:
            self._kept()
        if names.settled:
            write(", ".join(f"p{place}" for place in range(len(names.settled))) + ", = kept.parts")
        write(*(f"x{place} = normalized_over({inner}, at)" for place, (_, inner) in enumerate(names.moving)))
        write(f"score = {score}")
        if isinstance(self.pick.order, Sample):
            write("return candidates[drawn(score, at, seed)]")
        elif prefer is not None and self.pick.limit is not None:
            write(f"return candidates[preferred(score, at, {prefer}, {self.pick.limit})]")
        else:
            if prefer is not None:
                write(f"match = {prefer}.take(at).nonzero()[0]")
                with write.block("if match.size:"):
                    write("at = at.take(match)")
            # `argmax` finds an undefined score before all others, which comes after all others.
            write("mine = score.take(at)", "place = mine.argmax()")
            with write.block("if not mine[place] > nothing:"):
                write("place = first_of(mine)")
            write("return candidates[at[place]]")

    def _probe(self, live: str) -> None:
        """The shape and the bounds that a call is kept by; None for what is not reached, or not kept."""
        self._ends(live, "return shape_key, None")
        kept = self.settled or self.names.settled
        self.write(f"return shape_key, {self._bounds_key() if kept else None}")


_SCAN = "return scan(facts, overlay, seed, ok_rows)"
