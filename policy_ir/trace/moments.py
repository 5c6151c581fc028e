"""Moments as people write them, `2h` ago, a day, a day with a time; and Unix times as dates."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Final

from policy_ir.diagnostics import Refused, codes, quoted

__all__ = ["date_of", "moment"]

_AGO: Final = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,6})?)(ms|s|m|h|d|w)")
_SECONDS: Final = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}


def moment(text: str, now: float) -> float:
    """The Unix time in seconds that a text says: an age (`90s`, `2h`, `7d`), or a date with or without a time, UTC
    where it names no zone (`2026-11-01`, `2026-11-01T08:30+01:00`). Raises `Refused` (`PIR0933`).
    """
    ago = _AGO.fullmatch(text)
    if ago:
        return now - float(ago[1]) * _SECONDS[ago[2]]
    try:
        read = datetime.fromisoformat(text)
        return (read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        raise Refused.because(
            codes.BAD_TIME,
            f"{quoted(text)} is not a time",
            found=quoted(text),
            expected="an age such as `90s`, `2h` or `7d`, or a date such as `2026-11-01` or `2026-11-01T08:30Z`",
        ) from None


def date_of(at: float) -> datetime | None:
    """A Unix time as a date with a time of day in UTC; None for one that no calendar has."""
    try:
        return datetime.fromtimestamp(at, UTC)
    except (ValueError, OverflowError, OSError):
        return None
