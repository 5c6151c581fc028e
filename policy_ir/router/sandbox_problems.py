"""Errors as providers send them: one reason, told in the dialect of each simulated provider.

OpenAI-compatible servers agree on answers and not on errors, so each of the four simulated providers tells them in
another of the shapes that are in use.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal

import attrs

Dialect = Literal["coded", "typed", "listed", "flat"]
"""`coded` is OpenAI's shape, `typed` Anthropic's, `listed` Gemini's (a list of one), `flat` that of vLLM."""


@attrs.frozen(kw_only=True)
class Problem:
    """An error: its HTTP status, the names that the dialects have for it, and its words.

    `message` may hold `{model}` and `{detail}`. `own` are the words of dialects that tell it otherwise.
    """

    status: int
    type: str
    code: str | None = None
    typed: str
    listed: str
    message: str
    own: Mapping[str, str] = attrs.field(factory=dict)


PROBLEMS: Final[Mapping[str, Problem]] = MappingProxyType(
    {
        "rate_limit": Problem(
            status=429,
            type="requests",
            code="rate_limit_exceeded",
            typed="rate_limit_error",
            listed="RESOURCE_EXHAUSTED",
            message="Rate limit reached for {model}: too many requests per minute. Please try again later.",
        ),
        "quota": Problem(
            status=429,
            type="insufficient_quota",
            code="insufficient_quota",
            typed="rate_limit_error",
            listed="RESOURCE_EXHAUSTED",
            message="You exceeded your current quota, please check your plan and billing details.",
        ),
        "overloaded": Problem(
            status=529,
            type="server_error",
            code="overloaded",
            typed="overloaded_error",
            listed="UNAVAILABLE",
            message="The model {model} is overloaded. Please try again later.",
            own={"typed": "Overloaded"},
        ),
        "server_error": Problem(
            status=500,
            type="server_error",
            typed="api_error",
            listed="INTERNAL",
            message="The simulated server had an error while it processed the request.",
        ),
        "context_overflow": Problem(
            status=400,
            type="invalid_request_error",
            code="context_length_exceeded",
            typed="invalid_request_error",
            listed="INVALID_ARGUMENT",
            message="This model's maximum context length is {detail}.",
            own={
                "typed": "prompt is too long: {detail}",
                "listed": "The input token count exceeds the maximum number of tokens allowed: {detail}.",
            },
        ),
        "content_filter": Problem(
            status=400,
            type="invalid_request_error",
            code="content_filter",
            typed="invalid_request_error",
            listed="INVALID_ARGUMENT",
            message="The response was filtered due to the prompt triggering the content management policy.",
            own={"typed": "Output blocked by content filtering policy"},
        ),
        "auth_error": Problem(
            status=401,
            type="invalid_request_error",
            code="invalid_api_key",
            typed="authentication_error",
            listed="UNAUTHENTICATED",
            message="Incorrect API key provided: {detail}.",
        ),
        "payment": Problem(
            status=402,
            type="billing_error",
            code="payment_required",
            typed="billing_error",
            listed="FAILED_PRECONDITION",
            message="Payment required: your credit balance is too low. Please add credits to continue.",
        ),
        "model_not_found": Problem(
            status=404,
            type="invalid_request_error",
            code="model_not_found",
            typed="not_found_error",
            listed="NOT_FOUND",
            message="The model `{model}` does not exist or you do not have access to it.",
            own={"typed": "model: {model}", "listed": "models/{model} is not found."},
        ),
        "bad_request": Problem(
            status=400,
            type="invalid_request_error",
            typed="invalid_request_error",
            listed="INVALID_ARGUMENT",
            message="Invalid request: {detail}",
        ),
        "unsupported": Problem(
            status=400,
            type="invalid_request_error",
            code="unsupported_parameter",
            typed="invalid_request_error",
            listed="INVALID_ARGUMENT",
            message="Unsupported parameter: {detail}",
        ),
        "not_found": Problem(
            status=404,
            type="invalid_request_error",
            code="unknown_url",
            typed="not_found_error",
            listed="NOT_FOUND",
            message="Unknown request URL: {detail}.",
        ),
    }
)
"""The problems by name."""


def error_value(
    name: str,
    dialect: Dialect,
    *,
    model: str = "",
    detail: str = "",
    param: str | None = None,
    status: int | None = None,
) -> object:
    """The JSON value of a problem's body in a dialect."""
    problem = PROBLEMS[name]
    status = problem.status if status is None else status
    message = problem.own.get(dialect, problem.message).format(model=model, detail=detail)
    match dialect:
        case "coded":
            return {"error": {"message": message, "type": problem.type, "param": param, "code": problem.code}}
        case "typed":
            return {"type": "error", "error": {"type": problem.typed, "message": message}}
        case "listed":
            return [{"error": {"code": status, "message": message, "status": problem.listed}}]
        case "flat":
            return {"object": "error", "message": message, "type": problem.type, "param": param, "code": status}


def error_body(
    name: str,
    dialect: Dialect,
    *,
    model: str = "",
    detail: str = "",
    param: str | None = None,
    status: int | None = None,
) -> bytes:
    """The body of a problem in a dialect, JSON. Otherwise as `error_value`."""
    return json.dumps(error_value(name, dialect, model=model, detail=detail, param=param, status=status)).encode()


@attrs.frozen
class BadRequest(Exception):
    """The simulated provider refuses a request: a problem, with its words."""

    name: str
    detail: str
    param: str | None = None
