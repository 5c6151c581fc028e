"""Making a difference small: fewer sessions before it, then fewer and smaller parts of its own."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from evaluator_differential.asking import Difference, NoSession, Subject, difference
from evaluator_differential.sessions import Session
from policy_ir.conformance.differential.reduce import reduced

TRIES = 4000


def last_difference(history: Sequence[Session], subject: Subject) -> Difference | None:
    """The difference of the last of some sessions, which one evaluator goes through; None where it has none.

    Raises `NoSession` where one of them is none.
    """
    evaluator = subject.evaluator(**history[0]["settings"]) if len(history) > 1 else None
    found = None
    for session in history:
        found = difference(session, subject, evaluator=evaluator)
    return found


def small(history: list[Session], subject: Subject, *, tries: int = TRIES) -> list[Session]:
    """The sessions that still lead to a difference, the last of them as small as it goes."""
    while len(history) > 1 and last_difference(history[1:], subject) is not None:
        history = history[1:]
    for place in reversed(range(1, len(history) - 1)):
        fewer = history[:place] + history[place + 1 :]
        if last_difference(fewer, subject) is not None:
            history = fewer
    *before, last = history
    if last_difference([last], subject) is not None:
        before = []
    found = last_difference([*before, last], subject)

    def first(some: Sequence[Any]) -> Any | None:
        for one in some:
            try:
                now = last_difference([*before, one], subject)
                if now is not None and found is not None and now.read == found.read:
                    return one
            except (NoSession, LookupError, TypeError, AttributeError):  # the change has left no session
                continue
        return None

    least = json.loads(json.dumps(last))
    for _ in range(2):
        least = reduced(_pruned(least), first, tries=tries // 2)
    return [*before, _pruned(least)]


def _pruned(session: Session) -> Session:
    """The session without updates of candidates that are not there any more; it asks the same."""
    pruned = json.loads(json.dumps(session))
    for world in pruned["worlds"]:
        ids = {one["id"] for one in world["candidates"]}
        for state in world["states"]:
            state["updates"] = {id: fields for id, fields in state["updates"].items() if id in ids}
    return dict(pruned)
