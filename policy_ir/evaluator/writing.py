"""The code of `decide` for one policy, as text: the second half of compiling it.

There are three ways to a winner, behind one prologue that checks the facts and finds the shape of the request:

*Walking*, where the bounds of the leaves settle the whole rank. Each leaf has its rows in ascending order; the first
that is alive from either end gives the bounds. For the bounds there is a kept order of the best rows; the first of them
that is alive wins. No work is done per candidate.

*Climbing*, where the rank is one of constants and of numbers of the request, and falls or rises with each constant. The
rows are in the order of a usual request, each with the best of every constant from there on. What these would score
bounds all that follow, so few rows are looked at.

*Scanning*, over all candidates at once, for everything else, and where a walk or a climb comes to its end, which is
soon: what the bounds of the leaves settle is kept, the rest is calculated.

What is kept is an exact prefix of a whole order, so a walk finds what sorting would. The variables are those of
`policy_ir.evaluator.emission`, the functions those that `policy_ir.evaluator.prepared` gives.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from functools import lru_cache
from math import prod
from types import CodeType
from typing import Final, Literal, TypeAlias

import attrs

from policy_ir.evaluator.climbing import slopes
from policy_ir.evaluator.emission import OPERANDS, Dialect, Names, Unwritable
from policy_ir.evaluator.lines import Lines
from policy_ir.evaluator.program import Pick, Program
from policy_ir.evaluator.sources import uniform
from policy_ir.evaluator.vector_filters import calculates
from policy_ir.signature import subterms_of
from policy_ir.terms import Argmax, FieldScore, Normalize, Pred, Sample, Term

__all__ = ["Way", "Written", "compiled", "write"]

LONG: Final = 100_000
"""How many characters the questions asked of all leaves may come to."""

Way: TypeAlias = Literal["walk", "climb", "scan"]


@attrs.frozen(eq=False)
class Written:
    """The code of a policy, the names in it, and the way it takes.

    `settled` says whether the bounds of the leaves settle its order. `climbs` has the constants of a climb, by number,
    each with whether a greater one makes a greater score.
    """

    names: Names
    way: Way
    settled: bool
    climbs: dict[int, bool]
    calm: bool
    """Whether no number can overflow or become undefined, if the constants are moderate."""
    text: str


def write(program: Program, state: Mapping[str, int], plain: tuple[bool, ...]) -> Written | None:
    """The code of a policy; None where the vector path has to decide.

    `state` has the place of each state field; `plain` says of each leaf whether all its scores are finite.
    """
    pick, rank = program.pick, program.policy.rank
    assert pick is not None  # else it takes the whole order
    fixed = not isinstance(pick.order, Argmax | Sample)
    settled = fixed or program.is_settled(rank)
    if not settled and uniform(rank, program.vocabulary):
        return None  # one score for everybody
    if pick.prefer is not None and uniform(pick.prefer, program.vocabulary):
        return None  # likewise
    try:
        return _Writer(program, pick, Names(program, state), plain, settled, fixed).written()
    except Unwritable:
        return None


@lru_cache(maxsize=512)
def compiled(text: str) -> CodeType:
    """The code object of a text; policies of one structure share it."""
    return compile(text, "<policy>", "exec")


@attrs.frozen(eq=False)
class _Survivors:
    """How to find out who is alive: a mask of all candidates, and predicates to be calculated for those it leaves.

    `some` is the dialect of these predicates.
    """

    live: str
    more: list[str]
    some: Dialect


@attrs.frozen(eq=False)
class _Writer:
    program: Program
    pick: Pick
    names: Names
    plain: tuple[bool, ...]
    settled: bool
    fixed: bool
    write: Lines = attrs.field(factory=Lines, init=False)

    def written(self) -> Written:
        """The functions of the policy, one after another."""
        rank, prefer, live = self.program.policy.rank, self.pick.prefer, self.program.live
        # The expressions come first: they say which variables there are.
        one = Dialect(self.names, False, "o{}[i]", "s{}[i]", "k{}[i]")
        live_one = [one.pred(pred) for pred in live]
        prefer_one = None if prefer is None else one.pred(prefer)
        masks = Dialect(self.names, True, "c{}", "s{}", "k{}")
        mask = masks.both("ok", [pred for pred in live if not self._calculates(pred)])
        some = Dialect(self.names, True, "d{}", "t{}", "l{}")
        more = [some.pred(pred) for pred in live if self._calculates(pred)]
        # A walk asks all of them at each end of each leaf.
        if len(more) > OPERANDS or len(self.plain) * sum(map(len, live_one)) > LONG:
            raise Unwritable
        left = Dialect(self.names, True, "d{}", "t{}", "l{}", "q{}")
        score = "" if self.settled else left.score(rank)
        asked = Dialect(self.names, True, "d{}", "t{}", "l{}")
        preferred = None if prefer is None else asked.pred(prefer)
        # A climb finds who comes first by score, and nobody else.
        first = isinstance(self.pick.order, Argmax) and prefer is None
        climbs = slopes(rank, self.names) if first and not self.settled else {}
        way: Way = "walk" if self.settled and all(self.plain) else "climb" if climbs else "scan"
        survivors = _Survivors(mask, more, some)

        with self.write.block("def decide(facts=None, overlay=None, seed=None):"):
            self._checks()
            self._shape(way)
            if way == "scan":
                self.write("winner, scanned = winner_of(facts, overlay, seed, here)")
            else:
                self._buffers(one)
                if way == "walk":
                    self._walk(live_one, prefer_one, "_here" if self.program.shaped else "")
                else:
                    self._climb(live_one, climbs)
            self._answer(*(["choice.scanned = scanned"] if way == "scan" else []))
        if way != "scan" and self.program.shaped:
            with self.write.block("def decide_first(facts, overlay, seed, ok_bytes, ok):"):
                self._buffers(one)
                if way == "walk":
                    self._walk(["ok_bytes[i]", *live_one], prefer_one, "", first=True)
                else:
                    self._climb(["ok_bytes[i]", *live_one], climbs)
                self._answer()
        with self._over_all("winner_of(facts, overlay, seed, here, {})", (masks, some, left, asked)):
            self.write("ok = here[0]")
            self._alive(survivors, "None, None")
            self._scan(left, score, asked, preferred)
        with self._over_all("ends_of(facts, overlay, here, {})", (masks, some)):
            self.write("ok = here[0]")
            self._alive(survivors, "None")
            self._ends()
            self.write(f"return {self._bounds_key()}")
        if way != "scan" and not self.fixed:
            with self._over_all("scores_of(facts, overlay, here, live, at, {})", ()):
                self._calculate(left, score)
                self.write("return score")
        if isinstance(self.pick.order, Sample):
            with self._over_all("place_of(facts, overlay, seed, ok, {})", (masks, some)):
                self._alive(survivors, "-1", counted=True)
        self._settle()
        with self.write.block("def key_of(facts):"):
            self.write(f"return {self.program.shape_key}")
        asks = (*live, rank) if prefer is None else (*live, rank, prefer)
        calm = all(map(self._is_calm, asks)) and self._moderate()
        text = "\n".join([*self.write.lines, ""])
        return Written(self.names, way, self.settled, climbs, calm, text)

    def _calculates(self, pred: Pred) -> bool:
        """Whether a predicate compares more than what is observed of candidates; those are asked after the others."""
        vocabulary = self.program.vocabulary
        return calculates(pred, vocabulary) and not uniform(pred, vocabulary)

    def _moderate(self) -> bool:
        """Whether the numbers of the policy are too small to overflow with any that are below 1e100."""
        return prod(max(1.0, abs(number)) for number in self.names.numbers) < 1e50

    def _is_calm(self, term: Term) -> bool:
        """Whether a term calculates with no number of the state but to bring it to 0..1."""
        match term:
            case Normalize(FieldScore()):
                return True
            case FieldScore(field):
                return field not in self.names.state
            case _:
                return all(map(self._is_calm, subterms_of(term)))

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

    def _answer(self, *more: str) -> None:
        """Attributes that are set one by one cost less than a constructor."""
        self.write("choice = Choice()", "choice.winner = winner", "choice.bound = bound", "choice.overlay = overlay")
        self.write("choice.facts = facts", "choice.seed = seed", *more, "return choice")

    def _shape(self, way: Way) -> None:
        """What is kept for the shape of the request: which candidates it allows, and where to look among them."""
        if not self.program.shaped:
            self.write("here = everywhere" if way == "scan" else "ok = everybody")
            return
        key = self.program.shape_key
        path = "here" if way == "scan" else "path"
        self.write(f"{path} = paths.get({key})")
        with self.write.block(f"if {path} is None:"):
            self.write(f"return path_first({key}, facts, overlay, seed)")
        if way == "walk":
            ends = [f"{end}{leaf}_here" for leaf in range(len(self.plain)) for end in ("low", "high")]
            self.write(f"ok, orders_here, {''.join(end + ', ' for end in ends)}= path")
        elif way == "climb":
            self.write("ok, ladder, whole_ladder = path")

    def _buffers(self, one: Dialect) -> None:
        """The state and the numbers of the request that the call brings."""
        if one.states:
            self.write("buffers = overlay.buffers")
        self.write(*(f"s{place} = buffers[{place}]" for place in sorted(one.states)))
        self.write(*(f"k{place} = overlay.known[{place}] or everything" for place in sorted(one.observed)))
        self._requests()

    def _requests(self) -> None:
        if self.names.requests:
            self.write("fields = facts.fields")
        self.write(*(f"{name} = fields.get({field!r}, {name}_default)" for field, name in self.names.requests.items()))

    def _bounds_key(self) -> str:
        ends = [f"a{leaf}, z{leaf}" if plain else f"*ends{leaf}" for leaf, plain in enumerate(self.plain)]
        return f"({', '.join([*ends, ''])})"

    # --- walking ---------------------------------------------------------------------------------------------

    def _walk(self, live: list[str], prefer: str | None, here: str, *, first: bool = False) -> None:
        """The ends of each leaf, then the first of the kept order."""
        write = self.write
        alive = " and ".join(live) or "True"
        for leaf in range(len(self.plain)):
            for end, rank in (("low", "a"), ("high", "z")):
                with write.block(f"for i, {rank}{leaf} in {end}{leaf}{here}:"), write.block(f"if {alive}:"):
                    write("break")
                self._or_scan()
        # A shape has orders of its own, once it has come twice.
        orders = "None" if first else f"orders{here}"
        write(f"bounds_key = {self._bounds_key()}")
        if not first:
            write(f"kept = {orders}.get(bounds_key)")
        with nullcontext() if first else write.block("if kept is None:"):
            write(f"kept = keep(bounds_key, ok, {orders})")
        sampled = isinstance(self.pick.order, Sample)
        if sampled:
            write("place = place_of(facts, overlay, seed, ok)")
        if prefer is not None:
            write("first = None", *(["seen = 0"] if self.pick.limit else []))
        with write.block("for i in kept.first:"), write.block(f"if {alive}:"):
            if sampled:
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

    # --- climbing --------------------------------------------------------------------------------------------

    def _climb(self, live: list[str], climbs: dict[int, bool]) -> None:
        """The greatest score of the rungs, until nothing that follows can reach it; ties by catalogue order."""
        write, rank = self.write, self.program.policy.rank
        bound = Dialect(self.names, False, "m{}", "").score(rank)
        score = Dialect(self.names, False, "v{}", "").score(rank)
        rung = ", ".join([f"v{place}" for place in climbs] + [f"m{place}" for place in climbs])
        # Nobody wins with -inf here: who does, is found by scanning.
        write("best = nothing", "winner = -1")
        with write.block(f"for i, {rung} in ladder:"):
            with write.block(f"if best > {bound}:"):
                write("break")
            with write.block(f"if {' and '.join(live) or 'True'}:"):
                write(f"score = {score}")
                with write.block("if score > best or (score == best and i < winner):"):
                    write("best = score", "winner = i")
        with write.block("else:"), write.block("if not whole_ladder:"):
            write(_SCAN)
        with write.block("if winner < 0:"):
            write(_SCAN)

    # --- scanning --------------------------------------------------------------------------------------------

    @contextmanager
    def _over_all(self, head: str, dialects: tuple[Dialect, ...]) -> Iterator[None]:
        """A function over all candidates, which has the state and the numbers of the request that the call brings."""
        write = self.write
        name, _, arguments = head.partition("(")
        with write.block(f"def {head.format('loud=True')}:"):
            # NumPy would warn of infinities and of what is undefined. Asking it not to is dear.
            calm = " and ".join(["calm", *(f"-1e100 < {name} < 1e100" for name in self.names.requests.values())])
            self._requests()
            with write.block(f"if loud and not ({calm}):"), write.block('with errstate(all="ignore"):'):
                write(f"return {name}({arguments.format('False')}")
            places = sorted(set[int]().union(*(dialect.states for dialect in dialects)))
            observed = sorted(set[int]().union(*(dialect.observed for dialect in dialects)))
            if places:
                write("arrays = overlay.arrays")
            write(*(f"s{place} = arrays[{place}]" for place in places))
            write(*(f"k{place} = observed({place}, overlay)" for place in observed))
            yield

    def _alive(self, survivors: _Survivors, nobody: str, *, counted: bool = False) -> None:
        """Who is alive: their numbers, and where leaves ask for it a mask of them. Or only how many, to draw one."""
        write, more = self.write, survivors.more
        write(f"live = {survivors.live}")
        if counted and not more:
            write("count = int(count_nonzero(live))", f"return place_drawn(count, seed) if count else {nobody}")
            return
        write("at = live.nonzero()[0]")
        if more:
            survivors.some.take(write)
            write(f"at = at.take(({' & '.join(more)}).nonzero()[0])")
        if counted:
            write(f"return place_drawn(at.size, seed) if at.size else {nobody}")
            return
        with write.block("if not at.size:"):
            write(f"return {nobody}")
        if more and self.plain:
            write("live = only(at)")

    def _ends(self) -> None:
        """The ends of each leaf among those who are alive."""
        write = self.write
        steps = [f"{end}{leaf}" for leaf in range(len(self.plain)) for end in ("low", "high")]
        if steps:
            write(f"_, {', '.join(steps)} = here")
        if any(self.plain):
            write("alive = live.tobytes()")
        for leaf, plain in enumerate(self.plain):
            if not plain:
                write(f"ends{leaf} = ends({leaf}, live)")
                continue
            for end, rank, below in (("low", "a", True), ("high", "z", False)):
                with write.block(f"for i, {rank}{leaf} in {end}{leaf}:"), write.block("if alive[i]:"):
                    write("break")
                with write.block("else:"):
                    write(f"{rank}{leaf} = end({leaf}, live, {below})")

    def _calculate(self, left: Dialect, score: str) -> None:
        """The scores of those who are alive, from what the bounds of the leaves settle."""
        write = self.write
        self._ends()
        if self.settled or left.parts:
            write(f"bounds_key = {self._bounds_key()}", "parts = settled.get(bounds_key)")
            with write.block("if parts is None:"):
                write("parts = settle_at(bounds_key)")
            write("rows = row_of.take(at)")
        left.take(write)
        write(*(f"q{place} = parts[{place}].take(rows)" for place in sorted(left.parts)))
        write(*(f"x{place} = normalized_over({inner})" for place, inner in enumerate(left.moving)))
        write("score = parts[0].take(rows)" if self.settled else f"score = {score}")

    def _scan(self, left: Dialect, score: str, asked: Dialect, prefer: str | None) -> None:
        """The greatest score of those who are alive; whoever reads the order needs all of them."""
        write = self.write
        self._calculate(left, score)
        asked.take(write)
        write(f"scanned = {'None' if self.fixed else 'at, score'}")
        if isinstance(self.pick.order, Sample):
            write("return int(at[drawn(score, seed)]), scanned")
            return
        if prefer is not None and self.pick.limit is not None:
            write(f"return int(at[preferred(score, {prefer}, {self.pick.limit})]), scanned")
            return
        if prefer is not None:
            write(f"match = {prefer}.nonzero()[0]")
            with write.block("if match.size:"):
                write("at = at.take(match)", "score = score.take(match)")
        # `argmax` finds an undefined score before all others, which comes after all others.
        write("place = score.argmax()")
        with write.block("if not score[place] > nothing:"):
            write("place = first_of(score)")
        write("return int(at[place]), scanned")

    def _settle(self) -> None:
        """What the bounds of the leaves settle: the scores of the rows, or the settled parts of them."""
        leaves = Dialect(self.names, True, "e{}", "", leaves=True)
        settled = [] if self.fixed else [self.program.policy.rank] if self.settled else self.names.parts
        parts = [leaves.score(part) for part in settled]
        with self.write.block(f"def settle({', '.join(f'y{leaf}' for leaf in range(len(self.plain)))}):"):
            self.write(f"return [{', '.join(parts)}]")


_SCAN = "return scan(facts, overlay, seed, ok)"
