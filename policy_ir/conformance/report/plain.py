"""Runs as one JSON value."""

from __future__ import annotations

from typing import Any

from policy_ir import __version__
from policy_ir.conformance.report.results import Judged, Results


def to_json(results: Results) -> dict[str, Any]:
    """The runs as an object: `report`, the version of its shape, `runner`, `vectors`, `passed`, `subjects`, `rules`.

    A subject has `name`, `command`, `hello`, `seconds`, `counts` by status, `ending`, null where it ended as it should,
    and `outcomes`, each with `id`, `status`, `message` and `seconds`. A rule has `id`, `chapter`, the ids of its
    `vectors` and of those it is `denied` by, and under `subjects` the counts of both together, by name.
    """  # fmt: skip
    return {
        "report": 1,
        "runner": f"policy-ir {__version__}",
        "vectors": len(results.vectors),
        "passed": results.passed,
        "subjects": [_subject(one) for one in results.subjects],
        "rules": [
            {
                "id": row.id,
                "chapter": row.chapter,
                "vectors": list(row.vectors),
                "denied": list(row.denied),
                "subjects": {one.name: _some(results.tally(one, row.all))
                             for one in results.subjects},
            }
            for row in results.rows()
        ],
    }  # fmt: skip


def _some(counts: dict[str, int]) -> dict[str, int]:
    return {status: count for status, count in counts.items() if count}


def _subject(one: Judged) -> dict[str, Any]:
    return {
        "name": one.name,
        "command": list(one.run.command),
        "hello": dict(one.run.hello),
        "seconds": round(one.run.seconds, 3),
        "counts": dict(one.counts),
        "ending": one.run.ending,
        "outcomes": [
            {
                "id": outcome.vector.id,
                "status": outcome.status,
                "message": outcome.message,
                "seconds": round(outcome.seconds, 4),
            }
            for outcome in one.run.outcomes
        ],
    }
