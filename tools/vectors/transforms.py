"""Vectors of the transforms: what they write into a request, what they leave, and what the host is to do."""

from __future__ import annotations

from vectors.book import Book
from vectors.world import Json, candidate

# fmt: off

MAX = 1.7976931348623157e308
M = 2**31 - 1
WIDE = {"vocabulary": 1, "name": "v", "recipes": ["Mask"], "customs": {"footer": "3", "header": "1"},
        "params": {"x": {"sort": "number"}, "i": {"sort": "integer"}, "flag": {"sort": "boolean"},
                   "word": {"sort": "string"}, "level": {"sort": "string", "choices": ["high", "low"]}}}
"""A vocabulary with a parameter of each sort, without ranges."""


def books() -> list[Book]:
    """The books of this module."""
    return [_set_param(), _clamp_param(), _seeds(), _jitter(), _others(), _directives(), _compound()]


def ask(book: Book, name: str, comment: str, term: Json, request: Json, due: Json, **rest: Json) -> None:
    """One transform of a request, with the request that is due, and directives if there are any."""
    directives = rest.pop("directives", {})
    given = {key: rest.pop(key) for key in ("vocabulary", "facts", "seed") if key in rest}
    candidates = rest.pop("candidates", [candidate("a")])
    book.add(name, comment, input={**given, "term": term, "candidates": candidates, "request": request},
             result={"request": due, "directives": {"customs": [], **directives}}, **rest)


def _set_param() -> Book:
    book = Book("semantics/set-param", kind="transform", about="The transforms `set_param` and `id`.")
    ask(book, "new", "A parameter that is not there is written.", ["set_param", "temperature", 0.5], {"model": "m"},
        {"model": "m", "temperature": 0.5})
    ask(book, "overwrite", "A parameter that is there is written over, whatever it was.",
        ["set_param", "temperature", 1], {"temperature": "hot", "a": None}, {"temperature": 1, "a": None})
    ask(book, "empty-request", "An empty request gets its first parameter.", ["set_param", "max_tokens", 5], {},
        {"max_tokens": 5}, flags=["Empty"])
    ask(book, "text", "A text is written as it is.", ["set_param", "reasoning_effort", "low"], {},
        {"reasoning_effort": "low"})
    ask(book, "text-of-context", "A text that looks like a reference is a text.", ["set_param", "word", "from_ctx"], {},
        {"word": "from_ctx"}, vocabulary=WIDE)
    ask(book, "empty-text", "An empty text is a text.", ["set_param", "word", ""], {}, {"word": ""}, vocabulary=WIDE)
    ask(book, "true", "A boolean is written as a boolean.", ["set_param", "flag", True], {"flag": 0}, {"flag": True},
        vocabulary=WIDE)
    ask(book, "false", "A false is written as false, and not as 0.", ["set_param", "flag", False], {"flag": 1},
        {"flag": False}, vocabulary=WIDE)
    ask(book, "minus-zero", "A negative zero is written as 0.", ["set_param", "x", -0.0], {}, {"x": 0},
        vocabulary=WIDE, flags=["Minus0"])
    ask(book, "great", "A number beyond 2^53 - 1 is written as the binary64 it is.", ["set_param", "x", 1e300], {},
        {"x": 1e300}, vocabulary=WIDE)
    ask(book, "integer-edge", "The greatest exact integer is written.", ["set_param", "i", 9007199254740991], {},
        {"i": 9007199254740991}, vocabulary=WIDE, flags=["IntegerEdge"])
    ask(book, "nested-parameter", "Parameters are members at the top only.", ["set_param", "temperature", 0],
        {"extra": {"temperature": 1}}, {"extra": {"temperature": 1}, "temperature": 0})
    ask(book, "id", "The transform id changes nothing.", ["id"], {"temperature": 1.5, "messages": []},
        {"temperature": 1.5, "messages": []})
    ask(book, "rest-untouched", "Whatever else is in the request stays as it was.", ["set_param", "top_p", 1],
        {"n": 1e22, "text": "caf\u00e9", "deep": [[{"a": None}]], "__proto__": 1, "": False},
        {"n": 1e22, "text": "caf\u00e9", "deep": [[{"a": None}]], "__proto__": 1, "": False, "top_p": 1},
        flags=["HostName", "Unicode"])
    for name, term, code in (
        ("undeclared", ["set_param", "model", "x"], "PIR0404 /1"), ("kind", ["set_param", "max_tokens", "5"], "PIR0405 /2"),
        ("fraction", ["set_param", "max_tokens", 0.5], "PIR0405 /2"), ("range", ["set_param", "top_p", 1.5], "PIR0406 /2"),
        ("choice", ["set_param", "reasoning_effort", "most"], "PIR0406 /2"),
    ):
        book.add(f"not-admitted-{name}", f"A policy cannot write `{term[1]}` as {term[2]!r}.",
                 input={"term": term, "candidates": [candidate("a")], "request": {}}, refused=code)
    return book


def _clamp_param() -> Book:
    book = Book("semantics/clamp-param", kind="transform", about="The transform `clamp_param`, by its four rules.")
    term = ["clamp_param", "x", 0.5, 2]
    for value, due in ((-1, 0.5), (0.5, 0.5), (1, 1), (2, 2), (2.0000000000000004, 2), (0.49999999999999994, 0.5),
                       (1e300, 2), (-1e300, 0.5), (5e-324, 0.5)):
        name = str(value).replace(".", "-").replace("e-", "e-minus-").replace("+", "")
        ask(book, f"value-{name.replace('--', '-').lstrip('-') if value > 0 else 'minus-' + name.lstrip('-')}",
            f"The value {value!r} against the bounds 0.5 and 2.", term, {"x": value}, {"x": due}, vocabulary=WIDE)
    for name, value in (("text", "1000"), ("true", True), ("false", False), ("null", None), ("list", [9]),
                        ("object", {"x": 9})):
        ask(book, f"skip-{name}", f"What is no number is left as it is: a value of {value!r}.", term, {"x": value},
            {"x": value}, vocabulary=WIDE)
    ask(book, "skip-absent", "A parameter that is not there is not written.", term, {"y": 9}, {"y": 9}, vocabulary=WIDE)
    ask(book, "integral-bound", "A bound that is integral is written as an integer.",
        ["clamp_param", "max_tokens", 16.0, 100], {"max_tokens": 1}, {"max_tokens": 16})
    ask(book, "turned", "With the bounds turned around the lower one is tested first.",
        ["clamp_param", "x", 2, 1], {"x": 1.5}, {"x": 2}, vocabulary=WIDE)
    ask(book, "turned-above", "With the bounds turned around a value above both becomes the upper one, which is less.",
        ["clamp_param", "x", 2, 1], {"x": 5}, {"x": 1}, vocabulary=WIDE)
    ask(book, "turned-at-low", "With the bounds turned around a value at the lower one is above the other.",
        ["clamp_param", "x", 2, 1], {"x": 2}, {"x": 1}, vocabulary=WIDE)
    ask(book, "minus-zero-bound", "A bound of -0 is written as 0.", ["clamp_param", "x", -0.0, 1], {"x": -3}, {"x": 0},
        vocabulary=WIDE, flags=["Minus0"])
    ask(book, "big-integer", "A whole number beyond binary64 is infinite, and becomes the upper bound.", term,
        {"x": 10**400}, {"x": 2}, vocabulary=WIDE, flags=["Overflow"])
    ask(book, "big-negative-integer", "A whole number beyond binary64 on the other side becomes the lower bound.", term,
        {"x": -(10**400)}, {"x": 0.5}, vocabulary=WIDE, flags=["Overflow"])
    ask(book, "rounded-to-bound", "An integer is compared as the nearest binary64, and is left as it was.",
        ["clamp_param", "x", 0, 9007199254740992], {"x": 9007199254740993}, {"x": 9007199254740993}, vocabulary=WIDE,
        flags=["IntegerEdge", "Rounding"])
    ask(book, "kept-as-written", "A value between the bounds is left as it was written.", term, {"x": 1.0}, {"x": 1.0},
        vocabulary=WIDE)
    return book


def _seeds() -> Book:
    book = Book("semantics/inject-seed", kind="transform", about="The transform `inject_seed`.")
    for seed in (0, 1, 7.0, M, 2**53 - 1):
        ask(book, f"seed-{int(seed)}", f"The seed {int(seed)} is written as it is, and not reduced.",
            ["inject_seed", "seed"], {"seed": 5}, {"seed": int(seed)}, seed=seed,
            flags=["Seeded", *(["Edge", "IntegerEdge"] if seed == 2**53 - 1 else [])])
    ask(book, "new", "A seed is written where there was none in the request.", ["inject_seed", "seed"], {}, {"seed": 3},
        seed=3, flags=["Seeded"])
    ask(book, "unseeded", "Without a seed the request keeps its own.", ["inject_seed", "seed"], {"seed": 5}, {"seed": 5})
    ask(book, "unseeded-absent", "Without a seed nothing is written.", ["inject_seed", "seed"], {}, {}, flags=["Empty"])
    ask(book, "other-parameter", "A seed goes into any parameter that holds all seeds.", ["inject_seed", "i"], {},
        {"i": 12}, seed=12, vocabulary=WIDE, flags=["Seeded"])
    book.add("narrow-parameter", "A parameter that does not hold all seeds takes none.", refused="PIR0406 /1",
             input={"term": ["inject_seed", "top_k"], "candidates": [candidate("a")], "request": {}, "seed": 1})
    book.add("no-seed", "A seed that is none refuses an attempt too.", refused="PIR0730 ", denies=["seed/range"],
             input={"term": ["id"], "candidates": [candidate("a")], "request": {}, "seed": -0.5})
    return book


def _shift(param: str, amplitude: float, seed: int) -> float:
    """The shift as the chapter has it, written once more and plainly."""
    h = 0
    for byte in ("jitter:" + param).encode():
        h = (31 * h + byte) % M
    state = (seed % M + h) % M
    state = state % M or M - 1
    for _ in range(5):
        state = 16807 * state % M
    return (2.0 * (state / M) - 1.0) * amplitude


def _jitter() -> Book:
    book = Book("semantics/jitter", kind="transform", about="The transform `jitter`: one shift for a seed and a name.")

    def shift(name: str, comment: str, param: str, amplitude: float, seed: Json, value: Json = None, **rest: Json) -> None:
        e = _shift(param, amplitude, int(seed))
        numeric = isinstance(value, int | float) and not isinstance(value, bool)
        ask(book, name, comment, ["jitter", param, amplitude], {} if value is None else {param: value},
            {param: value + e if numeric else e}, seed=seed, flags=["Seeded", *rest.pop("flags", [])], **rest)

    for seed in (0, 1, 7, 12345, M - 1, M, M + 1, 2**53 - 1):
        shift(f"set-{seed}", f"Without a value the shift itself is written, here for the seed {seed}.", "temperature",
              0.3, seed)
        shift(f"shift-{seed}", f"A number is shifted, here for the seed {seed}.", "temperature", 0.3, seed, 0.7,
              flags=["Rounding"])
    shift("other-name", "Another name is shifted by another amount.", "top_p", 0.3, 7, 0.7)
    shift("negative-amplitude", "A negative amplitude shifts the other way.", "temperature", -0.3, 7, 0.7)
    shift("text", "A text is no number, and the shift replaces it.", "temperature", 0.5, 7, "warm")
    shift("true", "A boolean is no number, and the shift replaces it.", "temperature", 0.5, 7, True)
    shift("beyond-range", "A shift may leave the range of its parameter.", "temperature", 2, 7, 2)
    shift("integer", "An integer is shifted as a number.", "temperature", 1, 8, 1)
    shift("long-name", "The hash of a long name is reduced on the way.", "presence_penalty", 0.25, 99, 0)
    shift("seed-as-float", "A seed of 7.0 shifts as 7 does.", "frequency_penalty", 0.25, 7.0, 1)
    ask(book, "amplitude-zero", "An amplitude of 0 writes 0, of either sign.", ["jitter", "temperature", 0], {},
        {"temperature": 0}, seed=7, flags=["Seeded", "Minus0"])
    ask(book, "amplitude-minus-zero", "An amplitude of -0 is 0.", ["jitter", "temperature", -0.0], {},
        {"temperature": 0}, seed=1, flags=["Seeded", "Minus0"])
    ask(book, "null", "A value of null is no number, and the shift replaces it.", ["jitter", "temperature", 0.5],
        {"temperature": None}, {"temperature": _shift("temperature", 0.5, 7)}, seed=7, flags=["Seeded"])
    ask(book, "unseeded", "Without a seed nothing is shifted.", ["jitter", "temperature", 0.3], {"temperature": 0.7},
        {"temperature": 0.7})
    ask(book, "unseeded-absent", "Without a seed nothing is written.", ["jitter", "temperature", 0.3], {}, {},
        flags=["Empty"])
    up = next(seed for seed in range(100) if _shift("x", 1, seed) > 0.5)
    down = next(seed for seed in range(100) if _shift("x", 1, seed) < -0.5)
    for word, seed, value in (("up", up, MAX), ("down", down, -MAX)):
        ask(book, f"overflow-{word}", f"A sum that overflows {word}wards leaves the value as it was.",
            ["jitter", "x", MAX], {"x": value}, {"x": value}, seed=seed, vocabulary=WIDE, flags=["Seeded", "Overflow"])
    ask(book, "no-overflow", "The other way the greatest number can be shifted.", ["jitter", "x", MAX], {"x": MAX},
        {"x": MAX + _shift("x", MAX, down)}, seed=down, vocabulary=WIDE, flags=["Seeded"])
    ask(book, "twice", "Each of two shifts is the same.",
        ["seq", ["jitter", "temperature", 0.25], ["jitter", "temperature", 0.25]], {"temperature": 1},
        {"temperature": 1 + _shift("temperature", 0.25, 7) + _shift("temperature", 0.25, 7)}, seed=7, flags=["Seeded"])
    ask(book, "then-clamped", "A clamp after a shift bounds the result.",
        ["seq", ["jitter", "temperature", 2], ["clamp_param", "temperature", 0.5, 0.5]], {"temperature": 1},
        {"temperature": 0.5}, seed=7, flags=["Seeded"])
    astral = {"vocabulary": 1, "name": "v", "params": {"Aa_9": {"sort": "number"}}}
    e = _shift("Aa_9", 1, 3)
    ask(book, "mixed-name", "A name of capitals, digits and a low line is hashed byte by byte.", ["jitter", "Aa_9", 1],
        {}, {"Aa_9": e}, seed=3, vocabulary=astral, flags=["Seeded"])
    book.add("integer-parameter", "An integer parameter is not shifted, since shifts are fractions.",
             input={"term": ["jitter", "max_tokens", 1], "candidates": [candidate("a")], "request": {}},
             refused="PIR0405 /1")
    return book


def _others() -> Book:
    book = Book("semantics/drop-param", kind="transform", about="The transform `drop_param`.")
    ask(book, "drop", "A parameter is removed, and the rest stays.", ["drop_param", "temperature"],
        {"a": 1, "temperature": 1, "b": 2}, {"a": 1, "b": 2})
    ask(book, "null", "A parameter whose value is null is there, and is removed.", ["drop_param", "temperature"],
        {"temperature": None}, {})
    ask(book, "absent", "A parameter that is not there need not be removed.", ["drop_param", "temperature"],
        {"top_p": 1}, {"top_p": 1})
    ask(book, "empty-request", "Nothing is removed from an empty request.", ["drop_param", "temperature"], {}, {},
        flags=["Empty"])
    ask(book, "nested-stays", "A member of a member is no parameter.", ["drop_param", "temperature"],
        {"extra": {"temperature": 1}}, {"extra": {"temperature": 1}})
    ask(book, "then-set", "A parameter may be removed and written again.",
        ["seq", ["drop_param", "temperature"], ["set_param", "temperature", 0]], {"temperature": 1, "top_p": 1},
        {"top_p": 1, "temperature": 0})
    ask(book, "then-clamp", "A clamp after the removal finds nothing.",
        ["seq", ["drop_param", "temperature"], ["clamp_param", "temperature", 0, 1]], {"temperature": 2}, {})
    return book


def _directives() -> Book:
    book = Book("semantics/directives", kind="transform",
                about="The transforms `filter_text`, `filter_image` and `custom`, which direct the host.")
    text, image = ["filter_text", ["RedactPII"]], ["filter_image", ["BlurFaces", "DownscaleImage"]]
    ask(book, "text", "A recipe for text.", text, {"m": 1}, {"m": 1},
        directives={"filter_text": {"recipe": ["RedactPII"]}})
    ask(book, "image", "A recipe for images.", image, {}, {}, flags=["Empty"],
        directives={"filter_image": {"recipe": ["BlurFaces", "DownscaleImage"]}})
    ask(book, "both", "Recipes for text and for images stand beside each other.", ["seq", image, text], {}, {},
        directives={"filter_text": {"recipe": ["RedactPII"]},
                    "filter_image": {"recipe": ["BlurFaces", "DownscaleImage"]}}, flags=["Empty"])
    ask(book, "replaced", "A later recipe takes the place of an earlier one, and is not added to it.",
        ["seq", text, ["filter_text", ["RedactURLs"]]], {}, {}, flags=["Empty"],
        directives={"filter_text": {"recipe": ["RedactURLs"]}})
    ask(book, "replaced-by-nothing", "An empty recipe takes the place of an earlier one.",
        ["seq", text, ["filter_text", []]], {}, {}, directives={"filter_text": {"recipe": []}}, flags=["Empty"])
    ask(book, "settings", "A step may have settings, and the order of steps is the author's.",
        ["filter_text", [{"TruncateText": 100, "RedactPII": 0.5}, "RedactPII", {}]], {}, {}, flags=["Empty"],
        directives={"filter_text": {"recipe": [{"TruncateText": 100, "RedactPII": 0.5}, "RedactPII", {}]}})
    ask(book, "twice-the-same-step", "A recipe may have a step twice.", ["filter_text", ["RedactPII", "RedactPII"]], {},
        {}, directives={"filter_text": {"recipe": ["RedactPII", "RedactPII"]}}, flags=["Empty"])
    for seed in (0, 5, M - 1, M, M + 5, 2**53 - 1):
        ask(book, f"seed-{seed}", f"Recipes go with the seed reduced, here {seed}.", ["seq", text, image], {}, {},
            seed=seed, flags=["Seeded", "Empty", *(["Edge", "IntegerEdge"] if seed == 2**53 - 1 else [])],
            directives={"filter_text": {"recipe": ["RedactPII"], "seed": seed % M},
                        "filter_image": {"recipe": ["BlurFaces", "DownscaleImage"], "seed": seed % M}})
    ask(book, "custom", "A custom transform goes with its version.", ["custom", "footer"], {}, {}, vocabulary=WIDE,
        directives={"customs": [["footer", "3"]]}, flags=["Empty"])
    ask(book, "customs-repeated", "Custom transforms are carried out in their order, as often as they stand there.",
        ["seq", ["custom", "footer"], ["custom", "header"], ["custom", "footer"]], {}, {}, vocabulary=WIDE,
        directives={"customs": [["footer", "3"], ["header", "1"], ["footer", "3"]]}, flags=["Empty"])
    ask(book, "custom-with-seed", "A custom transform gets no seed.", ["custom", "footer"], {}, {}, vocabulary=WIDE,
        seed=4, directives={"customs": [["footer", "3"]]}, flags=["Empty"])
    book.add("custom-undeclared", "A custom transform that the vocabulary does not declare is refused.",
             input={"term": ["custom", "footer"], "candidates": [candidate("a")], "request": {}}, refused="PIR0408 /1")
    book.add("recipe-undeclared", "A filter step that the vocabulary does not declare is refused.",
             input={"term": ["filter_text", ["RedactPII", "Mask"]], "candidates": [candidate("a")], "request": {}},
             refused="PIR0407 /1/1")
    book.add("image-step-undeclared", "A filter step of another vocabulary is refused for images, too.",
             input={"term": ["filter_image", ["BlurFaces"]], "vocabulary": "core", "candidates": [candidate("a")],
                    "request": {}}, refused="PIR0407 /1/0")
    return book


def _compound() -> Book:
    book = Book("semantics/seq-and-when", kind="transform", about="The transforms `seq` and `when`.")
    cold, hot = ["set_param", "temperature", 0], ["set_param", "temperature", 2]
    tools = candidate("a", capabilities=["supports_tools"])
    ask(book, "order", "Later transforms see what earlier ones have written.", ["seq", hot, cold], {},
        {"temperature": 0}, flags=["Empty"])
    ask(book, "other-order", "A sequence is not sorted.", ["seq", cold, hot], {}, {"temperature": 2}, flags=["Empty"])
    ask(book, "twice", "Equal transforms in a sequence are both carried out.",
        ["seq", ["clamp_param", "temperature", 1, 1], hot, ["clamp_param", "temperature", 1, 1]], {"temperature": 0},
        {"temperature": 1})
    ask(book, "nested", "Nested sequences are one.",
        ["seq", ["seq", cold, ["set_param", "top_p", 1]], ["id"], ["seq", ["drop_param", "top_p"]]], {},
        {"temperature": 0}, flags=["Empty"])
    ask(book, "of-ids", "A sequence of nothing but id changes nothing.", ["seq", ["id"], ["id"]], {"a": 1}, {"a": 1})
    ask(book, "take", "A transform is carried out where the predicate accepts.", ["when", ["has_cap", "supports_tools"],
        cold], {}, {"temperature": 0}, candidates=[tools], flags=["Empty"])
    ask(book, "skip", "A transform is not carried out where the predicate refuses.",
        ["when", ["has_cap", "supports_tools"], cold], {"temperature": 1}, {"temperature": 1})
    ask(book, "top", "Under top a transform is carried out always.", ["when", ["top"], cold], {"temperature": 1},
        {"temperature": 0})
    ask(book, "bot", "Under bot a transform is carried out never.", ["when", ["bot"], cold], {"temperature": 1},
        {"temperature": 1})
    ask(book, "nested-when", "Both predicates must accept.",
        ["when", ["provider_eq", "p"], ["when", ["family_eq", "x"], cold]], {"temperature": 1}, {"temperature": 1})
    ask(book, "facts", "A predicate may ask what the request needs.", ["when", ["meets_req"], cold], {"temperature": 1},
        {"temperature": 1}, facts={"needs": ["tools"]})
    ask(book, "missing-number", "A missing number is its default here, too.",
        ["when", ["cmp", "price_in", "gt", 100], ["seq", cold, ["drop_param", "top_p"]]], {"top_p": 1},
        {"temperature": 0}, flags=["MissingObservation", "Infinite"])
    ask(book, "request-is-not-seen", "Predicates look at the candidate, and not at the request.",
        ["seq", ["set_param", "seed", 1], ["when", ["is", "supports_seed"], ["drop_param", "seed"]]], {}, {"seed": 1},
        flags=["Empty", "MissingObservation"])
    ask(book, "skip-directives", "What is skipped leaves no directive.",
        ["when", ["has_cap", "x"], ["seq", ["filter_text", ["RedactPII"]], ["filter_image", ["BlurFaces"]]]], {}, {},
        flags=["Empty"])
    return book
