"""How long a provider asks to be left alone, in all the places where it may say so."""

from __future__ import annotations

import json
from typing import Any

import pytest

from policy_ir.router.classify import classify
from policy_ir.router.waiting import LONGEST_MS, duration_ms, retry_after_ms

DATE = "Wed, 21 Oct 2026 07:28:00 GMT"
LATER = "Wed, 21 Oct 2026 07:28:30 GMT"
MOMENT = 1_792_567_680.0


def wait_of(headers: dict[str, str], message: str = "", *, stated: str | None = None) -> float | None:
    return retry_after_ms(headers, message, stated=stated, limited=True, now=lambda: MOMENT)


@pytest.mark.parametrize(
    ("headers", "milliseconds"),
    [
        ({"retry-after": "7"}, 7000),
        ({"retry-after": " 0.5 "}, 500),
        ({"retry-after": "0"}, 0),
        ({"retry-after": "-3"}, 0),
        ({"retry-after-ms": "250"}, 250),
        ({"retry-after-ms": "250", "retry-after": "1"}, 250),
        ({"retry-after": LATER, "date": DATE}, 30_000),
        ({"retry-after": LATER, "date": "Wed, 21 Oct 2026 07:28:29 GMT"}, 1000),
        ({"retry-after": LATER}, 30_000),
        ({"retry-after": DATE, "date": LATER}, 0),
        ({"retry-after": "99999999999"}, LONGEST_MS),
        ({"x-ratelimit-reset-requests": "1s", "x-ratelimit-reset-tokens": "6m0s"}, 360_000),
        (
            {
                "x-ratelimit-reset-requests": "120ms",
                "x-ratelimit-remaining-requests": "0",
                "x-ratelimit-reset-tokens": "6m0s",
                "x-ratelimit-remaining-tokens": "50",
            },
            120,
        ),
        ({"x-ratelimit-reset": "12"}, 12_000),
        ({"x-ratelimit-reset": str(MOMENT + 9)}, 9000),
        ({"x-ratelimit-reset": str((MOMENT + 9) * 1000)}, 9000),
    ],
)
def test_headers_say_how_long_to_wait(headers: dict[str, str], milliseconds: float) -> None:
    assert wait_of(headers) == pytest.approx(milliseconds)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"retry-after": ""},
        {"retry-after": "soon"},
        {"retry-after": "nan"},
        {"retry-after": "inf"},
        {"retry-after": "Wed, 99 Oct 2026 07:28:00 GMT"},
        {"x-ratelimit-reset-tokens": "later"},
    ],
)
def test_what_cannot_be_read_says_nothing(headers: dict[str, str]) -> None:
    assert wait_of(headers) is None


def test_what_cannot_be_read_leaves_the_word_to_the_next() -> None:
    assert wait_of({"retry-after": "soon"}, "Please try again in 2s") == 2000


@pytest.mark.parametrize(
    ("message", "milliseconds"),
    [
        ("Limit 30000, Used 29000. Please try again in 1.2s. Visit the page", 1200),
        ("Please try again in 6m0s.", 360_000),
        ("Please try again in 1h2m3s", 3_723_000),
        ("Please try again in 500ms.", 500),
        ("Please retry in 34.074824224s.", 34_074.824224),
        ("Please retry after 10 seconds.", 10_000),
        ("retry after 1 second", 1000),
        ("Try again in 20 minutes.", 1_200_000),
        ("Wait for 3 s", 3000),
        ("please retry request after 5s", 5000),
    ],
)
def test_words_say_how_long_to_wait(message: str, milliseconds: float) -> None:
    assert wait_of({}, message) == pytest.approx(milliseconds)


@pytest.mark.parametrize("message", ["Please try again later.", "try again in spring", "retry 3 times", "in 5s"])
def test_other_words_do_not(message: str) -> None:
    assert wait_of({}, message) is None


@pytest.mark.parametrize("text", ["", "s", "5", "5x", "1s!", "-1s", "1s later", "1" * 400 + "s"])
def test_what_is_no_duration_is_none(text: str) -> None:
    assert duration_ms(text) is None


def failure_of(status: int, body: Any, headers: dict[str, str] | None = None) -> float | None:
    failure = classify(status, headers or {}, json.dumps(body).encode())
    assert failure is not None
    return failure.retry_after_ms


def test_gemini_says_it_in_the_details_of_the_error() -> None:
    details = [{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "34s"}]
    assert failure_of(429, [{"error": {"code": 429, "status": "RESOURCE_EXHAUSTED", "details": details}}]) == 34_000


def test_a_header_goes_before_the_body() -> None:
    body = {"error": {"message": "Please try again in 9s", "code": "rate_limit_exceeded"}}
    assert failure_of(429, body, {"retry-after": "2"}) == 2000


def test_headers_on_rate_limits_say_nothing_where_no_limit_was_hit() -> None:
    headers = {"x-ratelimit-reset-requests": "9s"}
    assert failure_of(500, {"error": {"message": "no"}}, headers) is None
    assert failure_of(429, {"error": {"message": "no"}}, headers) == 9000


def test_a_long_message_is_searched_in_no_time() -> None:
    assert wait_of({}, "try again in " + "1s" * 30_000) is not None
    assert wait_of({}, "try again in " + "1" * 60_000) is None
    assert wait_of({}, "retry " * 10_000) is None
