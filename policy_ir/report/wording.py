"""Numbers and names as people read them: with units, without noise."""

from __future__ import annotations

from math import inf, isinf, isnan

UNKNOWN = "not known"
UNDEFINED = "undefined"


def number(value: float, digits: int = 6) -> str:
    """A number with so many significant digits at most, thousands parted, never in exponent form below 1e15.

    `inf`, `-inf` and undefined are words.
    """
    if isnan(value):
        return UNDEFINED
    if isinf(value):
        return "inf" if value > 0 else "-inf"
    if value == int(value) and abs(value) < 1e15:
        return f"{int(value):,}"
    if not 1e-6 <= abs(value) < 1e15:
        return f"{value:.{digits}g}"
    text = f"{value:.{digits}g}"
    if "e" in text:
        text = f"{value:.{digits + 5}f}"
    whole, _, fraction = text.partition(".")
    fraction = fraction.rstrip("0")
    sign = "-" if whole.startswith("-") else ""
    whole = f"{sign}{int(whole.lstrip('-')):,}"
    return f"{whole}.{fraction}" if fraction else whole


def score(value: float) -> str:
    """A score: three decimals where it is an ordinary number."""
    if isnan(value) or isinf(value) or (value != 0 and not 1e-3 <= abs(value) < 1e6):
        return number(value, 4)
    return f"{value:,.3f}"


def amount(value: object, unit: str | None = None) -> str:
    """An observed value of a field with its unit, as in `USD 14 per Mtok`, `272,000 tokens`, `eu, us`."""
    match value:
        case None:
            return UNKNOWN
        case bool():
            return "yes" if value else "no"
        case int() | float():
            text = number(float(value))
        case str():
            return value
        case tuple() | list():
            return ", ".join(map(str, value)) or "none"
        case _:
            return str(value)
    match unit:
        case None | "ratio":
            return text
        case "USD":
            return f"USD {text}"
        case "USD/Mtok":
            return f"USD {text} per Mtok"
        case _:
            return f"{text} {unit}"


def price(price_in: float | None, price_out: float | None) -> str:
    """The prices of input and output, as in `USD 1.75 / 14 per Mtok`."""
    if price_in is None and price_out is None:
        return "price not known"
    if price_in == 0 and price_out == 0:
        return "free"
    return f"USD {_price(price_in)} / {_price(price_out)} per Mtok"


def _price(value: float | None) -> str:
    return "?" if value is None or value == inf else number(value)


def cost(value: float | None) -> str:
    """What a call costs, as in `USD 0.0021`."""
    return UNKNOWN if value is None or value == inf else f"USD {number(value, 3)}"


def counted(count: int, singular: str, plural: str | None = None) -> str:
    """A count with its noun: `1 candidate`, `81 candidates`."""
    return f"{count:,} {singular if count == 1 else plural or singular + 's'}"


def shortened(text: str, limit: int) -> str:
    """A text of at most so many characters, with an ellipsis for what is left out."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def duration(ms: float) -> str:
    """Milliseconds as people say them: `0.4 ms`, `340 ms`, `1.24 s`, `2 min 5 s`."""
    if ms < 0.05:
        return "0 ms"
    if ms < 999.5:
        return f"{_fixed(ms, 1 if ms < 9.95 else 0)} ms"
    if ms < 59_950:
        return f"{_fixed(ms / 1000, 2 if ms < 9_995 else 1)} s"
    minutes, seconds = divmod(round(ms / 1000), 60)
    if minutes < 120:
        return f"{minutes:,} min" + (f" {seconds} s" if seconds else "")
    return f"{minutes // 60:,} h {minutes % 60} min"


def _fixed(value: float, digits: int) -> str:
    text = f"{value:.{digits}f}"
    return text.rstrip("0").rstrip(".") if digits else text
