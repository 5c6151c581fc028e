"""Vectors of the selectors: orders, ties, cuts, and the seeded draw."""

from __future__ import annotations

from collections.abc import Sequence

from vectors.book import Book
from vectors.world import WORLD, Json, candidate, named

# fmt: off

INF, MINUS, UNDEFINED = "inf", "-inf", "undefined"


def books() -> list[Book]:
    """The books of this module."""
    return [_argmax(), _ordered(), _sample(), _chain(), _top_k(), _prefer(), _rank_by()]


def crowd(count: int, **rest: Json) -> list[dict[str, Json]]:
    """So many candidates with nothing but a name."""
    return [candidate(name, **rest) for name, _ in named([None] * count)]


def flags_of(scores: Sequence[Json], population: int) -> list[str]:
    """The flags that the scores of a population earn."""
    flags = ["Infinite"] if INF in scores or MINUS in scores else []
    flags += ["Undefined"] if UNDEFINED in scores else []
    if population < 2:
        return [*flags, ("Empty", "Single")[population]]
    different = len({str(score) for score in scores})
    if scores and different == 1:
        flags.append("AllEqual")
    return flags + (["TieBreak"] if 0 < different < population else [])


def ask(book: Book, name: str, comment: str, term: Json, ordered: Sequence[Json] | None, cut: Sequence[Json] = (),
        **rest: Json) -> None:
    """One selector over candidates with scores; `ordered` is a list of (id, score), or of ids whose scores are given."""
    scores = rest.get("scores")
    candidates = rest.pop("candidates", None)
    if candidates is None:
        candidates = crowd(len(scores or ()))
    given = {key: rest.pop(key) for key in ("vocabulary", "facts", "seed", "scores") if key in rest}
    shown = dict(zip((one["id"] for one in candidates), scores or [0] * len(candidates), strict=True))
    flags = [*rest.pop("flags", []), *flags_of(scores or [0] * len(candidates), len(candidates))]
    result = None
    if ordered is not None:
        pairs = [[one, shown[one]] if isinstance(one, str) else list(one) for one in ordered]
        result = {"ordered": pairs, "cut": [list(pair) for pair in cut]}
    entry = {**given, "term": term, "candidates": candidates}
    book.add(name, comment, input=entry, result=result, flags=flags, **rest)


def _argmax() -> Book:
    book = Book("semantics/argmax", kind="order", about="The selector `argmax`: a stable sort by descending score.")
    term = ["argmax"]
    ask(book, "nobody", "The order of nobody is empty.", term, [], scores=[])
    ask(book, "one", "The order of one candidate is that candidate.", term, ["a"], scores=[3])
    ask(book, "descending", "Greater scores come first.", term, ["c", "a", "b"], scores=[2, 1, 3])
    ask(book, "ties", "Equal scores stay in the order of the catalogue.", term, list("bdafce"),
        scores=[1, 2, 0, 2, -1, 1], flags=["Stable"])
    ask(book, "all-equal", "Where all scores are equal the order is that of the catalogue.", term, list("abcd"),
        scores=[7, 7, 7, 7], flags=["Stable"])
    ask(book, "no-scores", "Scores that are not given are 0.", term, list("abc"), candidates=crowd(3))
    ask(book, "infinities", "Infinity comes first, then numbers, then its negative, and undefined last.", term,
        list("cbdea"), scores=[UNDEFINED, 1e308, INF, -1e308, MINUS])
    ask(book, "undefined-last", "An undefined score comes after the least one, not before the greatest.", term,
        list("bdac"), scores=[UNDEFINED, 1, UNDEFINED, MINUS], flags=["Stable"])
    ask(book, "all-undefined", "Undefined scores stay in the order of the catalogue.", term, list("abc"),
        scores=[UNDEFINED] * 3, flags=["Stable"])
    ask(book, "minus-zero", "A negative zero ties with 0 and is recorded as 0.", term,
        [("c", 1), ("a", 0), ("b", 0), ("d", 0)], scores=[0, "-0", 1, "-0"], flags=["Minus0", "Stable"])
    ask(book, "minus-zero-number", "A negative zero that is given as a number is 0, too.", term, [("a", 0), ("b", 0)],
        scores=[-0.0, 0], flags=["Minus0", "Stable"])
    ask(book, "neighbours", "Numbers that differ in the last bit are no tie.", term, list("cab"),
        scores=[0.3, 0.1, 0.30000000000000004], flags=["Rounding"])
    ask(book, "subnormals", "Subnormal numbers are ordered, and not 0.", term, list("cdab"),
        scores=[0, -5e-324, 1e-323, 5e-324], flags=["DoubleSubnormal"])
    ask(book, "numbers-not-texts", "Scores are ordered as numbers and not as texts.", term, list("cabd"),
        scores=[9, 2, 10, -1])
    ask(book, "ids-do-not-matter", "Ties follow the catalogue, not the alphabet.", term, ["z", "a", "m"],
        candidates=[candidate("z"), candidate("a"), candidate("m")], scores=[1, 1, 1], flags=["Stable"])
    many = [place % 3 for place in range(24)]
    ask(book, "long-ties", "Long runs of ties stay in order, where short insertion sorts end.", term,
        [chr(97 + place) for score in (2, 1, 0) for place in range(24) if many[place] == score], scores=many,
        flags=["Stable"])
    reverse = [score for place in range(13) for score in (place, 12 - place)][:26]
    ask(book, "long-both-ways", "Ascending and descending scores, interleaved, each with its tie.", term,
        [chr(97 + place) for score in range(12, -1, -1) for place in range(26) if reverse[place] == score],
        scores=reverse, flags=["Stable"])
    return book


def _ordered() -> Book:
    book = Book("semantics/ordered", kind="order", about="The selector `ordered`: the order of the catalogue.")
    term = ["ordered"]
    ask(book, "nobody", "The order of nobody is empty, by catalogue too.", term, [], scores=[])
    ask(book, "scores-stay", "The scores are recorded, and decide nothing.", term, list("abc"), scores=[1, 3, 2])
    ask(book, "special-scores", "Infinite and undefined scores are recorded.", term, list("abc"),
        scores=[UNDEFINED, MINUS, INF])
    ask(book, "minus-zero", "A negative zero is recorded as 0.", term, [("a", 0), ("b", 1)], scores=["-0", 1],
        flags=["Minus0"])
    ask(book, "ids-do-not-matter", "The order of the catalogue is not that of the alphabet.", term, ["z", "a"],
        candidates=[candidate("z"), candidate("a")], scores=[0, 1])
    return book


# --- draws --------------------------------------------------------------------------------------------------------

M = 2**31 - 1


def _draw(scores: Sequence[float], temperature: float, seed: int, count: int) -> list[str]:
    """The draw as the chapter has it, written once more and plainly."""
    state = seed % M or M - 1
    for _ in range(4):
        state = 16807 * state % M
    left = sorted(range(len(scores)), key=lambda place: -scores[place])
    t = max(temperature, 0.0)
    q = t / (t + 1)
    weights = [1.0]
    while len(weights) < len(left):
        weights.append(weights[-1] * q)
    drawn = []
    while left and len(drawn) < count:
        state = 16807 * state % M
        total, partial = 0.0, []
        for weight in weights[: len(left)]:
            total += weight
            partial.append(total)
        r = state / M * total
        place = next(at for at, reached in enumerate(partial) if reached >= r)
        drawn.append(chr(97 + left.pop(place)))
        del weights[place]
    return drawn


def _sample() -> Book:
    book = Book("semantics/sample", kind="order",
                about="The selector `sample`: draws without replacement, weights falling geometrically by rank.")

    def draw(name: str, comment: str, scores: Sequence[Json], t: Json, seed: Json = None, **rest: Json) -> None:
        numbers = [{INF: float("inf"), MINUS: float("-inf"), UNDEFINED: float("-inf")}.get(score, score)
                   for score in scores]
        given = {} if seed is None else {"seed": seed}
        ask(book, name, comment, ["sample", t], _draw(numbers, t, int(seed or 0), len(scores)), scores=list(scores),
            flags=["Seeded", *rest.pop("flags", [])], **given, **rest)

    five = [3, 1, 4, 2, 5]
    for seed in (0, 1, 2, 7, 42, 1000, M - 1, M, M + 1, 2 * M, 2**32, 2**53 - 2, 2**53 - 1):
        flags = ["Edge", "IntegerEdge"] if seed == 2**53 - 1 else []
        draw(f"seed-{seed}", f"A draw of five with the seed {seed}.", five, 1, seed, flags=flags)
    draw("no-seed", "Without a seed the draw is that of the seed 0.", five, 1)
    draw("seed-as-float", "A seed of 7.0 is the seed 7.", five, 1.5, 7.0)
    for name, t in (("zero", 0), ("negative", -3), ("minus-zero", -0.0), ("half", 0.5), ("tenth", 0.1), ("two", 2),
                    ("thousand", 1000), ("tiny", 1e-300), ("subnormal", 5e-324), ("huge", 1e300),
                    ("greatest", 1.7976931348623157e308), ("integral-edge", 9007199254740991)):
        flags = ["Minus0"] if name == "minus-zero" else ["DoubleSubnormal", "Underflow"] if name == "subnormal" else []
        for seed in (3, 99):
            draw(f"temperature-{name}-{seed}", f"A draw with the temperature {t!r} and the seed {seed}.", five, t, seed,
                 flags=flags)
    draw("nobody", "A draw of nobody.", [], 1, 5)
    draw("one", "A draw of one takes one draw from the stream and changes nothing.", [2], 1, 5)
    draw("two", "A draw of two.", [1, 2], 1, 5)
    draw("all-equal", "Ranks among ties are those of the catalogue.", [1] * 6, 2, 11, flags=["Stable"])
    draw("special-scores", "Weights are those of ranks, whatever the scores are.", [INF, 1, MINUS, 0], 2, 12)
    draw("undefined", "An undefined score has the last rank and the least weight.", [UNDEFINED, 1, 2], 3, 13)
    draw("twenty", "A draw of twenty, in which weights are added up anew for each.", [place % 7 for place in range(20)],
         4, 2024, flags=["Rounding", "Stable"])
    draw("twenty-cold", "A draw of twenty at a low temperature, whose last weights are tiny.",
         [place % 7 for place in range(20)], 0.05, 2025, flags=["Rounding", "Stable"])
    draw("twenty-hot", "A draw of twenty at a high temperature is nearly uniform.", [place % 7 for place in range(20)],
         500, 2026, flags=["Rounding", "Stable"])
    # Under 1e-200 the third weight is 1e-400, which is 0: the sum may be 0 in the end.
    draw("weights-underflow", "Weights that underflow to 0 are drawn in order when nothing else is left.", five, 1e-200,
         8, flags=["Underflow"])
    for k in (1, 2, 4, 5, 9):
        drawn = _draw(five, 1, 21, k)
        ask(book, f"first-{k}", f"Under a demand of {k} no more is drawn, and what is drawn is the same.",
            ["top_k", k, ["sample", 1]], drawn, [[one, "top_k"] for one in "abcde" if one not in drawn], scores=five,
            seed=21, flags=["Seeded", *(["PastEdge"] if k == 9 else ["Edge"] if k == 5 else [])])
    drawn = _draw(five, 1, 21, 2)
    ask(book, "least-demand", "The demand of two nested cuts is the least, and the outer one cuts nobody twice.",
        ["top_k", 4, ["top_k", 2, ["sample", 1]]], drawn, [[one, "top_k"] for one in "abcde" if one not in drawn],
        scores=five, seed=21, flags=["Seeded"])
    ask(book, "least-demand-outside", "The demand of two nested cuts is the least, also if it is the outer one.",
        ["top_k", 2, ["top_k", 4, ["sample", 1]]], drawn, [[one, "top_k"] for one in "abcde" if one not in drawn],
        scores=five, seed=21, flags=["Seeded"])
    everyone = _draw(five, 1, 21, 5)
    ask(book, "no-demand-through-prefer", "A preference under a cut has all ranks drawn.",
        ["top_k", 2, ["prefer", ["is", "disabled"], ["sample", 1]]], everyone[:2],
        [[one, "top_k"] for one in "abcde" if one not in everyone[:2]], scores=five, seed=21,
        flags=["Seeded", "MissingObservation"])
    for name, seed in (("negative", -1), ("fraction", 0.5), ("past-edge", 2**53), ("great", 1e300), ("text", "7"),
                       ("boolean", True), ("list", [7])):
        book.add(f"no-seed-{name}", f"The value {seed!r} is no seed.",
                 input={"term": ["sample", 1], "candidates": crowd(2), "seed": seed}, refused="PIR0730 ",
                 denies=["seed/range"], flags=["PastEdge", "IntegerEdge"] if name == "past-edge" else [])
    book.add("seed-edge", "The greatest seed is accepted.", near=["PIR0730"], rules=["seed/range"],
             input={"term": ["sample", 2], "candidates": crowd(3), "seed": 2**53 - 1}, flags=["Edge", "Seeded", "AllEqual", "TieBreak"],
             result={"ordered": [[one, 0] for one in _draw([0, 0, 0], 2, 2**53 - 1, 3)], "cut": []})
    book.add("seed-null", "A seed of null is no seed, so that draws are those of 0.", rules=["seed/range"],
             input={"term": ["sample", 2], "candidates": crowd(3), "seed": None}, flags=["Seeded", "AllEqual", "TieBreak"],
             result={"ordered": [[one, 0] for one in _draw([0, 0, 0], 2, 0, 3)], "cut": []})
    return book


# --- chain, cuts and partitions -----------------------------------------------------------------------------------


def entry(provider: str, model: str) -> dict[str, str]:
    """An entry of a chain."""
    return {"provider": provider, "model": model}


def _chain() -> Book:
    book = Book("semantics/chain", kind="order", about="The selector `chain`: by the position of entries, the rest cut.")
    ids = [one["id"] for one in WORLD]
    world = list(WORLD)

    def ask_world(name: str, comment: str, chain: Json, kept: Sequence[tuple[str, int]], **rest: Json) -> None:
        left = {one for one, _ in kept}
        ask(book, name, comment, ["chain", chain], [(one, -position) for one, position in kept],
            [(one, "chain") for one in ids if one not in left], candidates=world, **rest)

    ask_world("positions", "Candidates come by the position of their entry, which becomes their score.",
              [entry("c", "large"), entry("a", "fast")], [("c/large", 1), ("a/fast", 2)])
    ask_world("missing", "An entry that nobody matches leaves its position empty.",
              [entry("x", "y"), entry("e", "small"), entry("a", "small"), entry("b", "fast")],
              [("e/small", 2), ("b/fast", 4)])
    ask_world("empty", "An empty chain cuts everybody.", [], [])
    ask_world("duplicates", "A later entry of the same pair is gone, and does not count as a position.",
              [entry("a", "fast"), entry("a", "fast"), entry("b", "fast")], [("a/fast", 1), ("b/fast", 2)])
    ask_world("alternative-keys", "An entry may name the provider and the model by other keys.",
              [{"provider_id": "b", "model_family": "fast"}, {"provider": "a", "model_family": "large"}],
              [("b/fast", 1), ("a/large", 2)])
    ask_world("keys-that-win", "Where both keys are there, provider and model win.",
              [{"provider": "a", "provider_id": "b", "model": "fast", "model_family": "large"}], [("a/fast", 1)])
    ask_world("same-pair-by-other-keys", "Entries of one pair are the same whatever keys they use.",
              [{"provider_id": "a", "model_family": "fast"}, entry("a", "fast"), entry("d", "fast")],
              [("a/fast", 1), ("d/fast", 2)])
    ask_world("provider-alone-does-not-match", "Both parts of an entry must match.", [entry("a", "small")], [])
    ask(book, "several-of-one-entry", "Candidates of one entry stay in the order of the catalogue.",
        ["chain", [entry("q", "m"), entry("p", "m")]], [("c", -1), ("a", -2), ("b", -2)],
        candidates=[candidate("a"), candidate("b"), candidate("c", provider="q")], scores=[1, 5, 9],
        flags=["TieBreak", "Stable"])
    ask(book, "family-not-served-model", "A chain names families, and not what the provider calls the model.",
        ["chain", [entry("p", "m-1")]], [], [("a", "chain")], candidates=[candidate("a", served_model="m-1")])
    ask(book, "provider-not-route", "A chain names providers, and not routes.", ["chain", [entry("r", "m")]], [],
        [("a", "chain")], candidates=[candidate("a", served_by="r")])
    ask(book, "nobody", "A chain over nobody.", ["chain", [entry("p", "m")]], [], scores=[])
    ask(book, "undefined-scores", "What the scores were is gone.", ["chain", [entry("p", "m")]],
        [("a", -1), ("b", -1)], scores=[UNDEFINED, INF], flags=["Stable", "TieBreak"])
    ask(book, "separator", "Names are pairs and are not joined: a slash in one is no border.",
        ["chain", [entry("p/m", "x"), entry("p", "m/x")]], [("b", -1), ("a", -2)],
        candidates=[candidate("a", provider="p", family="m/x"), candidate("b", provider="p/m", family="x")])
    ask(book, "host-names", "Names that a host language gives a meaning are names.",
        ["chain", [entry("__proto__", "constructor")]], [("b", -1)], [("a", "chain")],
        candidates=[candidate("a"), candidate("b", provider="__proto__", family="constructor")], flags=["HostName"])
    edge = [entry(f"p{place}", "m") for place in range(64)]
    ask(book, "sixty-four", "A chain of 64 entries.", ["chain", edge], [("b", -1), ("a", -64)],
        candidates=[candidate("a", provider="p63"), candidate("b", provider="p0")], flags=["Edge"])
    book.add("sixty-five", "A chain of 65 entries is refused.", flags=["PastEdge", "Empty"],
             input={"term": ["chain", [*edge, entry("p64", "m")]], "candidates": []}, refused="PIR0304 /1")
    return book


def _top_k() -> Book:
    book = Book("semantics/top-k", kind="order", about="The selector `top_k`: the first ones stay, the others are cut.")
    four = [1, 4, 2, 3]
    for k in (1, 2, 3, 4, 5):
        kept = list("bdca")[:k]
        ask(book, f"best-{k}", f"The best {k} of four.", ["top_k", k, ["argmax"]], kept,
            [(one, "top_k") for one in "abcd" if one not in kept], scores=four,
            flags={4: ["Edge"], 5: ["PastEdge"]}.get(k, []))
    ask(book, "of-nobody", "The best of nobody.", ["top_k", 2, ["argmax"]], [], scores=[])
    ask(book, "great-count", "A count beyond every population keeps all.", ["top_k", 1e300, ["argmax"]], list("ba"),
        scores=[1, 2])
    ask(book, "count-2-to-the-53", "A count of 2^53 is a count.", ["top_k", 9007199254740992, ["argmax"]], list("ba"),
        scores=[1, 2], flags=["IntegerEdge"])
    ask(book, "count-as-float", "A count of 1.0 is 1.", ["top_k", 1.0, ["ordered"]], ["a"], [("b", "top_k")],
        scores=[1, 2])
    ask(book, "first-by-catalogue", "The first of the catalogue.", ["top_k", 2, ["ordered"]], ["a", "b"],
        [("c", "top_k"), ("d", "top_k")], scores=four)
    ask(book, "in-a-cut", "What the inner cut has cut is cut once.", ["top_k", 1, ["top_k", 3, ["argmax"]]], ["b"],
        [("a", "top_k"), ("c", "top_k"), ("d", "top_k")], scores=four)
    ask(book, "tie-at-the-cut", "Of ties at the cut the first of the catalogue stays.", ["top_k", 2, ["argmax"]],
        ["c", "a"], [("b", "top_k"), ("d", "top_k")], scores=[1, 1, 2, 1], flags=["Stable"])
    ask(book, "undefined-is-kept", "An undefined score is last, and is kept where there is room.",
        ["top_k", 2, ["argmax"]], ["b", "c"], [("a", "top_k")], scores=[UNDEFINED, 1, MINUS])
    chain = ["chain", [entry("p", "x"), entry("q", "x")]]
    family = [candidate("a", family="y"), candidate("b", provider="q", family="x"), candidate("c", family="x"),
              candidate("d", family="x")]
    ask(book, "over-a-chain", "Cuts say who made them: the chain first, then the count.", ["top_k", 1, chain],
        [("c", -1)], [("a", "chain"), ("b", "top_k"), ("d", "top_k")], candidates=family)
    ask(book, "over-a-chain-with-room", "Where there is room a count cuts nobody.", ["top_k", 9, chain],
        [("c", -1), ("d", -1), ("b", -2)], [("a", "chain")], candidates=family, flags=["Stable"])
    for name, k, flags in (("zero", 0, ["PastEdge"]), ("fraction", 1.5, []), ("negative", -1, [])):
        book.add(f"no-count-{name}", f"The number {k} is no count.", flags=[*flags, "Empty"],
                 input={"term": ["top_k", k, ["argmax"]], "candidates": []}, refused="PIR0212 /1")
    return book


def _prefer() -> Book:
    book = Book("semantics/prefer", kind="order",
                about="The selector `prefer`: those that match first, each part in the order it had.")
    off = ["not", ["is", "disabled"]]
    four = [candidate("a", disabled=True), candidate("b"), candidate("c", disabled=True), candidate("d")]
    missing = ["MissingObservation"]
    ask(book, "partition", "Matches come first, and each part keeps its order.", ["prefer", off, ["argmax"]],
        list("dbca"), candidates=four, scores=[3, 1, 4, 2], flags=missing)
    ask(book, "ties", "Each part keeps its order among ties.", ["prefer", off, ["ordered"]], list("bdac"),
        candidates=four, scores=[1, 1, 1, 1], flags=[*missing, "Stable"])
    ask(book, "scores-stay", "The scores are those of the order before, and need not fall.",
        ["prefer", off, ["argmax"]], [("b", UNDEFINED), ("a", INF)], candidates=four[:2], scores=[INF, UNDEFINED],
        flags=missing)
    ask(book, "nobody-matches", "Where nobody matches the order stays.", ["prefer", ["provider_eq", "x"], ["argmax"]],
        list("cadb"), candidates=four, scores=[3, 1, 4, 2])
    ask(book, "everybody-matches", "Where everybody matches the order stays.",
        ["prefer", ["provider_eq", "p"], ["argmax"]], list("cadb"), candidates=four, scores=[3, 1, 4, 2])
    ask(book, "top", "A preference for everybody is none.", ["prefer", ["top"], ["argmax"]], ["b", "a"], scores=[1, 2])
    ask(book, "bot", "A preference for nobody is none.", ["prefer", ["bot"], ["argmax"]], ["b", "a"], scores=[1, 2])
    ask(book, "of-nobody", "A preference among nobody.", ["prefer", off, ["argmax"]], [], scores=[])
    ask(book, "nested", "The outer preference counts more, the inner one orders within.",
        ["prefer", ["has_cap", "x"], ["prefer", ["has_cap", "y"], ["ordered"]]], list("dcba"),
        candidates=[candidate("a"), candidate("b", capabilities=["y"]), candidate("c", capabilities=["x"]),
                    candidate("d", capabilities=["x", "y"])])
    ask(book, "over-a-cut", "A preference does not bring back what is cut.",
        ["prefer", off, ["top_k", 2, ["argmax"]]], list("ca"), [("b", "top_k"), ("d", "top_k")], candidates=four,
        scores=[3, 1, 4, 2], flags=missing)
    ask(book, "under-a-cut", "A cut after a preference may keep what is worse.",
        ["top_k", 2, ["prefer", off, ["argmax"]]], list("db"), [("a", "top_k"), ("c", "top_k")], candidates=four,
        scores=[3, 1, 4, 2], flags=missing)
    ask(book, "over-a-chain", "Cuts of a chain stay as they are.",
        ["prefer", ["provider_eq", "q"], ["chain", [entry("p", "m"), entry("q", "m")]]], [("b", -2), ("a", -1)],
        [("c", "chain")], candidates=[candidate("a"), candidate("b", provider="q"), candidate("c", provider="r")])
    ask(book, "facts", "A preference may ask what the request needs.", ["prefer", ["meets_req"], ["argmax"]],
        ["b", "a"], candidates=[candidate("a"), candidate("b", capabilities=["supports_tools"])], scores=[9, 1],
        facts={"needs": ["tools"]})
    ask(book, "single", "A preference about one candidate.", ["prefer", off, ["argmax"]], ["a"], scores=[1],
        flags=missing)
    return book


def _rank_by() -> Book:
    book = Book("semantics/rank-by", kind="order",
                about="The selector `rank_by`: the order before is scored anew, over those that are left.")
    fields = [candidate("a", credits=1), candidate("b", credits=5), candidate("c", credits=3), candidate("d")]
    missing = ["MissingObservation"]
    credits = ["field", "credits"]
    ask(book, "again", "The new scores decide and are recorded.", ["rank_by", credits, ["argmax"]],
        [("b", 5), ("c", 3), ("a", 1), ("d", 0)], candidates=fields, scores=[4, 3, 2, 1], flags=missing)
    ask(book, "ties-by-order-before", "Ties stay in the order before, not in that of the catalogue.",
        ["rank_by", ["lit", 7], ["argmax"]], [("d", 7), ("c", 7), ("b", 7), ("a", 7)], scores=[1, 2, 3, 4],
        flags=["Stable", "TieBreak"])
    ask(book, "ties-by-preference", "Ties stay in the order that a preference made.",
        ["rank_by", ["zero"], ["prefer", ["is", "disabled"], ["ordered"]]], [("b", 0), ("a", 0), ("c", 0)],
        candidates=[candidate("a"), candidate("b", disabled=True), candidate("c")], scores=[3, 2, 1],
        flags=["Stable", "TieBreak", *missing])
    ask(book, "normalize-after-a-cut", "What was cut does not count for a normalize.",
        ["rank_by", ["normalize", credits], ["top_k", 3, ["argmax"]]], [("c", 1), ("a", 0.5), ("d", 0)],
        [("b", "top_k")], candidates=[candidate("a", credits=1), candidate("b", credits=100),
                                      candidate("c", credits=2), candidate("d")], scores=[3, 0, 2, 1], flags=missing)
    ask(book, "normalize-after-a-chain", "What a chain cut does not count either.",
        ["rank_by", ["normalize", credits], ["chain", [entry("p", "m")]]], [("b", 1), ("a", 0)], [("c", "chain")],
        candidates=[candidate("a", credits=1), candidate("b", credits=2), candidate("c", provider="q", credits=9)])
    ask(book, "before-a-cut", "The new scores decide who is cut.", ["top_k", 2, ["rank_by", credits, ["ordered"]]],
        [("b", 5), ("c", 3)], [("a", "top_k"), ("d", "top_k")], candidates=fields, flags=missing)
    ask(book, "special-scores", "New scores may be infinite or undefined.",
        ["rank_by", ["add", ["field", "latency_ms"], ["scale", -1, ["field", "price_in"]]], ["ordered"]],
        [("c", INF), ("d", 2), ("b", MINUS), ("a", UNDEFINED)],
        candidates=[candidate("a"), candidate("b", latency_ms=1), candidate("c", price_in=1),
                    candidate("d", latency_ms=3, price_in=1)], flags=[*missing, "Infinite", "Undefined"])
    ask(book, "twice", "The outer scores decide, the inner ones break its ties.",
        ["rank_by", ["field", "tok_s"], ["rank_by", credits, ["ordered"]]], [("b", 2), ("a", 2), ("c", 1)],
        candidates=[candidate("a", credits=1, tok_s=2), candidate("b", credits=5, tok_s=2),
                    candidate("c", credits=3, tok_s=1)], flags=["TieBreak", "Stable"])
    ask(book, "of-nobody", "Nobody is scored anew.", ["rank_by", credits, ["argmax"]], [], scores=[])
    ask(book, "of-nobody-left", "An empty chain leaves nobody to score.", ["rank_by", credits, ["chain", []]], [],
        [("a", "chain"), ("b", "chain")], scores=[1, 2])
    ask(book, "gate", "A gate in the new scorer looks at each candidate in the order before.",
        ["rank_by", ["gate", ["provider_eq", "q"], ["lit", 1]], ["argmax"]], [("a", 1), ("c", 0), ("b", 0)],
        candidates=[candidate("a", provider="q"), candidate("b"), candidate("c")], scores=[1, 2, 3],
        flags=["TieBreak", "Stable"])
    ask(book, "sample-under-it", "A draw under a new order is drawn to the end.",
        ["top_k", 1, ["rank_by", credits, ["sample", 1]]], [("b", 5)],
        [("a", "top_k"), ("c", "top_k"), ("d", "top_k")], candidates=fields, seed=3, flags=["Seeded", *missing])
    return book
