"""What a caller gets: the provider's answer with the account of the call, or an error as clients know."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import islice
from math import ceil
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from policy_ir.diagnostics import Diagnostic, Refused, legible, to_json
from policy_ir.router.body import POLICY
from policy_ir.syntax.bounds import DIAGNOSTICS

if TYPE_CHECKING:
    from policy_ir.router.call import Course
    from policy_ir.router.upstream import Failure, Reply

__all__ = [
    "account",
    "encode",
    "error",
    "exhausted",
    "headers",
    "no_candidate",
    "nobody",
    "refused",
    "status_of",
    "trace_headers",
    "with_account",
]

STATUS: Final[Mapping[str, int]] = {
    "rate_limit": 429,
    "quota_exhausted": 429,
    "overloaded": 503,
    "model_unavailable": 503,
    "timeout": 504,
    "bad_request": 400,
    "context_overflow": 400,
    "content_filter": 400,
    "no_candidate": 422,
    "budget_exceeded": 402,
}
"""The status for the last reason why a call has failed; for every other reason it is `BAD_GATEWAY`."""

BAD_GATEWAY: Final = 502

CLOSED_REQUEST: Final = 499
"""The status that a trace has for a caller that hung up."""

CODE: Final[Mapping[str, str]] = {
    "quota_exhausted": "insufficient_quota",
    "context_overflow": "context_length_exceeded",
    "rate_limit": "rate_limit_exceeded",
}
"""The code of an error where clients know one for the reason; every other reason is its own code."""

TYPE: Final[Mapping[int, str]] = {
    400: "invalid_request_error",
    401: "authentication_error",
    402: "invalid_request_error",
    403: "permission_error",
    404: "invalid_request_error",
    413: "invalid_request_error",
    422: "invalid_request_error",
    429: "rate_limit_error",
}
"""The type of an error by its status; `server_error` for all others."""


# Made once: `json.dumps` makes an encoder for each call.
_ENCODE: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode


def encode(value: Any) -> bytes:
    """A JSON value as a body."""
    return _ENCODE(value).encode("utf-8", "replace")


def status_of(reason: str) -> int:
    """The status of a call that failed at last for a reason."""
    return STATUS.get(reason, BAD_GATEWAY)


def error(status: int, code: str, message: str, *, param: str | None = None, **more: Any) -> dict[str, Any]:
    """The object of an error."""
    made = {"message": message, "type": TYPE.get(status, "server_error"), "code": code, "param": param}
    return {"error": made | more}


def refused(
    wrong: Refused, *, code: str = "policy_refused", status: int = 400, trace: str | None = None
) -> dict[str, Any]:
    """The error of a call whose policy, options or body are refused, with every finding."""
    found = wrong.diagnostics
    first = found[0]
    more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
    message = f"{first.code}: {first.message}{f' at {first.pointer}' if first.pointer else ''}{more}"
    account = {} if trace is None else {"policy_ir": {"trace": trace}}
    return error(status, code, message, param=first.pointer or None, diagnostics=told(found), **account)


def told(found: Iterable[Diagnostic]) -> list[dict[str, Any]]:
    """Findings as JSON, as many as anybody reads."""
    return [to_json(one) for one in islice(found, DIAGNOSTICS)]


def no_candidate(course: Course) -> dict[str, Any]:
    """The error of a call for which nobody may be tried: how many were refused, and for which reason."""
    message, counts = nobody(course)
    return error(422, "no_candidate", message, refused=counts, policy_ir=account(course))


def nobody(course: Course) -> tuple[str, dict[str, int]]:
    """Why nobody may be tried, in words, and how many were refused for which reason, most first."""
    decision = course.choice.decision
    named = course.request.model
    counts = Counter(reason for name, reason in decision.rejected if not _named_another(course, name))
    by_count = sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))
    why = ", ".join(f"{count} for `{legible(reason)}`" for reason, count in by_count[:5])
    more = f" and {len(by_count) - 5} further reasons" if len(by_count) > 5 else ""
    cut = f"; {len(decision.cut)} were cut by the selector" if decision.cut else ""
    size = course.world.snapshot.size if named.startswith(POLICY) else 1
    message = f"no candidate is left of {size}: " + (f"refused were {why}{more}{cut}" if size else "there are none")
    return message, dict(by_count)


def _named_another(course: Course, candidate: str) -> bool:
    """Whether a candidate was refused because the call has named another one."""
    named = course.request.model
    return not named.startswith(POLICY) and candidate != named


def exhausted(course: Course, failure: Failure) -> tuple[int, dict[str, Any], dict[str, str]]:
    """Status, error and further headers of a call that has failed at last."""
    status = status_of(failure.reason)
    tries = f"after {len(course.hops)} attempts " if len(course.hops) > 1 else ""
    said = f": {failure.message}" if failure.message else ""
    message = f"{course.hops[-1].candidate} failed {tries}for `{failure.reason}`{said}"
    made = error(
        status, CODE.get(failure.reason, failure.reason), message, policy_ir=account(course) | {"hops": hops(course)}
    )
    if failure.retry_after_ms is not None:
        return status, made, {"Retry-After": str(max(1, ceil(failure.retry_after_ms / 1000)))}
    # What could be tried was tried. Clients would otherwise try a 5xx twice again by themselves, all of it.
    return status, made, {"x-should-retry": "false"}


def hops(course: Course) -> list[dict[str, Any]]:
    """What was tried, in short."""
    return [
        {"candidate": hop.candidate, "reason": hop.reason, "status": hop.status, "ms": round(hop.ended_ms, 1)}
        for hop in course.hops
    ]


def account(course: Course) -> dict[str, Any]:
    """What an answer says of its call, under the key `policy_ir`."""
    cost, plan, effective = course.cost, course.plan, course.choice.bound.effective
    return {
        "trace": course.id,
        "candidate": course.chosen,
        "policy": effective.policy_fingerprint,
        "policy_name": plan.name,
        "effective": effective.fingerprint,
        "decision": course.choice.fingerprint,
        "seed": course.seed,
        "attempts": len(course.hops),
        "cost_usd": cost.usd,
        "cost_basis": cost.basis,
    }


def headers(course: Course, *, begun: bool = False) -> dict[str, str]:
    """The headers of an answer. Those of a stream are due when it has `begun`, before its cost is known."""
    made = trace_headers(course.id) | {
        "x-policy-ir-policy": course.choice.bound.effective.policy_fingerprint,
        "x-policy-ir-decision": course.choice.fingerprint,
        "x-policy-ir-attempts": str(len(course.hops) + begun),
    }
    candidate = course.trying if begun else course.chosen
    if candidate is not None:
        made["x-policy-ir-candidate"] = header_text(candidate)
    if not begun:
        made["x-policy-ir-cost-usd"] = f"{course.cost.usd:.9g}"
    return made


def trace_headers(id: str) -> dict[str, str]:
    """The headers that name the trace; OpenAI's clients hand on the second with every answer and error."""
    return {"x-policy-ir-trace": id, "x-request-id": id}


def header_text(text: str) -> str:
    """A text as the value of a header: what is not printable ASCII is escaped."""
    if text.isascii() and text.isprintable():
        return text
    return quote(text, safe="/:@!$&'()*+,;=-._~ ")


def with_account(reply: Reply, own: Mapping[str, Any]) -> bytes:
    """The provider's answer with the account of the call as its last key; all else as it came."""
    if "policy_ir" in reply.json:
        return encode({**reply.json, "policy_ir": own})
    return reply.body.rstrip()[:-1] + b',"policy_ir":' + encode(own) + b"}"  # there is a key before it: `choices`
