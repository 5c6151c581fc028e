"""Why an attempt has failed: the reason that a failure plan is asked about.

`RULES` is read from the top; the first rule that holds gives the reason. The body goes before the status, since the
status alone misleads: a spent quota is 429 like a rate limit, an overload may be 429, 500, 503 or 529, and an error may
come with 200. A code, which a provider documents, goes before words; words that are only sure beside some statuses say
which. Where nothing of the body is known, `STATUSES` decides.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping
from typing import Final

import aiohttp
import attrs
from aiohttp.http_exceptions import ContentEncodingError

from policy_ir.router.error_body import Said, is_error, json_of, said_by, said_in_text, shortened
from policy_ir.router.waiting import retry_after_ms
from policy_ir.router.watch import Expired

__all__ = ["EXCEPTIONS", "RULES", "STATUSES", "Failure", "Rule", "classify", "classify_exception"]


@attrs.frozen(slots=True)
class Failure:
    """What an attempt has come to.

    `reason` is one of `failover.ROUTER_REASONS`. `status` is that of HTTP, None where none came. `message` is the
    provider's, on one line of at most 300 characters, without secrets. `retry_after_ms` is how long the provider asks
    to be left alone. `sent_content` tells whether content had come before.
    """

    reason: str
    status: int | None
    message: str
    retry_after_ms: float | None = None
    sent_content: bool = False


@attrs.frozen(slots=True)
class Rule:
    """Errors of one reason: those with one of the codes, or in whose words one of the phrases is found.

    `phrases` are in words, in any case; `…` stands for up to 80 characters, and `words` is the pattern of them all.
    Where `among` is given, the rule holds for answers with one of these statuses only; 200 stands for all that claim
    success, as errors within a stream do.
    """

    reason: str
    codes: frozenset[str] = frozenset()
    phrases: tuple[str, ...] = ()
    words: re.Pattern[str] | None = None
    among: frozenset[int] | None = None

    def holds(self, said: Said, status: int) -> bool:
        """Whether an error that came with a status is one of these."""
        if self.among is not None and status not in self.among:
            return False
        return not self.codes.isdisjoint(said.codes) or (
            self.words is not None and self.words.search(said.message) is not None
        )


def _rule(reason: str, codes: str = "", words: tuple[str, ...] = (), *, among: tuple[int, ...] | None = None) -> Rule:
    """A rule by its codes, apart by white space, and its phrases."""
    escaped = (re.escape(phrase).replace("…", ".{0,80}?").replace(r"\ ", r"\s+") for phrase in words)
    pattern = "|".join(r"\b" + phrase if phrase[0].isalnum() else phrase for phrase in escaped)
    return Rule(
        reason,
        codes=frozenset(codes.split()),
        phrases=words,
        words=re.compile(pattern, re.IGNORECASE | re.DOTALL) if words else None,
        among=None if among is None else frozenset(among),
    )


RULES: Final = (
    # One request above what a minute allows: waiting does not help, a candidate with a larger allowance does.
    _rule("context_overflow", words=("request too large for model", "request too large for…tokens per min")),
    # The same status and the same words stand for a day's and for a minute's quota; the name of the quota tells.
    _rule("quota_exhausted", "quota_per_day"),
    _rule("rate_limit", "quota_per_minute"),
    _rule(
        "payment_required",
        """payment_required insufficient_balance insufficient_credits insufficient_funds billing_error
        billing_not_active credit_balance_too_low""",
        (
            "credit balance is too low",
            "insufficient balance",
            "insufficient account balance",
            "insufficient credit",
            "insufficient funds",
            "requires more credits",
            "run out of credits",
            "used all available credits",
            "purchase credits",
            "purchase more credits",
            "account is not active",
            "payment required",
        ),
    ),
    _rule(
        "quota_exhausted",
        """insufficient_quota billing_hard_limit_reached quota_exceeded usage_limit_reached usage_limit_exceeded
        daily_limit_exceeded budget_exceeded""",
        (
            "exceeded your current quota",
            "billing hard limit",
            "check your plan and billing",
            "requests per day",
            "tokens per day",
            "free-models-per-day",
            "daily limit",
            "daily quota",
            "daily…limit",
            "monthly limit",
            "monthly quota",
            "monthly…limit",
            "usage limit",
            "specified API usage limits",
        ),
        among=(200, 400, 402, 403, 422, 429),
    ),
    _rule(
        "content_filter",
        """content_filter content_filter_error content_filtered content_policy_violation responsibleaipolicyviolation
        moderation_blocked data_inspection_failed invalid_prompt
        safety recitation blocklist prohibited_content spii image_safety""",
        (
            "content management policy",
            "content policy",
            "content filter",
            "usage policy",
            "usage policies",
            "usage guidelines",
            "safety system",
            "safety filter",
            "safety reasons",
            "input was flagged",
            "prompt was flagged",
            "prompt was blocked",
            "request was blocked by",
            "flagged as",
            "flagged for",
            "inappropriate content",
            "content exists risk",
            "ContentPolicyViolationError",
        ),
        among=(200, 400, 403, 422, 451, 500),
    ),
    _rule(
        "context_overflow",
        """context_length_exceeded context_window_exceeded exceed_context_size_error string_above_max_length
        request_too_large tokens_limit_reached model_max_prompt_tokens_exceeded""",
        (
            "maximum context length",
            "maximum prompt length",
            "context length exceeded",
            "context size has been exceeded",
            "context window…exceeded",
            "exceeds…context size",
            "exceeds…context length",
            "exceeds…context window",
            "exceeds…context limit",
            "exceed context limit",
            "exceed context window",
            "exceeds the maximum number of tokens",
            "input token count…exceeds",
            "prompt is too long",
            "prompt too long",
            "input is too long",
            "prompt contains…tokens…too large",
            "reduce the length of the messages",
            "reduce the length of your",
            "reduce the length of the input",
            "inputs tokens…must be <=",
            "`inputs` tokens…must be <=",
            "too many tokens: total",
            "max size:…tokens",
            "ContextWindowExceededError",
        ),
        among=(200, 400, 413, 422, 500),
    ),
    _rule(
        "model_unavailable",
        "model_not_ready modelnotreadyexception model_loading model_not_available",
        (
            "loading model",
            "model…is loading",
            "model…currently loading",
            "model…not ready",
            "model…not loaded",
            "model…currently unavailable",
            "model…temporarily unavailable",
            "no instances available",
            "no healthy upstream",
            "no healthy deployment",
            "no available model provider",
            "no allowed providers",
        ),
        among=(200, 400, 404, 409, 424, 500, 502, 503),
    ),
    _rule(
        "model_not_found",
        """model_not_found deploymentnotfound invalid_model model_decommissioned unknown_model model_not_supported
        no_such_model""",
        (
            "model…not found",
            "model…does not exist",
            "model not exist",
            "model…decommissioned",
            "deployment…does not exist",
            "unknown model",
            "invalid model",
            "no such model",
            "not a valid model",
            "no endpoints found",
            "does not have access to model",
            "unable to access model",
        ),
        among=(200, 400, 403, 404, 410, 422),
    ),
    _rule("model_not_found", words=("model", "deployment"), among=(404,)),
    _rule(
        "auth_error",
        """invalid_api_key api_key_invalid missing_api_key expired_api_key authentication_error permission_error
        permission_denied permissiondenied unauthenticated unauthorized invalid_authentication access_denied
        account_deactivated organization_restricted unsupported_country_region_territory ip_not_authorized""",
        (
            "incorrect API key",
            "invalid API key",
            "invalid x-api-key",
            "API key not valid",
            "API key expired",
            "API key not found",
            "missing API key",
            "provide an API key",
            "authentication fail",
            "invalid bearer token",
            "location is not supported",
            "country, region, or territory",
        ),
        among=(200, 400, 401, 403),
    ),
    _rule(
        "overloaded",
        """overloaded_error overloaded engine_overloaded engine_overloaded_error slow_down over_capacity
        capacity_exceeded model_capacity_exhausted service_tier_capacity_exceeded""",
        (
            "overloaded",
            "over capacity",
            "at capacity",
            "no capacity",
            "capacity exceeded",
            "server busy",
            "server is busy",
            "high demand",
            "high load",
            "high traffic",
            "maximum pending requests",
            "slow down",
        ),
        among=(200, 408, 429, 498, 500, 502, 503, 504, 529),
    ),
    _rule(
        "rate_limit",
        """rate_limit_exceeded rate_limit_error rate_limited ratelimitreached ratelimitexceeded ratelimiterror
        too_many_requests toomanyrequests throttlingexception throttling resource_exhausted""",
        (
            "rate limit",
            "rate-limit",
            "ratelimit",
            "too many requests",
            "too many tokens",
            "requests per",
            "tokens per",
            "resource exhausted",
            "resource has been exhausted",
            "throttl",
        ),
        among=(200, 403, 408, 429, 500, 502, 503),
    ),
    _rule("overloaded", "unavailable service_unavailable unavailable_error", among=(200, 429, 500, 503)),
    _rule(
        "timeout",
        "timeout timeout_error request_timeout deadline_exceeded gateway_timeout upstream_timeout",
        ("timed out", "timeout", "time-out", "deadline exceeded"),
        among=(200, 408, 499, 500, 502, 503, 504, 522, 524),
    ),
    # The model wrote what is not JSON, or what is no call of a tool: another try or another model may do better.
    _rule("bad_response", "json_validate_failed tool_use_failed malformed_function_call"),
    # These say little more than a status does, so they count where there is none.
    _rule("server_error", "server_error internal_server_error internalservererror internal api_error", among=(200,)),
    _rule(
        "bad_request",
        "invalid_request_error badrequesterror bad_request invalid_argument unsupported_parameter invalid_value",
        among=(200,),
    ),
)
"""What a body says, in the order in which it is looked for."""

STATUSES: Final[Mapping[int, str]] = {
    401: "auth_error",
    402: "payment_required",
    403: "auth_error",
    407: "auth_error",
    408: "timeout",
    429: "rate_limit",
    498: "overloaded",
    503: "overloaded",
    504: "timeout",
    522: "timeout",
    524: "timeout",
    529: "overloaded",
}
"""What a status says where the body says nothing. The rest: 3xx is `bad_response`, 4xx `bad_request`, 5xx
`server_error`, and an error that came as a success `unknown`."""

EXCEPTIONS: Final[tuple[tuple[type[BaseException], str, str], ...]] = (
    (aiohttp.ConnectionTimeoutError, "timeout", "no connection in time"),
    (asyncio.TimeoutError, "timeout", "no answer in time"),
    (aiohttp.ClientConnectorDNSError, "network_error", "the provider's name has no address"),
    (aiohttp.ClientConnectorCertificateError, "network_error", "the provider's certificate does not hold"),
    (aiohttp.ClientSSLError, "network_error", "no secure connection to the provider"),
    (aiohttp.ClientConnectorError, "network_error", "no connection to the provider"),
    (aiohttp.ServerDisconnectedError, "network_error", "the provider has closed the connection"),
    (aiohttp.ClientResponseError, "bad_response", "the answer is not HTTP"),
    (aiohttp.ClientPayloadError, "network_error", "the answer was cut off"),
    (aiohttp.ClientError, "network_error", "the connection has failed"),
    (OSError, "network_error", "the connection has failed"),
)
"""What an exception of the connection says, the first that fits. The words are ours: those of the exceptions name
hosts and headers."""


def classify(
    status: int,
    headers: Mapping[str, str],
    body: bytes,
    *,
    stream_error: object | None = None,
    redact: Callable[[str], str] = str,
) -> Failure | None:
    """What an answer has failed for, or None if it is an answer.

    `headers` are looked up in lower case. `stream_error` is an error object from within a stream or a completion, and
    stands for the body. `redact` takes the secrets out of the provider's words, before they are shortened.
    """
    success = 200 <= status < 300
    value = json_of(body) if stream_error is None else stream_error
    if success and stream_error is None and value is not None and not is_error(value):
        return None
    said = said_in_text(body) if value is None else said_by(value)
    named = attrs.evolve(said, codes=said.codes + _quotas(said))
    reason = (
        "bad_response"
        if 300 <= status < 400 or (success and value is None)
        else _reason(named, 200 if success else status)
    )
    wait = retry_after_ms(headers, said.message, stated=said.retry_after, limited=reason == "rate_limit")
    message = shortened(redact(said.message)) or f"status {status} without a message"
    if success and value is None and body.lstrip()[:1] in (b"{", b"["):
        message = "the answer is not JSON"  # and may be cut off: then these words would be the caller's
    elif 300 <= status < 400:
        message = f"status {status}: a redirect, which is not followed"
    return Failure(reason, status, message, wait)


def classify_exception(exc: BaseException) -> Failure:
    """What a connection has failed for; `unknown` if it is no exception of a connection."""
    if isinstance(exc.__cause__, ContentEncodingError):
        return Failure("bad_response", None, "the answer cannot be unpacked")
    for kind, reason, words in EXCEPTIONS:
        if isinstance(exc, kind):
            return Failure(reason, None, str(exc) if isinstance(exc, Expired) else words)
    return Failure("unknown", None, "the attempt has failed")


def _reason(said: Said, status: int) -> str:
    """The reason of an error with a status, 200 for all that claim success."""
    for rule in RULES:
        if rule.holds(said, status):
            return rule.reason
    # A status within the body is nearer to the cause than that of the answer, which may be a proxy's.
    shown = said.status if said.status is not None else status
    return STATUSES.get(shown) or ("unknown" if shown < 400 else "bad_request" if shown < 500 else "server_error")


def _quotas(said: Said) -> tuple[str, ...]:
    """One name for the many that quotas per day and per minute have."""
    return tuple(
        name
        for name, mark in (("quota_per_day", "perday"), ("quota_per_minute", "perminute"))
        if any(mark in code for code in said.codes)
    )
