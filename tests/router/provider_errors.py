"""Errors as providers send them, each with the reason that it is: a name, the reason, the status, the body.

The shapes are those of each provider's interface; the words are cut down to what tells.
"""

from __future__ import annotations

import json
from typing import Any


def openai(message: str, code: object = None, type: str = "invalid_request_error") -> dict[str, Any]:
    return {"error": {"message": message, "type": type, "param": None, "code": code}}


def anthropic(type: str, message: str = "no") -> dict[str, Any]:
    return {"type": "error", "error": {"type": type, "message": message}, "request_id": "req_1"}


def gemini(code: int, status: str, message: str = "no", *details: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"error": {"code": code, "message": message, "status": status, "details": list(details)}}]


def quota(*names: str) -> dict[str, Any]:
    return {"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": [{"quotaId": name} for name in names]}


def compatible(message: str, code: object = None, type: str = "BadRequestError") -> dict[str, Any]:
    return {"object": "error", "message": message, "type": type, "param": None, "code": code}


SPENT = "You exceeded your current quota, please check your plan and billing details."
FLAGGED = {"reasons": ["violence"], "flagged_input": "a rate limit", "provider_name": "x"}
VLLM_LONG = "This model's maximum context length is 4096 tokens. However, you requested 5000 tokens."
WITHIN = json.dumps({"error": {"code": 429, "message": "Resource has been exhausted", "status": "RESOURCE_EXHAUSTED"}})

SHAPES: list[tuple[str, str, int, Any]] = [
    # OpenAI
    ("quota", "quota_exhausted", 429, openai(SPENT, "insufficient_quota", "insufficient_quota")),
    ("limit", "rate_limit", 429, openai("Rate limit reached for gpt-4o", "rate_limit_exceeded", "tokens")),
    (
        "one request",
        "context_overflow",
        429,
        openai(
            "Request too large for gpt-4o in organization org-1 on tokens per min (TPM): Limit 30000",
            "rate_limit_exceeded",
            "tokens",
        ),
    ),
    ("key", "auth_error", 401, openai("Incorrect API key provided: sk-ab***yz", "invalid_api_key")),
    ("no key", "auth_error", 401, openai("You didn't provide an API key.")),
    (
        "region",
        "auth_error",
        403,
        openai(
            "Country, region, or territory not supported", "unsupported_country_region_territory", "request_forbidden"
        ),
    ),
    (
        "model",
        "model_not_found",
        404,
        openai("The model `gpt-9` does not exist or you do not have access to it.", "model_not_found"),
    ),
    (
        "model of a project",
        "model_not_found",
        403,
        openai("Project `p` does not have access to model `m`", "model_not_found"),
    ),
    ("path", "bad_request", 404, openai("Invalid URL (POST /v1/chat)")),
    ("length", "context_overflow", 400, openai(VLLM_LONG, "context_length_exceeded")),
    (
        "a long text",
        "context_overflow",
        400,
        openai("Invalid 'messages[0].content': string too long.", "string_above_max_length"),
    ),
    (
        "policy",
        "content_filter",
        400,
        openai("Your request was rejected as a result of our safety system.", "content_policy_violation"),
    ),
    (
        "flagged prompt",
        "content_filter",
        400,
        openai("Invalid prompt: your prompt was flagged as potentially violating our usage policy.", "invalid_prompt"),
    ),
    ("hard limit", "quota_exhausted", 400, openai("Billing hard limit has been reached", "billing_hard_limit_reached")),
    (
        "not active",
        "payment_required",
        429,
        openai("Your account is not active, please check your billing details", "billing_not_active"),
    ),
    ("server", "server_error", 500, openai("The server had an error", None, "server_error")),
    (
        "busy",
        "overloaded",
        503,
        openai("The engine is currently overloaded, please try again later", None, "server_error"),
    ),
    ("slow down", "overloaded", 503, openai("Slow Down", "slow_down")),
    (
        "parameter",
        "bad_request",
        400,
        openai("Unsupported parameter: 'max_tokens' is not supported with this model.", "unsupported_parameter"),
    ),
    ("a shape that it refuses", "bad_request", 400, openai("Invalid value: 'developer'.", "invalid_value")),
    ("tools", "bad_request", 400, openai("This model does not support tools")),
    (
        "output",
        "bad_request",
        400,
        openai("max_tokens is too large: 9000. This model supports at most 4096 completion tokens"),
    ),
    # Azure
    (
        "azure filter",
        "content_filter",
        400,
        {
            "error": {
                "message": "The response was filtered",
                "code": "content_filter",
                "status": 400,
                "innererror": {"code": "ResponsibleAIPolicyViolation"},
            }
        },
    ),
    (
        "azure inner filter",
        "content_filter",
        400,
        {"error": {"message": "no", "code": None, "innererror": {"code": "ResponsibleAIPolicyViolation"}}},
    ),
    (
        "azure deployment",
        "model_not_found",
        404,
        {"error": {"code": "DeploymentNotFound", "message": "The API deployment for this resource does not exist."}},
    ),
    (
        "azure limit",
        "rate_limit",
        429,
        {
            "error": {
                "code": "429",
                "message": "Requests have exceeded the call rate limit of your tier. Please retry after 10 seconds.",
            }
        },
    ),
    # Anthropic
    ("overload", "overloaded", 529, anthropic("overloaded_error", "Overloaded")),
    (
        "anthropic limit",
        "rate_limit",
        429,
        anthropic(
            "rate_limit_error",
            "This request would exceed your organization's rate limit of 40,000 input tokens per minute",
        ),
    ),
    ("anthropic key", "auth_error", 401, anthropic("authentication_error", "invalid x-api-key")),
    ("permission", "auth_error", 403, anthropic("permission_error", "Your API key does not have permission")),
    ("anthropic model", "model_not_found", 404, anthropic("not_found_error", "model: claude-9")),
    ("anthropic path", "bad_request", 404, anthropic("not_found_error", "Not found")),
    ("too large", "context_overflow", 413, anthropic("request_too_large", "Request exceeds the maximum size")),
    (
        "too long",
        "context_overflow",
        400,
        anthropic("invalid_request_error", "prompt is too long: 210000 tokens > 200000 maximum"),
    ),
    (
        "anthropic sum",
        "context_overflow",
        400,
        anthropic(
            "invalid_request_error", "input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000"
        ),
    ),
    (
        "credit",
        "payment_required",
        400,
        anthropic("invalid_request_error", "Your credit balance is too low to access the Anthropic API."),
    ),
    (
        "spend",
        "quota_exhausted",
        400,
        anthropic("invalid_request_error", "You have reached your specified API usage limits."),
    ),
    ("anthropic request", "bad_request", 400, anthropic("invalid_request_error", "max_tokens: must be at least 1")),
    ("anthropic server", "server_error", 500, anthropic("api_error", "Internal server error")),
    ("anthropic timeout", "timeout", 504, anthropic("timeout_error", "no")),
    # Gemini
    (
        "a day's quota",
        "quota_exhausted",
        429,
        gemini(429, "RESOURCE_EXHAUSTED", SPENT, quota("GenerateRequestsPerDayPerProjectPerModel-FreeTier")),
    ),
    (
        "a minute's quota",
        "rate_limit",
        429,
        gemini(429, "RESOURCE_EXHAUSTED", SPENT, quota("GenerateRequestsPerMinutePerProjectPerModel")),
    ),
    (
        "both quotas",
        "quota_exhausted",
        429,
        gemini(429, "RESOURCE_EXHAUSTED", SPENT, quota("RequestsPerMinute", "RequestsPerDay")),
    ),
    (
        "exhausted",
        "rate_limit",
        429,
        gemini(429, "RESOURCE_EXHAUSTED", "Resource has been exhausted (e.g. check quota)."),
    ),
    (
        "gemini overload",
        "overloaded",
        503,
        gemini(503, "UNAVAILABLE", "The model is overloaded. Please try again later."),
    ),
    ("gemini down", "overloaded", 503, gemini(503, "UNAVAILABLE", "The service is currently unavailable.")),
    (
        "gemini key",
        "auth_error",
        400,
        gemini(
            400, "INVALID_ARGUMENT", "API key not valid. Please pass a valid API key.", {"reason": "API_KEY_INVALID"}
        ),
    ),
    (
        "gemini place",
        "auth_error",
        400,
        gemini(400, "FAILED_PRECONDITION", "User location is not supported for the API use."),
    ),
    (
        "gemini length",
        "context_overflow",
        400,
        gemini(
            400,
            "INVALID_ARGUMENT",
            "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).",
        ),
    ),
    (
        "gemini model",
        "model_not_found",
        404,
        gemini(404, "NOT_FOUND", "models/gemini-9 is not found for API version v1main"),
    ),
    ("gemini request", "bad_request", 400, gemini(400, "INVALID_ARGUMENT", "Invalid JSON payload received.")),
    ("gemini fault", "server_error", 500, gemini(500, "INTERNAL", "An internal error has occurred.")),
    ("gemini late", "timeout", 504, gemini(504, "DEADLINE_EXCEEDED", "no")),
    (
        "an error within the message",
        "rate_limit",
        429,
        {"error": {"message": WITHIN, "code": 429, "status": "Too Many Requests"}},
    ),
    # OpenRouter
    ("no credits", "payment_required", 402, {"error": {"code": 402, "message": "Insufficient credits"}}),
    (
        "can only afford",
        "payment_required",
        402,
        {"error": {"code": 402, "message": "This request requires more credits, or fewer max_tokens."}},
    ),
    (
        "moderation",
        "content_filter",
        403,
        {
            "error": {
                "code": 403,
                "message": "Your chosen model requires moderation and your input was flagged",
                "metadata": FLAGGED,
            }
        },
    ),
    (
        "upstream limit",
        "rate_limit",
        429,
        {
            "error": {
                "code": 429,
                "message": "Provider returned error",
                "metadata": {"raw": "x is temporarily rate-limited upstream", "provider_name": "x"},
            }
        },
    ),
    (
        "upstream length",
        "context_overflow",
        400,
        {
            "error": {
                "code": 400,
                "message": "Provider returned error",
                "metadata": {"raw": json.dumps(openai(VLLM_LONG))},
            }
        },
    ),
    (
        "free models",
        "quota_exhausted",
        429,
        {"error": {"code": 429, "message": "Rate limit exceeded: free-models-per-day"}},
    ),
    ("no endpoints", "model_not_found", 404, {"error": {"code": 404, "message": "No endpoints found for x/y."}}),
    ("not an id", "model_not_found", 400, {"error": {"code": 400, "message": "x/y is not a valid model ID"}}),
    (
        "nobody serves it",
        "model_unavailable",
        503,
        {
            "error": {
                "code": 503,
                "message": "There is no available model provider that meets your routing requirements",
            }
        },
    ),
    ("an error with 200", "server_error", 200, {"error": {"code": 502, "message": "Provider returned error"}}),
    ("no credits with 200", "payment_required", 200, {"error": {"code": 402, "message": "no"}}),
    # Mistral, Groq, DeepSeek, Together, xAI
    ("mistral limit", "rate_limit", 429, {"message": "Requests rate limit exceeded"}),
    ("mistral code", "rate_limit", 429, compatible("Rate limit exceeded", "1300", "rate_limited")),
    (
        "mistral tier",
        "overloaded",
        429,
        compatible("Service tier capacity exceeded for this model.", "3505", "service_tier_capacity_exceeded"),
    ),
    ("mistral model", "model_not_found", 400, compatible("Invalid model: x", "1500", "invalid_model")),
    ("mistral key", "auth_error", 401, {"detail": "Unauthorized"}),
    (
        "mistral shape",
        "bad_request",
        422,
        {
            "detail": [
                {
                    "type": "extra_forbidden",
                    "loc": ["body", "x"],
                    "msg": "Extra inputs are not permitted",
                    "input": "rate limit reached",
                }
            ]
        },
    ),
    (
        "mistral length",
        "context_overflow",
        400,
        compatible("Prompt contains 40000 tokens, too large for model with 32768 maximum context length"),
    ),
    (
        "groq size",
        "context_overflow",
        413,
        openai(
            "Request too large for model `m` on tokens per minute (TPM): Limit 6000, Requested 8000",
            "rate_limit_exceeded",
            "tokens",
        ),
    ),
    (
        "groq day",
        "quota_exhausted",
        429,
        openai(
            "Rate limit reached for model `m` on tokens per day (TPD): Limit 100000", "rate_limit_exceeded", "tokens"
        ),
    ),
    (
        "groq minute",
        "rate_limit",
        429,
        openai(
            "Rate limit reached for model `m` on requests per minute (RPM): Limit 30", "rate_limit_exceeded", "requests"
        ),
    ),
    ("groq json", "bad_response", 400, openai("Failed to generate JSON.", "json_validate_failed")),
    (
        "groq length",
        "context_overflow",
        400,
        openai("Please reduce the length of the messages or completion.", "context_length_exceeded"),
    ),
    ("groq retired", "model_not_found", 400, openai("The model `m` has been decommissioned", "model_decommissioned")),
    ("groq capacity", "overloaded", 498, {"error": {"message": "no", "code": "capacity_exceeded"}}),
    (
        "deepseek balance",
        "payment_required",
        402,
        openai("Insufficient Balance", "invalid_request_error", "unknown_error"),
    ),
    (
        "deepseek key",
        "auth_error",
        401,
        openai("Authentication Fails (no such user)", "invalid_request_error", "authentication_error"),
    ),
    ("deepseek model", "model_not_found", 400, openai("Model Not Exist", "invalid_request_error")),
    ("deepseek risk", "content_filter", 400, openai("Content Exists Risk", "invalid_request_error")),
    (
        "together length",
        "context_overflow",
        422,
        openai("Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4097."),
    ),
    ("together model", "model_unavailable", 404, openai("Unable to access model x.", "model_not_available")),
    (
        "xai key",
        "auth_error",
        400,
        {"code": "Client specified an invalid argument", "error": "Incorrect API key provided: xa***."},
    ),
    ("xai content", "content_filter", 403, {"code": "forbidden", "error": "Content violates usage guidelines."}),
    # servers one runs oneself
    ("vllm length", "context_overflow", 400, compatible(VLLM_LONG, 400)),
    (
        "vllm output",
        "context_overflow",
        400,
        compatible(
            "'max_tokens' is too large: 2000. This model's maximum context length is 4096 tokens",
            400,
        ),
    ),
    ("vllm model", "model_not_found", 404, compatible("The model `x` does not exist.", 404, "NotFoundError")),
    ("vllm shape", "bad_request", 400, compatible("[{'type': 'missing', 'loc': ('body', 'messages')}]", 400)),
    ("vllm fault", "server_error", 500, compatible("Internal server error", 500, "InternalServerError")),
    ("vllm in a stream", "server_error", 200, compatible("EngineCore died", 500, "InternalServerError")),
    (
        "llama.cpp length",
        "context_overflow",
        400,
        {
            "error": {
                "code": 400,
                "message": "the request exceeds the available context size, try increasing it",
                "type": "exceed_context_size_error",
                "n_prompt_tokens": 9,
                "n_ctx": 4,
            }
        },
    ),
    (
        "llama.cpp full",
        "context_overflow",
        500,
        {"error": {"code": 500, "message": "Context size has been exceeded.", "type": "server_error"}},
    ),
    (
        "llama.cpp loading",
        "model_unavailable",
        503,
        {"error": {"code": 503, "message": "Loading model", "type": "unavailable_error"}},
    ),
    (
        "llama.cpp key",
        "auth_error",
        401,
        {"error": {"code": 401, "message": "Invalid API Key", "type": "authentication_error"}},
    ),
    (
        "ollama model",
        "model_not_found",
        404,
        {
            "error": {
                "message": 'model "x" not found, try pulling it first',
                "type": "api_error",
                "param": None,
                "code": None,
            }
        },
    ),
    ("ollama text", "model_not_found", 404, {"error": "model 'x' not found"}),
    ("ollama busy", "overloaded", 503, {"error": "server busy, please try again.  maximum pending requests exceeded"}),
    (
        "ollama length",
        "context_overflow",
        400,
        {"error": {"message": "the input length exceeds the context length", "type": "api_error"}},
    ),
    ("hugging face", "model_unavailable", 503, {"error": "Model x is currently loading", "estimated_time": 20.0}),
    (
        "litellm",
        "rate_limit",
        500,
        {"error": {"message": "litellm.RateLimitError: no", "type": "None", "param": "None", "code": "429"}},
    ),
    (
        "litellm budget",
        "quota_exhausted",
        422,
        {"error": {"message": "Budget has been exceeded!", "type": "budget_exceeded", "param": None, "code": "422"}},
    ),
    ("litellm policy", "content_filter", 400, openai("litellm.ContentPolicyViolationError: no", "400", "None")),
    ("litellm window", "context_overflow", 400, openai("litellm.ContextWindowExceededError: no", "400", "None")),
    # texts, pages, nothing
    ("a text", "overloaded", 503, b"upstream overloaded"),
    ("envoy", "model_unavailable", 503, b"no healthy upstream"),
    ("a page", "server_error", 502, b"<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"),
    ("a page in time", "timeout", 504, b"<html><title>504 Gateway Time-out</title></html>"),
    ("a page on size", "bad_request", 413, b"<html><title>413 Request Entity Too Large</title></html>"),
    ("a page with 200", "bad_response", 200, b"<!doctype html><title>Welcome</title>"),
    ("nothing with 200", "bad_response", 200, b""),
    ("nothing with 204", "bad_response", 204, b""),
    ("null", "bad_response", 200, b"null"),
    ("cut JSON", "bad_response", 200, b'{"choices": [{"mess'),
    ("not UTF-8", "bad_response", 200, b'{"choices": "\xff"}'),
    ("a redirect", "bad_response", 302, b""),
    ("a redirect that says more", "bad_response", 307, openai(SPENT, "insufficient_quota")),
    ("unknown error with 200", "unknown", 200, {"error": {"message": "hm"}}),
    ("an empty error", "server_error", 500, {"error": {}}),
    ("a number", "server_error", 500, b"7"),
]
