"""Redexes and results as compact text, for derivations that people read.

Terms are written as in the specification's rules, `op(part, ...)`. Parts of parts, and long lists, are cut short with
`…`: a derivation shows what a step works on, not the whole term again. Specification: chapter "Semantics".
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from itertools import zip_longest
from typing import Any, assert_never

from policy_ir.semantics.configuration import (
    Accept,
    Become,
    Done,
    Finish,
    Frame,
    GateFrame,
    Move,
    Outcome,
    PolicyFrame,
    PredFrame,
    PreferFrame,
    RankByFrame,
    Ranking,
    Reject,
    ScorerFrame,
    SelectorFrame,
    Value,
    XformFrame,
)
from policy_ir.semantics.numbers import emitted, score_json
from policy_ir.signature import SIGNATURE, arguments_of, subterms_of
from policy_ir.terms import Action, Term
from policy_ir.values import part_value

SHOWN = 4
"""How many entries of a list are shown."""


def show_redex(part: Term | Frame, value: Value | None, ids: Sequence[str]) -> str:
    """A term; or an evaluation context with the value in its hole, its own part there if it has none."""
    if isinstance(part, Term):
        return show_term(part)
    return _context(part, _awaited(part) if value is None else show_value(value, ids), ids)


def show_move(move: Move, ids: Sequence[str]) -> str:
    """What a redex becomes: a value, a subterm, or the operation with one part fewer."""
    match move:
        case Finish(_, value):
            return show_value(value, ids)
        case Become(_, term):
            return show_term(term)
        case _:
            return show_redex(move.frame, None, ids)


def show_term(term: Term, depth: int = 1) -> str:
    """A term with so many levels of parts; what is deeper is left out."""
    return _call(term.op, [_part(part, depth - 1) for part in arguments_of(term)])


def show_value(value: Value, ids: Sequence[str]) -> str:
    """The value of a term of any sort; candidates by their ids."""
    match value:
        case Accept():
            return "accept"
        case Reject(reason):
            return f"reject {reason}"
        case Done():
            return "done"
        case Ranking(entries, cuts):
            return f"{_ranks(entries, ids)}; {len(cuts)} cut" if cuts else _ranks(entries, ids)
        case Outcome(entries, rejected, cuts):
            return f"{_ranks(entries, ids)}; {len(rejected)} rejected, {len(cuts)} cut"
        case Action():
            return _json(part_value(value))
        case _:
            return _vector(value)


def _part(part: Any, depth: int = 0) -> str:
    """An argument of a shown term: a subterm, by its operation where it is too deep; a parameter as JSON."""
    if isinstance(part, Term):
        if depth > 0:
            return show_term(part, depth)
        return f"{part.op}(…)" if arguments_of(part) else part.op
    return _json(part_value(part))


def _json(value: Any) -> str:
    if isinstance(value, float):
        return json.dumps(emitted(value))
    if isinstance(value, list):
        return f"[{_list(map(_json, value))}]"
    if isinstance(value, dict):
        return "{" + _list(f"{json.dumps(key)}: {_json(entry)}" for key, entry in value.items()) + "}"
    return json.dumps(value, ensure_ascii=False)


def _score(score: float) -> str:
    """A score in six significant digits: derivations are read, not computed with."""
    value = score_json(score)
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _vector(vector: Sequence[float]) -> str:
    return f"[{_list(_score(score) for score in vector)}]"


def _ranks(entries: Sequence[tuple[int, float]], ids: Sequence[str]) -> str:
    return f"({_list(f'{ids[i]}: {_score(score)}' for i, score in entries)})"


def _call(name: str, parts: Iterable[str]) -> str:
    text = _list(parts)
    return f"{name}({text})" if text else name


def _list(parts: Iterable[str]) -> str:
    shown = list(parts)
    more = len(shown) - SHOWN
    return ", ".join(shown if more <= 1 else [*shown[:SHOWN], f"… {more} more"])


def _awaited(frame: Frame) -> str:
    """The part that a context evaluates next: the next of a list, or the one asked anew, in short."""
    parts = subterms_of(frame.node)
    return show_term(parts[getattr(frame, "at", 0)]) if SIGNATURE[frame.node.op].variadic else _part(parts[0])


def _context(frame: Frame, held: str, ids: Sequence[str]) -> str:
    """An operation with `held` in its hole, the parts before it gone."""
    op, arguments = frame.node.op, arguments_of(frame.node)
    match frame:
        case PredFrame(node, _, at) | XformFrame(node, _, at):
            rest = arguments[at + 1 :] if SIGNATURE[node.op].variadic else arguments[1:]
            return _call(op, [held, *map(_part, rest)])
        case ScorerFrame(node, _, at, total):
            if SIGNATURE[node.op].variadic:
                name = op if total is None else f"{op}_{_vector(total)}"
                return _call(name, [held, *map(_part, arguments[at + 1 :])])
            return _call(op, [*map(_part, arguments[:-1]), held])
        case GateFrame(_, _, vector, at, verdicts):
            shut = [isinstance(verdict, Reject) for verdict in verdicts[:at]]
            masked = [0.0 if closed else score for closed, score in zip_longest(shut, vector, fillvalue=False)]
            return _call(f"{op}_{at}", [held, _vector(masked)])
        case SelectorFrame():
            return _call(op, [_part(arguments[0]), held])
        case PreferFrame(_, inner, at):
            return _call(f"{op}_{at}", [held, show_value(inner, ids)])
        case RankByFrame(_, inner):
            return _call(op, [held, show_value(inner, ids)])
        case PolicyFrame(at=at, scores=scores):
            if scores is not None:
                return _call(op, ["-", "-", held])
            return _call(f"{op}_{at}", [held, *map(_part, arguments[1:3])])
        case _:
            assert_never(frame)
