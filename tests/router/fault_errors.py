"""Rows of the fault matrix in which a provider says that something is wrong."""

from __future__ import annotations

from typing import Final

from fault_row import Row, grouped
from fault_words import (
    ABORT,
    AGAIN,
    BROKE,
    BUSY,
    EAST,
    FILTERED,
    IN_FULL,
    LIMITED,
    NEXT,
    NORTH,
    SOUTH,
    STOP,
    STREAM,
    THEN,
    TOO_LONG,
    all_have,
    answered,
    failed,
    ok,
    refused,
    retrying,
    within,
)

ERRORS: Final = grouped(
    "A provider answers with an error",
    Row(
        name="rate limit without `Retry-After`",
        faults=(f"{NORTH}=rate_limit",),
        tells=(ok(failed(NORTH, "rate_limit", 429, NEXT, LIMITED), answered(SOUTH)),),
    ),
    Row(
        name="rate limit without `Retry-After`; the plan asks again after 60 ms",
        faults=(f"{NORTH}=rate_limit:once",),
        plan=retrying(1, 60),
        tells=(ok(failed(NORTH, "rate_limit", 429, AGAIN, LIMITED), answered(NORTH)),),
        least_ms=60,
    ),
    Row(
        name="rate limit with `Retry-After` within the deadline; the plan asks again",
        faults=(f"{NORTH}=rate_limit:retry_after=0.15,once",),
        plan=retrying(1, 10),
        tells=(ok(failed(NORTH, "rate_limit", 429, AGAIN, LIMITED), answered(NORTH)),),
        least_ms=150,
    ),
    Row(
        name="rate limit with `Retry-After` beyond the deadline; the plan asks again",
        faults=(f"{NORTH}=rate_limit:retry_after=30,once",),
        plan=retrying(1, 10),
        asked=within(5_000),
        tells=(ok(failed(NORTH, "rate_limit", 429, THEN, LIMITED), answered(SOUTH)),),
    ),
    Row(
        name="rate limit with `Retry-After` everywhere",
        faults=all_have("rate_limit:retry_after=7"),
        tells=(
            refused(
                "429 `rate_limit_exceeded`, `Retry-After: 7`",
                failed(NORTH, "rate_limit", 429, NEXT, LIMITED),
                failed(SOUTH, "rate_limit", 429, NEXT, "Rate limit reached for hosted-sim-large"),
                failed(EAST, "rate_limit", 429, STOP, "Rate limit reached for sim-long"),
            ),
        ),
    ),
    Row(
        name="quota exhausted, which is 429 as well; the plan gives up for a rate limit",
        faults=(f"{NORTH}=quota",),
        plan="next_candidate on rate_limit: abort",
        tells=(ok(failed(NORTH, "quota_exhausted", 429, NEXT, "You exceeded your current quota"), answered(SOUTH)),),
    ),
    Row(
        name="quota exhausted; the plan gives up",
        faults=(f"{NORTH}=quota",),
        plan=ABORT,
        tells=(
            refused(
                "429 `insufficient_quota`",
                failed(NORTH, "quota_exhausted", 429, "abort/stop", "You exceeded your current quota"),
            ),
        ),
    ),
    Row(
        name="an internal error, once; the plan asks again",
        faults=(f"{NORTH}=server_error:once",),
        plan=retrying(2, 20),
        tells=(ok(failed(NORTH, "server_error", 500, AGAIN, BROKE), answered(NORTH)),),
        least_ms=20,
    ),
    Row(
        name="an internal error, once",
        faults=(f"{NORTH}=server_error:once",),
        tells=(ok(failed(NORTH, "server_error", 500, NEXT, BROKE), answered(SOUTH)),),
    ),
    Row(
        name="503, and again 503; the plan asks again once",
        faults=(f"{NORTH}=overloaded:status=503",),
        plan=retrying(1, 20),
        tells=(
            ok(
                failed(NORTH, "overloaded", 503, AGAIN, BUSY),
                failed(NORTH, "overloaded", 503, THEN, BUSY),
                answered(SOUTH),
            ),
        ),
        least_ms=20,
    ),
    Row(
        name="503 everywhere",
        faults=all_have("overloaded:status=503"),
        tells=(
            refused(
                "503 `overloaded`",
                failed(NORTH, "overloaded", 503, NEXT, BUSY),
                failed(SOUTH, "overloaded", 503, NEXT, "Overloaded"),
                failed(EAST, "overloaded", 503, STOP, "The model sim-long is overloaded"),
            ),
        ),
    ),
    Row(
        name="529, as Anthropic has it, at the second candidate",
        faults=(f"{NORTH}=server_error", f"{SOUTH}=overloaded"),
        tells=(
            ok(
                failed(NORTH, "server_error", 500, NEXT, BROKE),
                failed(SOUTH, "overloaded", 529, NEXT, "Overloaded"),
                answered(EAST),
            ),
        ),
    ),
    Row(
        name="the error stands in an array, as Gemini has it",
        faults=(f"{NORTH}=error_array",),
        tells=(ok(failed(NORTH, "rate_limit", 429, NEXT, LIMITED), answered(SOUTH)),),
    ),
    Row(
        name="an array with an error, and the status 200",
        faults=(f"{NORTH}=error_array:status=200",),
        tells=(ok(failed(NORTH, "rate_limit", 200, NEXT, LIMITED), answered(SOUTH)),),
    ),
    Row(
        name="an error object, and the status 200",
        faults=(f"{NORTH}=error_in_200",),
        tells=(ok(failed(NORTH, "server_error", 200, NEXT, BROKE), answered(SOUTH)),),
    ),
    Row(
        name="context overflow",
        faults=(f"{NORTH}=context_overflow",),
        tells=(ok(failed(NORTH, "context_overflow", 400, NEXT, TOO_LONG), answered(SOUTH)),),
    ),
    Row(
        name="context overflow, told in words only, at the second candidate; the plan then gives up",
        faults=(f"{NORTH}=server_error", f"{SOUTH}=context_overflow"),
        plan="next_candidate on context_overflow: abort",
        tells=(
            refused(
                "400 `context_length_exceeded`",
                failed(NORTH, "server_error", 500, NEXT, BROKE),
                failed(SOUTH, "context_overflow", 400, "abort/stop", "prompt is too long"),
            ),
        ),
    ),
    Row(
        name="the filter of the provider refuses the prompt",
        faults=(f"{NORTH}=content_filter",),
        tells=(ok(failed(NORTH, "content_filter", 400, NEXT, FILTERED), answered(SOUTH)),),
    ),
    Row(
        name="the filter of the provider refuses the prompt; the plan gives up",
        faults=(f"{NORTH}=content_filter",),
        plan=ABORT,
        tells=(
            refused(
                "400 `content_filter`",
                failed(NORTH, "content_filter", 400, "abort/stop", FILTERED),
            ),
        ),
    ),
    Row(
        name="the filter of the provider leaves nothing of the answer, and the status is 200",
        faults=(f"{NORTH}=content_filter:after=0",),
        tells=(
            ok(
                failed(NORTH, "content_filter", 200, NEXT, "an answer without content", cost="usage"),
                answered(SOUTH),
            ),
        ),
        ways=IN_FULL,
    ),
    Row(
        name="the filter of the provider leaves nothing of the stream",
        faults=(f"{NORTH}=content_filter:after=0",),
        tells=(ok(failed(NORTH, "content_filter", 200, NEXT, "an answer without content"), answered(SOUTH)),),
        ways=STREAM,
    ),
    Row(
        name="the second candidate refuses the shape of the request",
        faults=(f"{NORTH}=server_error", f"{SOUTH}=bad_request:param=seed"),
        asked={"seed": 7},
        tells=(
            ok(
                failed(NORTH, "server_error", 500, NEXT, BROKE),
                failed(SOUTH, "bad_request", 400, NEXT, "'seed' is not supported here."),
                answered(EAST),
            ),
        ),
    ),
    Row(
        name="the second candidate refuses the shape of the request; the plan then gives up",
        faults=(f"{NORTH}=server_error", f"{SOUTH}=bad_request"),
        plan="next_candidate on bad_request: abort",
        tells=(
            refused(
                "400 `bad_request`",
                failed(NORTH, "server_error", 500, NEXT, BROKE),
                failed(SOUTH, "bad_request", 400, "abort/stop", "a request of this shape is not supported here."),
            ),
        ),
    ),
    Row(
        name="the key is not valid, and the error repeats it",
        faults=(f"{NORTH}=auth_error:echo=yes",),
        tells=(ok(failed(NORTH, "auth_error", 401, NEXT, "Incorrect API key provided: ***"), answered(SOUTH)),),
    ),
    Row(
        name="the account has no credit",
        faults=(f"{NORTH}=payment",),
        tells=(ok(failed(NORTH, "payment_required", 402, NEXT, "your credit balance is too low"), answered(SOUTH)),),
    ),
    Row(
        name="there is no such model",
        faults=(f"{NORTH}=model_not_found",),
        tells=(
            ok(failed(NORTH, "model_not_found", 404, NEXT, "The model `sim-large` does not exist"), answered(SOUTH)),
        ),
    ),
    Row(
        name="a page of HTML from a proxy, 502",
        faults=(f"{NORTH}=html",),
        tells=(ok(failed(NORTH, "server_error", 502, NEXT, "Bad Gateway"), answered(SOUTH)),),
    ),
    Row(
        name="a page of HTML from a proxy, 200",
        faults=(f"{NORTH}=html:status=200",),
        tells=(ok(failed(NORTH, "bad_response", 200, NEXT, "Bad Gateway"), answered(SOUTH)),),
    ),
    Row(
        name="an answer without a body",
        faults=(f"{NORTH}=empty",),
        tells=(ok(failed(NORTH, "bad_response", 200, NEXT, "status 200 without a message"), answered(SOUTH)),),
        ways=IN_FULL,
    ),
    Row(
        name="a redirect, which is not followed",
        faults=(f"{NORTH}=redirect",),
        tells=(ok(failed(NORTH, "bad_response", 307, NEXT, "a redirect, which is not followed"), answered(SOUTH)),),
    ),
)
