"""Vectors of the scorers: every operation over a population, the arithmetic, and where it rounds or overflows."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations_with_replacement

from vectors.book import Book
from vectors.world import MIX, WORLD, Json, candidate, mixed, row

# fmt: off

INF, MINUS, UNDEFINED = "inf", "-inf", "undefined"
MAX = 1.7976931348623157e308
CREDITS = ["field", "credits"]


def books() -> list[Book]:
    """The books of this module."""
    return [_constants(), _field(), _add(), _scale(), _neg(), _clamp(), _gate(), _normalize(), _multisets()]


def ask(book: Book, name: str, comment: str, term: Json, scores: Sequence[Json] | None, **rest: Json) -> None:
    """One scorer over candidates, with the scores that are due."""
    candidates = rest.pop("candidates", list(WORLD))
    given = {key: rest.pop(key) for key in ("vocabulary", "facts") if key in rest}
    flags = [*rest.pop("flags", []), *_flags_of(scores or [], candidates)]
    result = None if scores is None else {"scores": list(scores)}
    book.add(name, comment, input={**given, "term": term, "candidates": candidates}, result=result, flags=flags, **rest)


def _flags_of(scores: Sequence[Json], candidates: Sequence[Json]) -> list[str]:
    found = []
    if INF in scores or MINUS in scores:
        found.append("Infinite")
    if UNDEFINED in scores:
        found.append("Undefined")
    return found + (["Single"] if len(candidates) == 1 else [] if candidates else ["Empty"])


def credits(*values: Json) -> list[Json]:
    """Candidates with these credits, a field without a range."""
    return row("credits", values)


def _constants() -> Book:
    book = Book("semantics/lit", kind="score", about="The scorers `zero` and `lit`, which are the same for everybody.")
    three = credits(1, 2, 3)
    ask(book, "zero", "The scorer zero gives 0 to each member.", ["zero"], [0, 0, 0], candidates=three,
        flags=["AllEqual"])
    ask(book, "zero-of-none", "Over no members there are no scores.", ["zero"], [], candidates=[])
    ask(book, "lit-of-none", "A literal over no members gives no scores.", ["lit", 1], [], candidates=[])
    for name, value, due, flags in (
        ("one", 1, 1, []), ("negative", -2.5, -2.5, []), ("minus-zero", -0.0, 0, ["Minus0"]),
        ("tenth", 0.1, 0.1, ["Shortest"]), ("greatest", MAX, MAX, ["Edge"]),
        ("least-subnormal", 5e-324, 5e-324, ["DoubleSubnormal"]),
        ("two-to-the-53", 9007199254740993, 9007199254740992, ["IntegerEdge", "Rounding"]),
        ("half-way", 3002399751580330.5, 3002399751580330.5, []),
        ("scientific", 1e21, 1e21, []), ("half-subnormal", 5.960464477539063e-08, 5.960464477539063e-08,
                                         ["HalfSubnormal", "Shortest"]),
        ("single-subnormal", 1.401298464324817e-45, 1.401298464324817e-45, ["SingleSubnormal", "Shortest"]),
    ):
        ask(book, f"lit-{name}", f"The literal {value!r} is the score of each member, as the nearest binary64.",
            ["lit", value], [due, due], candidates=credits(1, 2), flags=["AllEqual", *flags])
    return book


def _field() -> Book:
    book = Book("semantics/field", kind="score", about="The scorer `field`, over fields of every source.")
    missing = ["MissingObservation"]
    ask(book, "catalogue", "A missing price is infinite.", ["field", "price_in"], [1, 0.5, INF, 2, 0, 1], flags=missing)
    ask(book, "state", "A missing number is the default of its field.", CREDITS, [0, 0, 0, 0, -3, 12.5], flags=missing)
    ask(book, "default-one", "The default of the success rate is 1.", ["field", "success_rate"], [1, 1, 1, 1, 0.5, 1],
        flags=missing)
    ask(book, "infinite-default", "A missing latency is infinite.", ["field", "latency_ms"],
        [300, INF, 900, INF, 0, 300], flags=missing)
    ask(book, "all-missing", "Where nobody shows a field everybody has its default.", ["field", "bench_math"], [0] * 6,
        flags=[*missing, "AllMissing"])
    ask(book, "own-defaults", "A vocabulary may have a default of either infinity.",
        ["add", ["field", "down"], ["field", "up"]], [7, INF, MINUS, UNDEFINED],
        vocabulary={"vocabulary": 1, "name": "v", "fields": {
            "up": {"sort": "num", "source": "state", "default": "inf"},
            "down": {"sort": "num", "source": "state", "default": "-inf"}}},
        candidates=[candidate("a", up=3, down=4), candidate("b", down=4), candidate("c", up=3), candidate("d")],
        flags=missing)
    ask(book, "request", "A number of the request is the same for each member.", ["field", "bucket"], [0.25] * 6,
        facts={"fields": {"bucket": 0.25}}, flags=["AllEqual"])
    ask(book, "request-default", "A budget that nobody stated is infinite.", ["field", "budget_left"], [INF] * 6,
        flags=[*missing, "AllEqual"])
    ask(book, "minus-zero", "A negative zero that was observed is 0.", CREDITS, [0], candidates=credits(-0.0),
        flags=["Minus0"])
    ask(book, "big-integer", "An integer beyond 2^53 is the binary64 nearest to it, ties to even.", CREDITS,
        [9007199254740992, 9007199254740996, 1.8446744073709552e19],
        candidates=credits(9007199254740993, 9007199254740995, 18446744073709551615), flags=["IntegerEdge", "Rounding"])
    cost = ["field", "call_cost"]

    def cost_of(prompt: Json, completion: Json) -> Json:
        return {"fields": {"prompt_tokens": prompt, "completion_tokens": completion}}

    ask(book, "call-cost", "Tokens times prices, summed, and then divided by a million.", cost,
        [0.003, 0.0015, INF, 0.006, 0, 0.003], facts=cost_of(1000, 500), flags=missing)
    ask(book, "call-cost-of-nothing", "A call of no tokens costs nothing where there are prices, and is undefined else.",
        cost, [0, 0, UNDEFINED, 0, 0, 0], facts=cost_of(0, 0), flags=missing)
    ask(book, "call-cost-defaults", "Without an estimate the tokens are 0.", cost, [0, 0, UNDEFINED, 0, 0, 0],
        flags=missing)
    ask(book, "call-cost-output-only", "One missing price and no tokens for it make the sum undefined.", cost,
        [UNDEFINED, 0.00001, INF], facts=cost_of(0, 10), flags=missing,
        candidates=[candidate("a", price_out=1), candidate("b", price_in=1, price_out=1), candidate("c", price_in=1)])
    prompt, completion = 123457.0, 7.0
    exact = (prompt * 0.1 + completion * 0.7) / 1e6
    assert exact != prompt * (0.1 / 1e6) + completion * (0.7 / 1e6)
    ask(book, "call-cost-order", "Dividing each product by a million first would round otherwise.", cost, [exact],
        facts=cost_of(123457, 7), candidates=[candidate("a", price_in=0.1, price_out=0.7)], flags=["Rounding"])
    ask(book, "call-cost-overflow", "A product that overflows is infinite, also where the quotient would not be.", cost,
        [INF], facts=cost_of(1e200, 0), candidates=[candidate("a", price_in=1e200, price_out=0)], flags=["Overflow"])
    ask(book, "call-cost-underflow", "A cost may be subnormal, or 0.", cost, [5e-324, 0],
        facts=cost_of(1, 0), candidates=[candidate("a", price_in=5e-318, price_out=0),
                                         candidate("b", price_in=5e-324, price_out=0)],
        flags=["Underflow", "DoubleSubnormal"])
    return book


def _add() -> Book:
    book = Book("semantics/add", kind="score",
                about="The scorer `add`: from left to right in the order of the normal form, starting from 0.")
    ask(book, "two", "A sum of a field and a literal.", ["add", CREDITS, ["lit", 1]], [2, 3], candidates=credits(1, 2))
    ask(book, "of-none", "A sum over no members.", ["add", CREDITS, ["lit", 1]], [], candidates=[])
    ask(book, "tenths", "The sum of 0.1 and 0.2 is not 0.3.", ["add", ["lit", 0.1], ["lit", 0.2]],
        [0.30000000000000004], candidates=credits(0), flags=["Rounding"])
    # The encodings of 0.1, 0.2 and 0.3 are ordered as they are: fb3fb9.., fb3fc9.., fb3fd3..
    ask(book, "in-order-of-normal-form", "Summands are added in the order of the normal form, not as they were written.",
        ["add", ["lit", 0.3], ["lit", 0.2], ["lit", 0.1]], [(0.1 + 0.2) + 0.3], candidates=credits(0),
        flags=["Rounding"])
    # 1e16 and -1e16 are doubles (fb..), 1 is an integer (01): 1 first, then the positive and the negative one.
    ask(book, "integers-first", "The summand 1 comes before great ones and is lost in them.",
        ["add", ["lit", 1e300], ["lit", 1], ["lit", -1e300]], [0], candidates=credits(0), flags=["Rounding"])
    ask(book, "one-and-a-half", "A half-precision summand comes before a double one, and is lost in it.",
        ["add", ["lit", 1.0000000000000002e17], ["lit", 1.5], ["lit", -1.0000000000000002e17]], [0],
        candidates=credits(0), flags=["Rounding"])
    ask(book, "from-zero", "A sum starts from 0, so that one of negative zeros is 0.",
        ["add", ["scale", -1, CREDITS], ["scale", -1, CREDITS]], [0], candidates=credits(0), flags=["Minus0"])
    ask(book, "equal-summands", "Equal summands are both added.", ["add", CREDITS, CREDITS], [3, 5],
        candidates=credits(1.5, 2.5))
    ask(book, "nested", "A nested sum is part of the outer one, so that brackets do not change the rounding.",
        ["add", ["lit", 0.3], ["add", ["lit", 0.2], ["lit", 0.1]]], [(0.1 + 0.2) + 0.3], candidates=credits(0),
        flags=["Rounding"])
    ask(book, "with-zero", "The summand zero vanishes.", ["add", ["zero"], CREDITS], [4], candidates=credits(4))
    ask(book, "of-zeros", "A sum of nothing but zero is zero.", ["add", ["zero"], ["zero"]], [0], candidates=credits(4))
    ask(book, "literal-zero", "The literal 0 is no zero and stays a summand.", ["add", ["lit", 0], CREDITS], [4],
        candidates=credits(4))
    ask(book, "overflow", "A sum that overflows is infinite.", ["add", CREDITS, ["lit", MAX]], [INF, MAX, MAX],
        candidates=credits(MAX, 0, 9.979201547673598e291), flags=["Overflow", "Rounding"])
    ask(book, "overflow-down", "A sum that overflows downwards is negatively infinite.",
        ["add", CREDITS, ["lit", -MAX]], [MINUS, 0], candidates=credits(-MAX, MAX), flags=["Overflow"])
    ask(book, "overflow-on-the-way", "An infinity on the way stays, although the whole sum would be finite.",
        ["add", CREDITS, CREDITS, ["scale", -1, CREDITS]], [INF], candidates=credits(MAX),
        flags=["Overflow", "Rounding"])
    ask(book, "opposite-infinities", "Infinities of opposite sign have no sum.",
        ["add", ["field", "latency_ms"], ["scale", -1, ["field", "price_in"]]], [5, INF, MINUS, UNDEFINED],
        candidates=mixed([5, INF, MINUS, UNDEFINED]), flags=["MissingObservation"])
    ask(book, "undefined-stays", "An undefined summand makes the sum undefined, whatever follows.",
        ["add", MIX, ["field", "latency_ms"], ["lit", 1]], [UNDEFINED, 11], candidates=mixed([UNDEFINED, 5]),
        flags=["MissingObservation"])
    ask(book, "equal-infinities", "Infinities of one sign add up to that infinity.",
        ["add", ["field", "latency_ms"], ["field", "price_in"]], [INF], candidates=[candidate("a")],
        flags=["MissingObservation"])
    ask(book, "subnormal", "A sum of normal numbers may be subnormal, and is not flushed to 0.",
        ["add", CREDITS, ["lit", -2.2250738585072014e-308]], [5e-324], candidates=credits(2.225073858507202e-308),
        flags=["DoubleSubnormal"])
    ask(book, "ties-to-even", "Half-way cases round to even.", ["add", CREDITS, ["lit", 1]],
        [9007199254740992, 9007199254740996], candidates=credits(9007199254740992, 9007199254740994), flags=["Rounding", "IntegerEdge"])
    many = ["add", *(["lit", 0.1] for _ in range(10))]
    ask(book, "ten-tenths", "Ten tenths added one by one are not 1.", many, [0.9999999999999999],
        candidates=credits(0), flags=["Rounding"])
    return book


def _scale() -> Book:
    book = Book("semantics/scale", kind="score", about="The scorer `scale`: one product for each member.")
    ask(book, "half", "A product with 0.5.", ["scale", 0.5, CREDITS], [0.5, -1], candidates=credits(1, -2))
    ask(book, "one", "A factor of 1 changes nothing.", ["scale", 1, CREDITS], [3, -2], candidates=credits(3, -2))
    ask(book, "negative", "A negative factor turns infinity around.", ["scale", -2, ["field", "latency_ms"]],
        [-600, MINUS], candidates=row("latency_ms", [300, None]), flags=["MissingObservation"])
    ask(book, "minus-zero", "A product of 0 and a negative number is 0 and not -0.", ["scale", -3, CREDITS], [0],
        candidates=credits(0), flags=["Minus0"])
    ask(book, "by-zero", "A factor of 0 makes zero, of an infinity too, since an equation drops what is scaled.",
        ["scale", 0, ["field", "latency_ms"]], [0, 0], candidates=row("latency_ms", [300, None]),
        flags=["MissingObservation", "AllEqual"])
    ask(book, "by-minus-zero", "A factor of -0 is a factor of 0.", ["scale", -0.0, ["field", "latency_ms"]], [0],
        candidates=row("latency_ms", [None]), flags=["Minus0", "MissingObservation"])
    ask(book, "underflow-to-zero-times", "A product that underflows is 0.", ["scale", 1e-200, CREDITS], [0, 0],
        candidates=credits(1e-200, -1e-200), flags=["Underflow", "Minus0"])
    ask(book, "of-zero", "A scaled zero is zero.", ["scale", 3, ["zero"]], [0], candidates=credits(1))
    ask(book, "overflow", "A product that overflows is infinite.", ["scale", 2, CREDITS], [INF, MINUS],
        candidates=credits(MAX, -MAX), flags=["Overflow"])
    ask(book, "undefined", "A scaled undefined score is undefined.", ["scale", 2, MIX], [UNDEFINED, 2, INF, MINUS],
        candidates=mixed([UNDEFINED, 1, INF, MINUS]), flags=["MissingObservation"])
    ask(book, "nested", "Two factors are multiplied one after the other and not with each other.",
        ["scale", 0.1, ["scale", 3, CREDITS]], [0.1 * (3 * 0.7)], candidates=credits(0.7), flags=["Rounding"])
    ask(book, "gradual-underflow", "A product may be subnormal.", ["scale", 0.5, CREDITS],
        [1.1125369292536007e-308, 0, 5e-324], candidates=credits(2.2250738585072014e-308, 5e-324, 1e-323),
        flags=["DoubleSubnormal", "Rounding", "Underflow"])
    a, x, b = 0.1, 10.0, -1.0
    assert a * x + b == 0
    ask(book, "no-fused-operation", "A product is rounded before it is added to: fused, this would be no 0.",
        ["add", ["scale", 0.1, CREDITS], ["lit", -1]], [0], candidates=credits(10), flags=["Rounding"])
    return book


def _neg() -> Book:
    book = Book("semantics/neg", kind="score", about="The scorer `neg`, which is 1 less the score and no change of sign.")
    ask(book, "values", "One less the score.", ["neg", CREDITS], [1, 0, 0.75, -1, 3], candidates=credits(0, 1, 0.25, 2, -2))
    ask(book, "one", "The difference of equal numbers is 0 and not -0.", ["neg", ["lit", 1]], [0],
        candidates=credits(0), flags=["Minus0"])
    ask(book, "infinities", "Infinities change their sign.", ["neg", MIX], [MINUS, INF, UNDEFINED],
        candidates=mixed([INF, MINUS, UNDEFINED]), flags=["MissingObservation"])
    ask(book, "twice", "Two of them are no involution, since each rounds.", ["neg", ["neg", CREDITS]],
        [1 - (1 - 0.1), 0, 1], candidates=credits(0.1, 1e-300, 1), flags=["Rounding"])
    ask(book, "normalized", "Of normalized scores it is the order turned around.", ["neg", ["normalize", CREDITS]],
        [1, 0.5, 0], candidates=credits(0, 1, 2))
    ask(book, "of-none", "Over no members there are no scores to turn around.", ["neg", CREDITS], [], candidates=[])
    ask(book, "great", "One is lost in a great number.", ["neg", CREDITS], [-1e300, 1e300], candidates=credits(1e300, -1e300),
        flags=["Rounding"])
    return book


def _clamp() -> Book:
    book = Book("semantics/clamp", kind="score", about="The scorer `clamp`: the lower bound is tested first.")
    for name, lo, hi in (("usual", 0, 1), ("negative", -2, -1), ("point", 1, 1), ("turned", 1, 0)):
        values = [-2.5, -1, 0, 0.5, 1, 7]
        ask(book, name, f"Numbers between, at and beyond the bounds {lo} and {hi}.", ["clamp", lo, hi, CREDITS],
            [lo if value < lo else hi if value > hi else value for value in values], candidates=credits(*values))
    ask(book, "infinities", "Infinities are bounded, an undefined score is not.", ["clamp", -5, 5, MIX],
        [-5, 5, UNDEFINED, 2], candidates=mixed([MINUS, INF, UNDEFINED, 2]), flags=["MissingObservation", "Infinite"])
    ask(book, "turned-infinities", "With the bounds turned around the lower one wins below it, the upper one above.",
        ["clamp", 10, 0, MIX], [10, 0, 10, 0, UNDEFINED], candidates=mixed([MINUS, INF, 5, 11, UNDEFINED]),
        flags=["MissingObservation", "Infinite"])
    ask(book, "minus-zero-bound", "A bound of -0 is 0.", ["clamp", -0.0, 1, CREDITS], [0, 0], candidates=credits(-1, 0),
        flags=["Minus0"])
    ask(book, "nested", "A clamp in a clamp stays: neither is taken for both.",
        ["clamp", 2, 3, ["clamp", 0, 1, CREDITS]], [2, 2], candidates=credits(0.5, 9))
    ask(book, "of-none", "Over no members there is nothing to bound.", ["clamp", 0, 1, CREDITS], [], candidates=[])
    return book


def _gate() -> Book:
    book = Book("semantics/gate", kind="score",
                about="The scorer `gate`: the scorer over the whole population, then 0 where the predicate refuses.")
    on = ["not", ["is", "disabled"]]
    ask(book, "open-and-shut", "The score stays where the predicate accepts and is 0 else.",
        ["gate", on, ["field", "price_in"]], [1, 0.5, INF, 0, 0, 1], flags=["MissingObservation"])
    ask(book, "shuts-infinity", "A shut gate gives 0 for infinite and undefined scores too.",
        ["gate", ["known", "price_in"], MIX], [3, INF, 0, 0], candidates=mixed([3, INF, MINUS, UNDEFINED]),
        flags=["MissingObservation", "Undefined"])
    ask(book, "normalize-inside", "A normalize in a gate sees the candidates that the gate refuses.",
        ["gate", on, ["normalize", CREDITS]], [0, 0.5, 0],
        candidates=[candidate("a", credits=0), candidate("b", credits=5),
                    candidate("c", credits=10, disabled=True)], flags=["MissingObservation"])
    ask(book, "normalize-outside", "A normalize around a gate sees the zeros that the gate has made.",
        ["normalize", ["gate", on, CREDITS]], [0.8, 1, 0],
        candidates=[candidate("a", credits=4), candidate("b", credits=5),
                    candidate("c", credits=10, disabled=True)], flags=["MissingObservation"])
    ask(book, "in-a-gate", "A gate in a gate.", ["gate", ["provider_eq", "a"], ["gate", on, CREDITS]],
        [0, 0, 0, 0, 0, 12.5], flags=["MissingObservation"])
    ask(book, "top", "A gate that is always open is none.", ["gate", ["top"], CREDITS], [2], candidates=credits(2))
    ask(book, "bot", "A gate that is always shut makes zero.", ["gate", ["bot"], ["field", "latency_ms"]], [0],
        candidates=[candidate("a")], flags=["MissingObservation"])
    ask(book, "of-zero", "A gate of zero is zero.", ["gate", on, ["zero"]], [0], candidates=credits(2))
    ask(book, "of-none", "Over no members no gate is asked.", ["gate", on, CREDITS], [], candidates=[])
    ask(book, "bonus", "A gate with a literal is a bonus for some.",
        ["add", ["normalize", ["field", "tok_s"]], ["gate", ["tag_in", "region", ["eu"]], ["lit", 0.25]]],
        [1.25, 0, 0, 0.25625, 0, 0.25], flags=["MissingObservation"])
    return book


NORMALIZE = ["normalize", MIX]


def _normalize() -> Book:
    book = Book("semantics/normalize", kind="score", about="The scorer `normalize`, by exactly one of its five rules.")
    ask(book, "of-none", "Over no members nothing is defined, and there is nothing to score.", ["normalize", CREDITS],
        [], candidates=[], rules=["normalize/degenerate"])
    ask(book, "one", "A single member has the score 0.", ["normalize", CREDITS], [0], candidates=credits(5),
        flags=["AllEqual"])
    ask(book, "all-equal", "Equal scores are all 0.", ["normalize", CREDITS], [0, 0, 0], candidates=credits(5, 5, 5),
        flags=["AllEqual"])
    ask(book, "all-missing", "Missing numbers with a finite default are all 0.", ["normalize", CREDITS], [0, 0],
        candidates=credits(None, None), flags=["AllMissing", "MissingObservation"])
    ask(book, "all-infinite", "Equal infinities are all 0.", ["normalize", ["field", "latency_ms"]], [0, 0],
        candidates=row("latency_ms", [None, None]), flags=["AllMissing", "MissingObservation", "Infinite"])
    ask(book, "minus-zero", "The scores 0 and -0 are equal.", ["normalize", ["scale", -1, CREDITS]], [0, 0],
        candidates=credits(0, -0.0), flags=["Minus0", "AllEqual"])
    ask(book, "scale", "The least is 0, the greatest 1.", ["normalize", CREDITS], [0, 0.25, 1],
        candidates=credits(-1, 0, 3))
    ask(book, "rounding", "A difference and a quotient, each rounded.", ["normalize", CREDITS],
        [0, (0.7 - 0.1) / (0.9 - 0.1), 1], candidates=credits(0.1, 0.7, 0.9), flags=["Rounding"])
    ask(book, "thirds", "A third is rounded.", ["normalize", CREDITS], [0, 0.3333333333333333, 0.6666666666666666, 1],
        candidates=credits(0, 1, 2, 3), flags=["Rounding"])
    ask(book, "no-reciprocal", "A quotient is no product with the reciprocal of the span.", ["normalize", CREDITS],
        [0, 5 / 49, 1], candidates=credits(0, 5, 49), flags=["Rounding"])
    ask(book, "subnormal-span", "A span may be subnormal, and its reciprocal infinite.", ["normalize", CREDITS],
        [0, 0.5, 1], candidates=credits(0, 5e-324, 1e-323), flags=["DoubleSubnormal"])
    ask(book, "idempotent", "Two of them are one.", ["normalize", ["normalize", CREDITS]], [0, 1], candidates=credits(1, 3))
    ask(book, "of-zero", "A normalized zero is zero.", ["normalize", ["zero"]], [0, 0], candidates=credits(1, 3),
        flags=["AllEqual"])
    ask(book, "of-literal", "A normalized literal is 0 for everybody.", ["normalize", ["lit", 3]], [0, 0],
        candidates=credits(1, 3), flags=["AllEqual"])
    for name, values in (("greatest", (-MAX, 0, MAX)), ("just-over", (-1e308, 1e308)), ("off-centre", (-1.5e308, 3e307, 1e308))):
        lo, hi = min(values), max(values)
        assert hi - lo == float("inf")
        ask(book, f"halve-{name}", "A span that overflows is halved, and so is what it divides.",
            ["normalize", CREDITS], [(value / 2 - lo / 2) / (hi / 2 - lo / 2) for value in values],
            candidates=credits(*values), flags=["Overflow"])
    ask(book, "just-not-halved", "A span of the greatest number does not overflow.", ["normalize", CREDITS],
        [0, 0.5, 1], candidates=credits(-MAX / 2, 0, MAX / 2), flags=["Edge"])
    # 2^1023 and 2^1023 - 2^970: the span is 2^1024 - 2^970, half-way, and rounds to infinity.
    ask(book, "halved-by-rounding", "A span that rounds to infinity is halved.", ["normalize", CREDITS], [0, 1],
        candidates=credits(-8.98846567431158e307, 8.988465674311579e307), flags=["Overflow", "Rounding", "PastEdge"])
    ask(book, "halve-with-infinities", "Infinities take the ends, and an overflowing span of the others is halved.",
        ["normalize", ["add", CREDITS, ["field", "latency_ms"]]], [0, 0.5, 1, 1],
        candidates=[candidate("a", credits=-MAX, latency_ms=0), candidate("b", credits=0, latency_ms=0),
                    candidate("c", credits=MAX, latency_ms=0), candidate("d", credits=0)],
        flags=["Overflow", "MissingObservation", "Infinite"])
    ask(book, "halve-subnormal", "Halving a subnormal number rounds it, here to 0.", ["normalize", CREDITS],
        [0, 0.5, 1], candidates=credits(-MAX, 5e-324, MAX), flags=["Overflow", "DoubleSubnormal"])
    ask(book, "missing-prices", "The unpriced candidate is at the far end, and the others are spread as without it.",
        ["normalize", ["field", "price_in"]], [0.5, 0.25, 1, 1, 0, 0.5], flags=["MissingObservation", "Infinite"])
    ask(book, "weighted", "The usual score: cheap and fast, weighed.",
        ["add", ["scale", 0.7, ["neg", ["normalize", ["field", "price_in"]]]],
         ["scale", 0.3, ["neg", ["normalize", ["field", "latency_ms"]]]]],
        None, flags=["MissingObservation", "Rounding"])
    return book


def _expected(values: Sequence[Json]) -> list[Json]:
    """The chapter's table, read off for the values 1, 2 and the special ones."""
    defined = {value for value in values if value != UNDEFINED}
    finite = sorted(value for value in defined if value not in (INF, MINUS))
    if len(defined) <= 1:
        return [UNDEFINED if value == UNDEFINED else 0 for value in values]
    low, high = MINUS in defined, INF in defined
    middle = {1: 0.0, 2: 1.0} if len(finite) > 1 else dict.fromkeys(finite, 0.5 if low and high else 1.0 if low else 0.0)
    return [{UNDEFINED: UNDEFINED, INF: 1, MINUS: 0}.get(value, middle.get(value)) for value in values]


def _multisets() -> Book:
    book = Book("semantics/normalize-mixtures", kind="score",
                about="The scorer `normalize` over all multisets of two to four of 1, 2, the infinities and undefined.")
    words = {1: "1", 2: "2", INF: "inf", MINUS: "minf", UNDEFINED: "und"}
    for size in (2, 3, 4):
        for values in combinations_with_replacement((1, 2, INF, MINUS, UNDEFINED), size):
            if size == 4 and len(set(values)) < 3:
                continue
            # Turned around every other time, so that no order of the population is favoured.
            turned = list(values) if len(set(values)) % 2 else list(values)[::-1]
            spelled = " ".join(map(str, turned))
            equal = ["AllEqual"] if len(set(values)) == 1 else []
            ask(book, "-".join(words[value] for value in turned), f"The scores {spelled} normalized.", NORMALIZE,
                _expected(turned), candidates=mixed(turned), flags=["MissingObservation", *equal]
                if set(values) & {INF, MINUS, UNDEFINED} else equal)
    return book
