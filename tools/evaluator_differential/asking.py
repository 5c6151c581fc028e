"""Carrying out a session: each question to the machine and to the evaluator, and the first difference.

Scores are compared by their spelling, which tells 0.0 from -0.0 and one double from the next, and a plain float from
one of NumPy's; undefined is spelled in one way.
"""

from __future__ import annotations

import json
import traceback
from array import array
from collections.abc import Callable, Iterable, Mapping
from math import nan
from typing import Any

import attrs

from evaluator_differential.classes import about
from evaluator_differential.pools import HOUSE
from evaluator_differential.sessions import LOADED, WAYS, Session
from policy_ir.admission import Admitted, admit_policy
from policy_ir.catalogs.file import VERSION, catalog_of
from policy_ir.decision import Decision, decide
from policy_ir.diagnostics import Refused
from policy_ir.facts import Facts, read_facts
from policy_ir.floor import Effective, effective, floor_of_value
from policy_ir.semantics.work import WORK_LIMIT
from policy_ir.snapshot import Snapshot
from policy_ir.syntax.loader import load
from policy_ir.vocabulary import Vocabulary, vocabulary

VOCABULARIES: Mapping[str, Vocabulary] = {"house": HOUSE, "standard": vocabulary("standard")}
REQUEST = {"model": "m", "temperature": 0.7, "top_p": 1, "max_tokens": 100000, "seed": 5}


@attrs.frozen
class Subject:
    """What is held to the machine: an evaluator's class, and that of its overlays."""

    evaluator: Any
    overlay: Any


class NoSession(ValueError):
    """The value is no session: a part of it is missing, or is refused."""


@attrs.frozen
class Difference:
    """What the evaluator says otherwise than the machine: at which ask, asked for what, both answers."""

    ask: int
    read: str
    expected: str
    got: str

    def to_json(self) -> dict[str, Any]:
        return attrs.asdict(self)


@attrs.define
class Tally:
    """What the cases were about, by name."""

    counts: dict[str, int] = attrs.field(factory=dict)

    def add(self, name: str, count: int = 1) -> None:
        self.counts[name] = self.counts.get(name, 0) + count

    def merge(self, other: Mapping[str, int]) -> None:
        for name, count in other.items():
            self.add(name, count)


def difference(
    session: Session, subject: Subject, tally: Tally | None = None, evaluator: Any = None
) -> Difference | None:
    """The first difference of a session. Raises `NoSession` where a part of it is refused, as reduced ones may be.

    `evaluator` is one that earlier sessions have used; a new one with the session's settings where there is none.
    """
    try:
        room = _Room(session, subject, evaluator)
    except (Refused, ArithmeticError, LookupError, TypeError, ValueError, AttributeError) as wrong:
        raise NoSession(str(wrong)) from wrong
    return room.run(tally or Tally())


@attrs.frozen
class _Asked:
    """A choice that is still to be read, beside the decision."""

    place: int
    ask: Mapping[str, Any]
    decision: Decision
    choice: Any


class _Room:
    """The parts of a session, built."""

    def __init__(self, session: Session, subject: Subject, evaluator: Any) -> None:
        self.session = session
        self.subject = subject
        limit = session["work_limit"]
        self.limit = WORK_LIMIT if limit is None else int(limit)
        settings = session["settings"] if limit is None else session["settings"] | {"work_limit": self.limit}
        self.evaluator = evaluator if evaluator is not None and limit is None else subject.evaluator(**settings)
        self.worlds = [_World(one, subject) for one in session["worlds"]]
        self.requests = [_facts(one) for one in session["requests"]]
        self.programs = [_program(one) for one in session["policies"]]
        self.held: dict[tuple[int, int], Any] = {}
        for policy in session["policies"]:
            _known(policy["loaded"], LOADED)
        for ask in session["asks"]:
            self.programs[ask["policy"]], self.requests[ask["request"]], self.worlds[ask["world"]].at(ask["state"])
            ask["seed"], ask["later"], [_READERS[read] for read in ask["reads"]]
            _known(ask["by"], WAYS)
        self.about = [about(one["term"], one["floor"]) for one in session["policies"]]

    def run(self, tally: Tally) -> Difference | None:
        try:
            loaded = [self._load(one) for one in self.session["policies"]]
        except Exception:
            return Difference(0, "load", "a policy", traceback.format_exc())
        for place, (own, theirs) in enumerate(zip(self.programs, loaded, strict=True)):
            if own.fingerprint != theirs.fingerprint or own.normal != theirs.normal:
                return Difference(
                    0, f"load {place}", f"{own.fingerprint} {own.normal}", f"{theirs.fingerprint} {theirs.normal}"
                )
        waiting: list[_Asked] = []
        for place, ask in enumerate(self.session["asks"]):
            found = self._ask(place, ask, loaded[ask["policy"]], waiting, tally)
            if found is not None:
                return found
        return _first(map(_read_all, waiting))

    def _ask(
        self, place: int, ask: Mapping[str, Any], loaded: Any, waiting: list[_Asked], tally: Tally
    ) -> Difference | None:
        own = self.programs[ask["policy"]]
        snapshot, overlay = self.worlds[ask["world"]].at(ask["state"])
        facts, seed = self.requests[ask["request"]], ask["seed"]
        expected = _said(lambda: decide(own, snapshot, facts, seed, work_limit=self.limit))
        if isinstance(expected, str) and ask["by"] != "snapshot":
            # What is refused of a policy and a snapshot is refused when they are bound, before there is a request.
            unbound = _said(lambda: decide(own, snapshot, work_limit=self.limit))
            expected = unbound if isinstance(unbound, str) else expected
        got = _said(lambda: self._decide(ask, loaded, snapshot, overlay, facts, seed))
        for name in (f"by {ask['by']}", _band(snapshot.size), *self.about[ask["policy"]]):
            tally.add(name)
        if isinstance(expected, str) or isinstance(got, str):
            tally.add("refused")
            return None if expected == got else Difference(place, "decide", _short(expected), _short(got))
        first = expected.ordered[0] if expected.ordered else None
        tally.add("decided" if first else "nobody is left")
        winner = (None, None) if first is None else (first.index, first.id)
        said = _said(lambda: (got.winner, got.id))
        if repr(said) != repr(winner):
            return Difference(place, "winner", repr(winner), repr(said))
        asked = _Asked(place, ask, expected, got)
        if ask["later"]:
            waiting.append(asked)
            return None
        waiting.insert(0, asked)
        found = _first(map(_read_all, waiting))
        waiting.clear()
        return found

    def _decide(
        self, ask: Mapping[str, Any], program: Any, snapshot: Snapshot, overlay: Any, facts: Facts | None, seed: Any
    ) -> Any:
        if ask["by"] == "snapshot":
            return self.evaluator.decide(program, snapshot, facts, seed)
        if ask["by"] == "bound":
            return self.evaluator.bind(program, snapshot).decide(facts, None, seed)
        if ask["by"] == "crossed":
            another = self.worlds[ask["world"]].beside(ask["state"])
            return self.evaluator.bind(program, another).decide(facts, self.subject.overlay.of(snapshot), seed)
        key = ask["policy"], ask["world"]
        bound = self.held.get(key) if ask["by"] == "held" else None
        if bound is None:
            bound = self.held[key] = self.evaluator.bind(program, self.worlds[ask["world"]].snapshot)
        return bound.decide(facts=facts, overlay=overlay, seed=seed)

    def _load(self, policy: Mapping[str, Any]) -> Admitted | Effective:
        if policy["loaded"] == "admit":
            return _program(policy)
        source = policy["term"]
        value = json.dumps(source).encode() if policy["loaded"] == "bytes" else source
        return _under(self.evaluator.load(value, HOUSE), policy)


class _World:
    """A world: its snapshot, and every state of it as a snapshot and as an overlay."""

    def __init__(self, world: Mapping[str, Any], subject: Subject) -> None:
        declared = VOCABULARIES[world["vocabulary"]]
        file = {"catalog": VERSION, "vocabulary": declared.name, "candidates": world["candidates"]}
        self.snapshot = Snapshot.take(catalog_of(file, "candidates", declared), declared)
        self.states: list[tuple[Snapshot, Any]] = []
        for state in world["states"]:
            snapshot, overlay = self.at(state["on"])
            known = {name: fields for name, fields in state["updates"].items() if name in self.snapshot.index}
            fields = dict.fromkeys(field for one in known.values() for field in one)
            updated = snapshot.with_state(known)
            columns = {field: _buffer(updated, field) for field in fields}
            changed = subject.overlay.take(self.snapshot, columns) if overlay is None else overlay.replace(columns)
            self.states.append((updated, changed))

    def at(self, state: int | None) -> tuple[Snapshot, Any]:
        return (self.snapshot, None) if state is None else self.states[state]

    def beside(self, state: int | None) -> Snapshot:
        """The snapshot of another state, where there is one."""
        place = 0 if state is None else (state + 1) % len(self.states)
        return self.states[place][0] if self.states else self.snapshot


def _known(word: object, words: tuple[str, ...]) -> None:
    if word not in words:
        raise NoSession(f"{word!r} is none of {words}")


def _buffer(snapshot: Snapshot, field: str) -> Any:
    """The observations of a state field as an overlay takes them."""
    column = snapshot.column(field)
    seen = zip(column.values, column.present, strict=True)
    match column.sort:
        case "num":
            return array("d", (value if known else nan for value, known in seen))
        case "bool":
            return bytes(value if known else 255 for value, known in seen)  # type: ignore[misc]
        case _:
            return [value if known else None for value, known in seen]


def _program(policy: Mapping[str, Any]) -> Admitted | Effective:
    return _under(admit_policy(load(policy["term"]), HOUSE), policy)


def _under(policy: Admitted, given: Mapping[str, Any]) -> Admitted | Effective:
    floor = given["floor"]
    return policy if floor is None else effective(policy, floor_of_value(floor, HOUSE))


def _facts(request: Mapping[str, Any]) -> Facts | None:
    match request["how"]:
        case "none":
            return None
        case "checked":
            return read_facts(request["value"], HOUSE)
        case "unchecked":
            return Facts(**request["value"])
        case "evolved":
            return attrs.evolve(read_facts({}, HOUSE), **request["value"])
        case how:
            raise NoSession(f"no request is made {how}")


# --- comparing -----------------------------------------------------------------------------------------------


def _said(answer: Callable[[], Any]) -> Any:
    """The answer, or what was raised instead, as a text."""
    try:
        return answer()
    except Refused as refused:
        return f"Refused {[attrs.astuple(one) for one in refused.diagnostics]!r}"
    except (ValueError, IndexError) as wrong:
        if isinstance(wrong, IndexError) and not str(wrong).startswith("position "):
            return traceback.format_exc()
        return f"{type(wrong).__name__} {wrong}"
    except Exception:
        return traceback.format_exc()


def _read_all(asked: _Asked) -> Difference | None:
    for read in asked.ask["reads"]:
        of_decision, of_choice = _READERS[read]
        expected = repr(_said(lambda of=of_decision: of(asked.decision, asked.place)))  # type: ignore[misc]
        got = repr(_said(lambda of=of_choice: of(asked.choice, asked.place)))  # type: ignore[misc]
        if expected != got:
            return Difference(asked.place, read, _short(expected), _short(got))
    return None


def _band(size: int) -> str:
    """The size of a world, roughly."""
    return "empty world" if not size else "few candidates" if size < 40 else "many candidates"


def _first(found: Iterable[Difference | None]) -> Difference | None:
    return next((one for one in found if one is not None), None)


def _short(answer: object, most: int = 4000) -> str:
    text = answer if isinstance(answer, str) else repr(answer)
    return text if len(text) <= most else f"{text[:most]}…"


def _reasons(decision: Decision) -> list[str | None]:
    rejected = dict(decision.rejected)
    return [rejected.get(id) for id in decision.snapshot.ids]


def _entries(decided: Any) -> tuple[Any, ...]:
    return type(decided.ordered), [(entry.index, entry.id, entry.score) for entry in decided.ordered]


def _counts(decision: Decision) -> tuple[int, int, int]:
    return len(decision.ordered), len(decision.rejected), len(decision.cut)


def _attempt(decided: Any, place: int) -> Any:
    return decided.attempt(place % 3, REQUEST)


def _next(decided: Any, place: int) -> Any:
    return decided.next(place % 2, place % 4, ("rate_limit", "timeout", "x-house")[place % 3])


def _decision(decided: Any, place: int) -> Any:
    """The whole decision of the reference class: what its record holds, and its routes."""
    whole = decided if isinstance(decided, Decision) else decided.decision
    return type(whole), whole.record(), whole.term, whole.snapshot.size, _entries(whole)


_READERS: Mapping[str, tuple[Callable[[Decision, int], Any], Callable[[Any, int], Any]]] = {
    "ids": (lambda decision, _: [entry.id for entry in decision.ordered], lambda choice, _: choice.ids()),
    "scores": (lambda decision, _: [entry.score for entry in decision.ordered], lambda choice, _: choice.scores()),
    "reasons": (lambda decision, _: _reasons(decision), lambda choice, _: choice.reasons()),
    "rejected": (lambda decision, _: decision.rejected, lambda choice, _: choice.rejected),
    "cut": (lambda decision, _: decision.cut, lambda choice, _: choice.cut),
    "ordered": (lambda decision, _: _entries(decision), lambda choice, _: _entries(choice)),
    "counts": (lambda decision, _: _counts(decision), lambda choice, _: choice.counts()),
    "record": (lambda decision, _: decision.record(), lambda choice, _: choice.record()),
    "fingerprint": (lambda decision, _: decision.fingerprint, lambda choice, _: choice.fingerprint),
    "to_json": (lambda decision, _: decision.to_json(), lambda choice, _: choice.to_json()),
    "attempt": (_attempt, _attempt),
    "next": (_next, _next),
    "decision": (_decision, _decision),
}
