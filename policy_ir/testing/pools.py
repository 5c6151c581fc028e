"""Small pools that parameters are drawn from: names of the standard vocabulary, edge numbers, awkward strings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import strategies as st

if TYPE_CHECKING:
    from policy_ir.vocabulary import Vocabulary

EDGE_NUMBERS: tuple[float, ...] = (
    0.0,
    1.0,
    0.5,
    -1.0,
    2.0,
    0.1,
    25.0,
    -0.25,
    2.0**53 - 1,
    2.0**53,
    -(2.0**53) + 1,
    -(2.0**53),
    1e100,
    3.516674041748047e-05,
    5.960464477539063e-08,
    65504.0,
    65505.0,
    1e-7,
    5e-324,
    2.2250738585072014e-308,
    3.4028234663852886e38,
    1.7976931348623157e308,
    -1.7976931348623157e308,
)
"""Where encoders go wrong: zero, the ends of the safe integers, half subnormals, every width, the extremes."""

EDGE_TEXTS: tuple[str, ...] = (
    "",
    "a",
    "and",
    "true",
    "bench-x",
    'quote " inside',
    "back\\slash",
    "line\nbreak\ttab\r",
    "\x00\x1f\x7f",
    "~0/~1",
    "/",
    "~",
    "é",
    "e\u0301",
    "\u00e9\u0323",
    "日本語",
    "\U0001f600",
    "\uffff",
    "\U0010ffff",
    "\u2028\u2029",
    "\ufeff",
    "from_ctx",
    "x" * 23,
    "x" * 24,
    "x" * 255,
    "é" * 128,
)
"""Where readers and printers go wrong: quotes, escapes, controls, reserved words, pointer characters, long heads."""

PROVIDERS = ("openai", "anthropic", "house")
FAMILIES = ("gpt-5.2", "claude", "llama")
TAG_VALUES = ("eu", "us", "openai", "anthropic", "apac", "gpt-5.2", "supports_tools")
REASONS = ("rate_limit", "timeout", "server_error", "auth_error", "unknown", "context_overflow", "x-house")


def standard() -> Vocabulary:
    """The vocabulary whose names and ranges are drawn."""
    from policy_ir.vocabulary import vocabulary

    return vocabulary("standard")


def numbers(minimum: float | None = None, maximum: float | None = None) -> st.SearchStrategy[float]:
    """Finite numbers of the language from a range, small ones and edges first; never -0, as terms have none."""

    def inside(number: float) -> bool:
        return (minimum is None or number >= minimum) and (maximum is None or number <= maximum)

    chosen = [number for number in (*(quarters / 4 for quarters in range(41)), *EDGE_NUMBERS) if inside(number)]
    wide = st.floats(minimum, maximum, allow_nan=False, allow_infinity=False).map(lambda number: number + 0.0)
    return st.one_of(st.sampled_from(chosen), wide) if chosen else wide


def integers(minimum: float | None = None, maximum: float | None = None) -> st.SearchStrategy[float]:
    """Integral numbers as binary64."""
    lo = -(2**53) if minimum is None else int(minimum)
    return st.integers(lo, 2**53 if maximum is None else int(maximum)).map(float)


def texts() -> st.SearchStrategy[str]:
    """Strings of the language: at most 256 bytes of UTF-8, no surrogates, mostly awkward."""
    free = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
    return st.one_of(st.sampled_from(EDGE_TEXTS), free)
