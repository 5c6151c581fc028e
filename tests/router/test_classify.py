"""Why an attempt has failed: the shapes that providers' errors have, and the table row by row."""

from __future__ import annotations

import json
from typing import Any

import aiohttp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from provider_errors import SHAPES

from policy_ir.failover import ROUTER_REASONS
from policy_ir.router.classify import EXCEPTIONS, RULES, STATUSES, Failure, Rule, classify, classify_exception


def failed(status: int, body: Any, headers: dict[str, str] | None = None) -> Failure:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    failure = classify(status, headers or {}, raw)
    assert failure is not None
    return failure


@pytest.mark.parametrize(("reason", "status", "body"), [row[1:] for row in SHAPES], ids=[row[0] for row in SHAPES])
def test_a_provider_s_error_has_the_reason_that_its_body_gives(reason: str, status: int, body: Any) -> None:
    failure = failed(status, body)
    assert (failure.reason, failure.status) == (reason, status)
    assert failure.message


@pytest.mark.parametrize(
    ("reason", "status", "body"),
    [row[1:] for row in SHAPES if not isinstance(row[3], bytes) and row[2] == 200],
    ids=[row[0] for row in SHAPES if not isinstance(row[3], bytes) and row[2] == 200],
)
def test_an_error_within_a_stream_has_the_reason_that_it_has_alone(reason: str, status: int, body: Any) -> None:
    failure = classify(status, {}, b"", stream_error=body)
    assert failure is not None
    assert failure.reason == reason


STATED = [(rule, code) for rule in RULES for code in sorted(rule.codes)]
WORDED = [(rule, phrase) for rule in RULES for phrase in rule.phrases]


def a_status(rule: Rule) -> int:
    return 418 if rule.among is None else min(rule.among - {200}, default=200)


@pytest.mark.parametrize(("rule", "code"), STATED, ids=[f"{rule.reason}-{code}" for rule, code in STATED])
def test_each_code_of_the_table_gives_its_reason(rule: Rule, code: str) -> None:
    name = {"quota_per_day": "XPerDayY", "quota_per_minute": "XPerMinuteY"}.get(code, code.upper())
    assert failed(a_status(rule), {"error": {"code": name, "message": "no"}}).reason == rule.reason


@pytest.mark.parametrize(("rule", "phrase"), WORDED, ids=[f"{rule.reason}-{phrase}" for rule, phrase in WORDED])
def test_each_phrase_of_the_table_gives_its_reason(rule: Rule, phrase: str) -> None:
    said = "Sorry, " + phrase.replace("…", " 12,000 ").upper() + "."
    assert failed(a_status(rule), {"error": {"message": said}}).reason == rule.reason


@pytest.mark.parametrize(("status", "reason"), STATUSES.items())
def test_each_status_of_the_table_gives_its_reason_where_the_body_says_nothing(status: int, reason: str) -> None:
    assert failed(status, b"").reason == reason
    assert failed(200, {"error": {"code": status}}).reason == reason


def test_the_table_names_no_reason_that_a_router_does_not_emit() -> None:
    named = {rule.reason for rule in RULES} | set(STATUSES.values()) | {reason for _, reason, _ in EXCEPTIONS}
    assert named <= set(ROUTER_REASONS)


@pytest.mark.parametrize(
    "body",
    [
        {"choices": [{"message": {"content": "a rate limit error"}}]},
        {"id": "x", "object": "chat.completion", "choices": [], "error": None},
        {"choices": [{"message": {"content": "x"}}], "detail": "low", "message": "welcome"},
    ],
)
def test_an_answer_is_no_failure(body: dict[str, Any]) -> None:
    assert classify(200, {}, json.dumps(body).encode()) is None


def test_what_the_caller_sent_and_the_provider_echoes_is_not_looked_at() -> None:
    body = {
        "detail": [{"msg": "Field required", "input": {"error": {"code": "insufficient_quota"}}, "ctx": "overloaded"}]
    }
    failure = failed(422, body)
    assert (failure.reason, failure.message) == ("bad_request", "Field required")


def test_a_message_is_one_line_of_what_the_provider_says() -> None:
    assert failed(502, b"<html><style>p{}</style><title>502 Bad\nGateway</title><p>nginx\x00</html>").message == (
        "502 Bad Gateway nginx"
    )
    body = {"error": {"message": "Provider returned error", "metadata": {"raw": '{"error": {"message": "no GPU"}}'}}}
    assert failed(502, body).message == "Provider returned error; no GPU"


def test_a_message_is_short() -> None:
    assert len(failed(500, {"error": {"message": "long " * 1000}}).message) <= 300


def test_an_error_without_words_says_its_status() -> None:
    assert failed(503, b"").message == "status 503 without a message"


def test_secrets_are_taken_out_before_the_message_is_shortened() -> None:
    body = {"error": {"message": "x" * 295 + " sk-secret"}}
    failure = classify(401, {}, json.dumps(body).encode(), redact=lambda text: text.replace("sk-secret", "***"))
    assert failure is not None
    assert failure.message == "x" * 295 + " ***"


def test_an_error_that_is_deep_or_wide_is_read_within_bounds() -> None:
    deep: Any = {"code": "insufficient_quota"}
    for _ in range(500):
        deep = {"error": deep}
    assert failed(500, deep).reason == "server_error"
    assert failed(500, {"details": [{"code": "x"}] * 100_000}).reason == "server_error"
    assert failed(200, b"[" * 100_000).reason == "bad_response"
    assert failed(500, {"error": {"message": '{"error":' * 5000}}).reason == "server_error"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["error", "code", "type", "message", "status", "details", "metadata", "raw", "choices"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=200, deadline=None)
@given(st.sampled_from([200, 204, 301, 400, 404, 429, 500, 529, 599]), st.binary(max_size=40) | JSON.map(json.dumps))
def test_every_answer_is_a_success_or_has_a_reason(status: int, body: bytes | str) -> None:
    failure = classify(status, {}, body.encode() if isinstance(body, str) else body)
    assert failure is None or (failure.reason in ROUTER_REASONS and 0 < len(failure.message) <= 300)
    assert failure is not None or status < 300


def test_each_exception_of_a_connection_has_a_reason() -> None:
    assert classify_exception(TimeoutError()).reason == "timeout"
    assert classify_exception(aiohttp.ConnectionTimeoutError()).reason == "timeout"
    assert classify_exception(aiohttp.ServerDisconnectedError()).reason == "network_error"
    assert classify_exception(aiohttp.ClientOSError(104, "reset")).reason == "network_error"
    assert classify_exception(aiohttp.ClientPayloadError("cut")).reason == "network_error"
    assert classify_exception(ConnectionResetError()).reason == "network_error"
    assert classify_exception(ValueError("a fault of ours")).reason == "unknown"


def test_the_words_for_an_exception_name_no_host() -> None:
    message = classify_exception(aiohttp.ClientOSError(104, "https://key@host:1/path")).message
    assert "host" not in message
