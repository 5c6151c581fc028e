"""How long a provider asks to be left alone.

It may say so in `Retry-After` (seconds, or a date), in `retry-after-ms`, in the body (`retryDelay`), in the words of
the message (`try again in 1.2s`), or in the headers of its rate limits. The first that can be read counts.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime
from time import time
from typing import Final

__all__ = ["LONGEST_MS", "duration_ms", "retry_after_ms"]

LONGEST_MS: Final = 86_400_000.0
"""A day: nobody is left alone for longer than that at once."""

_UNITS: Final = {"ms": 1.0, "s": 1e3, "m": 6e4, "h": 3.6e6, "d": 8.64e7}
_DURATION: Final = (
    r"(?:\d{1,9}(?:\.\d{1,9})?\s?(?:milliseconds?|ms|seconds?|secs?|s|minutes?|mins?|m|hours?|h|days?|d)(?![a-z])\s?)+"
)
_IN_WORDS: Final = re.compile(
    rf"(?:try(?:ing)? again|retry(?:ing)?|wait)(?: request)?(?: in| after| for)?:? ({_DURATION})", re.I
)
_RESETS: Final = ("requests", "tokens", "requests-day", "tokens-minute")


def retry_after_ms(
    headers: Mapping[str, str],
    message: str = "",
    *,
    stated: str | None = None,
    limited: bool = False,
    now: Callable[[], float] = time,
) -> float | None:
    """Milliseconds to wait, from 0 to a day, or None if nothing is said.

    `headers` are looked up in lower case. `stated` is a duration from the body. Where the provider is `limited`, its
    headers on rate limits count as well; on other answers they are mere news.
    """
    for wait in (
        _number(headers.get("retry-after-ms"), 1.0),
        _number(headers.get("retry-after"), 1e3),
        _date(headers.get("retry-after"), headers, now),
        duration_ms(stated or ""),
        _in_words(message),
        _reset(headers, now) if limited else None,
    ):
        if wait is not None:
            return min(max(wait, 0.0), LONGEST_MS)
    return None


def duration_ms(text: str) -> float | None:
    """A duration such as `34s`, `6m0s`, `120ms`, `1.5 seconds` in milliseconds."""
    text = text.strip()
    if not re.fullmatch(_DURATION, text, re.I):
        return None
    parts = re.findall(r"(\d+(?:\.\d+)?)\s?([a-z]+)", text.lower())
    return sum(float(number) * _UNITS["ms" if unit.startswith(("ms", "milli")) else unit[0]] for number, unit in parts)


def _in_words(message: str) -> float | None:
    found = _IN_WORDS.search(message)
    return duration_ms(found[1]) if found else None


def _number(text: str | None, unit: float) -> float | None:
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number * unit if math.isfinite(number) else None


def _date(text: str | None, headers: Mapping[str, str], now: Callable[[], float]) -> float | None:
    """The time until a date, by the provider's own clock where it shows one."""
    moment = _timestamp(text)
    if moment is None:
        return None
    here = _timestamp(headers.get("date"))
    return (moment - (now() if here is None else here)) * 1e3


def _timestamp(text: str | None) -> float | None:
    try:
        return parsedate_to_datetime(text or "").timestamp()
    except (ValueError, OverflowError):
        return None


def _reset(headers: Mapping[str, str], now: Callable[[], float]) -> float | None:
    """When the rate limits begin anew: those of which nothing remains, else the last of them."""
    resets = {kind: duration_ms(headers.get(f"x-ratelimit-reset-{kind}", "")) for kind in _RESETS}
    told = {kind: wait for kind, wait in resets.items() if wait is not None}
    spent = [wait for kind, wait in told.items() if headers.get(f"x-ratelimit-remaining-{kind}", "").strip() == "0"]
    if told:
        return max(spent or told.values())
    reset = _number(headers.get("x-ratelimit-reset"), 1.0)
    if reset is None:
        return None
    if reset < 1e9:  # seconds from now; else since 1970, in seconds or milliseconds
        return reset * 1e3
    return (reset if reset > 1e11 else reset * 1e3) - now() * 1e3
