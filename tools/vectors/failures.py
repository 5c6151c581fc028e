"""Vectors of failure plans and of what follows a failure."""

from __future__ import annotations

from vectors.book import Book
from vectors.world import Json

# fmt: off

REASONS = ("rate_limit", "quota_exhausted", "overloaded", "timeout", "network_error", "server_error",
           "stream_interrupted", "auth_error", "model_not_found", "bad_request", "context_overflow", "content_filter",
           "bad_response", "payment_required", "model_unavailable", "unknown")
NEXT, ABORT = {"action": "next_candidate"}, {"action": "abort"}
ROUTES = [["a", "x"], ["a", "y"], ["b", "y"], ["b", "x"], ["c", "x"]]
"""Five entries of three providers and two families."""


def books() -> list[Book]:
    """The books of this module."""
    return [_plans(), _retries(), _leaving()]


def _plans() -> Book:
    book = Book("semantics/failure-plans", kind="failure", about="The plans `always` and `override`: one action a reason.")

    def ask(name: str, comment: str, term: Json, reason: str, action: Json, **rest: Json) -> None:
        book.add(name, comment, input={"term": term, "reason": reason}, result={"action": action}, **rest)

    for reason in (*REASONS, "anything", "", "Rate_Limit"):
        word = reason.replace("_", "-").lower() if reason != "Rate_Limit" else "capitals"
        due = ABORT if reason == "rate_limit" else NEXT
        ask(f"one-override-{word or 'empty'}", f"A plan with one override asked about `{reason}`.",
            ["override", ["always", NEXT], "rate_limit", ABORT], reason, due)
    both = ["override", ["override", ["always", NEXT], "timeout", ABORT], "timeout", {"action": "disable_provider"}]
    ask("outermost-wins", "Of two overrides for one reason the outermost answers.", both, "timeout",
        {"action": "disable_provider"})
    ask("override-unknown", "An override for unknown answers for that reason.",
        ["override", ["always", NEXT], "unknown", ABORT], "unknown", ABORT)
    ask("unknown-is-no-base", "An override for unknown is not the base, and answers for no other reason.",
        ["override", ["always", NEXT], "unknown", ABORT], "timeout", NEXT)
    ask("same-as-base", "An override that does what the base does is gone, and the base answers.",
        ["override", ["always", ABORT], "timeout", ABORT], "timeout", ABORT)
    ask("inner-same-as-base", "An outer override that does what the base does hides an inner one.",
        ["override", ["override", ["always", NEXT], "timeout", ABORT], "timeout", NEXT], "timeout", NEXT)
    three = ["always", NEXT]
    for reason in ("c", "a", "b"):
        three = ["override", three, reason, {"action": "retry_same", reason: 1}]
    ask("sorted", "Overrides are asked from the outermost one, which has the greatest reason.", three, "a",
        {"action": "retry_same", "a": 1})
    ask("always", "A plan without overrides answers for every reason.", ["always", ABORT], "timeout", ABORT)
    full = {"action": "retry_same", "attempts": 3, "backoff_ms": [1, 2.5], "then_action": "abort",
            "open_breaker_ms": 1000, "house": -0.5}
    ask("whole-record", "The record of an action is given as it is.", ["always", full], "x", full)
    ask("without-defaults", "What an action leaves out is not filled in.", ["always", {"action": "retry_same"}], "x",
        {"action": "retry_same"})
    ask("defaults-stated", "What an action states stays, also where it is the default.",
        ["always", {"action": "retry_same", "attempts": 1, "backoff_ms": 0, "then_action": "next_candidate"}], "x",
        {"action": "retry_same", "attempts": 1, "backoff_ms": 0, "then_action": "next_candidate"})
    ask("empty-backoffs", "An empty list of backoffs is kept.",
        ["always", {"action": "retry_same", "backoff_ms": []}], "x", {"action": "retry_same", "backoff_ms": []},
        flags=["Empty"])
    ask("minus-zero", "A further key of -0 is 0.", ["always", {"action": "abort", "house": -0.0}], "x",
        {"action": "abort", "house": 0}, flags=["Minus0"])
    ask("unicode-reason", "Reasons are open, and compared by code points.",
        ["override", ["always", NEXT], "caf\u00e9", ABORT], "cafe\u0301", NEXT, flags=["Unicode", "Normalisation"])
    ask("host-name-reason", "A reason may have a name that a host language gives a meaning.",
        ["override", ["always", NEXT], "__proto__", ABORT], "__proto__", ABORT, flags=["HostName"])
    ask("host-name-passed", "A name that every object of a host language has is no reason of the plan.",
        ["override", ["always", NEXT], "x", ABORT], "constructor", NEXT, flags=["HostName"])
    ask("host-name-key", "A further key may have a name that a host language gives a meaning.",
        ["always", {"action": "abort", "__proto__": 2, "constructor": 1}], "x",
        {"action": "abort", "__proto__": 2, "constructor": 1}, flags=["HostName"])
    for name, action, code in (
        ("attempts", {"action": "retry_same", "attempts": 11}, "PIR0305 /1/attempts"),
        ("attempts-fraction", {"action": "retry_same", "attempts": 1.5}, "PIR0305 /1/attempts"),
        ("backoff", {"action": "retry_same", "backoff_ms": 60001}, "PIR0306 /1/backoff_ms"),
        ("backoff-in-list", {"action": "retry_same", "backoff_ms": [0, -1]}, "PIR0306 /1/backoff_ms/1"),
        ("backoffs", {"action": "retry_same", "backoff_ms": [0] * 17}, "PIR0307 /1/backoff_ms"),
        ("breaker", {"action": "abort", "open_breaker_ms": 3600000.5}, "PIR0308 /1/open_breaker_ms"),
        ("then", {"action": "retry_same", "then_action": "retry_same"}, "PIR0409 /1/then_action"),
    ):
        book.add(f"not-admitted-{name}", f"The action {action} is beyond a bound.".replace("'", "`"), flags=["PastEdge"]
                 if name in ("attempts", "backoff", "backoffs") else [],
                 input={"term": ["always", action], "reason": "x"}, refused=code)
    ask("at-the-bounds", "Each number of an action at its bound is admitted.",
        ["always", {"action": "retry_same", "attempts": 10, "backoff_ms": [60000] * 16, "open_breaker_ms": 3600000}], "x",
        {"action": "retry_same", "attempts": 10, "backoff_ms": [60000] * 16, "open_breaker_ms": 3600000},
        near=["PIR0305", "PIR0306", "PIR0307", "PIR0308"], flags=["Edge"])
    return book


def _ask(book: Book, name: str, comment: str, action: Json, due: Json, *, reason: str = "timeout",
         ordered: Json = ROUTES, position: int = 0, retries: int = 0, **rest: Json) -> None:
    stop = {"position": None, "retries": 0, "wait_ms": 0, "disable": None, "open_breaker_ms": None, "extra": {}}
    term = action if isinstance(action, list) else ["always", action]
    book.add(name, comment, input={"term": term, "reason": reason, "ordered": ordered, "position": position,
                                   "retries": retries}, result={**stop, **due}, **rest)


def _retries() -> Book:
    book = Book("decisions/retries", kind="failover", about="The verb `retry_same`: how often, after which wait, and then.")
    for attempts in (None, 0, 1, 2, 10):
        stated = {} if attempts is None else {"attempts": attempts}
        for retries in (0, 1, 2, 9, 10, 11):
            if retries > (attempts or 0) + 2:
                continue
            again = retries < (1 if attempts is None else attempts)
            due = ({"position": 0, "retries": retries + 1, "rules": ["retry_same/again"]} if again else
                   {"position": 1, "rules": ["retry_same/then", "next_candidate/advance"]})
            _ask(book, f"attempts-{'default' if attempts is None else attempts}-after-{retries}",
                 f"With {'no word on' if attempts is None else attempts} attempts, after {retries} retries.",
                 {"action": "retry_same", **stated}, due, retries=retries,
                 flags=["Edge"] if attempts == 10 and retries == 9 else [])
    waits = [250, 500.5, 1000]
    for retries in range(5):
        _ask(book, f"backoffs-after-{retries}", f"A list of three backoffs, after {retries} retries.",
             {"action": "retry_same", "attempts": 9, "backoff_ms": waits},
             {"position": 0, "retries": retries + 1, "wait_ms": waits[min(retries, 2)], "rules": ["retry_same/again"]},
             retries=retries)
    for name, backoff, wait in (("number", 125, 125), ("empty", [], 0), ("single", [60000], 60000), ("zero", 0, 0),
                                ("fraction", 0.5, 0.5)):
        _ask(book, f"backoff-{name}", f"A backoff of {backoff}, before the fourth retry.",
             {"action": "retry_same", "attempts": 5, "backoff_ms": backoff},
             {"position": 0, "retries": 4, "wait_ms": wait, "rules": ["retry_same/again"]}, retries=3,
             flags=["Empty"] if name == "empty" else [])
    for verb, due in (
        ("next_candidate", {"position": 1, "rules": ["retry_same/then", "next_candidate/advance"]}),
        ("next_provider_same_model", {"position": 3, "rules": ["retry_same/then", "next_provider_same_model/advance"]}),
        ("disable_provider", {"position": 2, "disable": "a", "rules": ["retry_same/then", "disable_provider/advance"]}),
        ("abort", {"rules": ["retry_same/then", "abort/stop"]}),
    ):
        word = verb.replace("_", "-")
        _ask(book, f"then-{word}", f"When the retries are used up the call goes on by `{verb}`, without a wait.",
             {"action": "retry_same", "attempts": 2, "backoff_ms": 500, "then_action": verb, "open_breaker_ms": 7,
              "house": 1}, {**due, "open_breaker_ms": 7, "extra": {"house": 1}}, retries=2)
        _ask(book, f"not-yet-{word}", f"As long as there are retries left `{verb}` means nothing.",
             {"action": "retry_same", "attempts": 2, "backoff_ms": 500, "then_action": verb, "open_breaker_ms": 7,
              "house": 1}, {"position": 0, "retries": 2, "wait_ms": 500, "extra": {"house": 1},
                            "rules": ["retry_same/again"]}, retries=1)
    _ask(book, "then-at-the-end", "At the last position there is nothing to go on to.", {"action": "retry_same"},
         {"rules": ["retry_same/then", "next_candidate/stop"]}, position=4, retries=1)
    _ask(book, "again-at-the-end", "The last position is retried as any other.", {"action": "retry_same"},
         {"position": 4, "retries": 1, "rules": ["retry_same/again"]}, position=4)
    _ask(book, "single", "A call with one candidate is retried and then stops.", {"action": "retry_same", "attempts": 0},
         {"rules": ["retry_same/then", "next_candidate/stop"]}, ordered=[["a", "x"]], flags=["Single"])
    return book


def _leaving() -> Book:
    book = Book("decisions/failover", kind="failover", about="The verbs that leave a position, and what comes with them.")
    rules = {"next_candidate": lambda later, here: later,
             "next_provider_same_model": lambda later, here: [
                 at for at in later if ROUTES[at][1] == here[1] and ROUTES[at][0] != here[0]],
             "disable_provider": lambda later, here: [at for at in later if ROUTES[at][0] != here[0]],
             "abort": lambda later, here: []}
    for verb, fitting in rules.items():
        for position, here in enumerate(ROUTES):
            found = fitting(list(range(position + 1, len(ROUTES))), here)
            rule = "abort/stop" if verb == "abort" else f"{verb}/{'advance' if found else 'stop'}"
            due: dict[str, Json] = {"position": found[0] if found else None, "rules": [rule]}
            due |= {"disable": here[0]} if verb == "disable_provider" else {}
            _ask(book, f"{verb.replace('_', '-')}-from-{position}", f"The verb `{verb}` at position {position} of five.",
                 {"action": verb}, due, position=position)
    for verb in rules:
        _ask(book, f"{verb.replace('_', '-')}-alone", f"The verb `{verb}` where there is nobody else.", {"action": verb},
             {"rules": ["abort/stop" if verb == "abort" else f"{verb}/stop"],
              **({"disable": "a"} if verb == "disable_provider" else {})}, ordered=[["a", "x"]], flags=["Single"])
    _ask(book, "same-provider-same-model", "The same model at the same provider is no other provider.",
         {"action": "next_provider_same_model"}, {"rules": ["next_provider_same_model/stop"]},
         ordered=[["a", "x"], ["a", "x"]])
    _ask(book, "never-back", "A better place earlier in the order does not count.", {"action": "next_provider_same_model"},
         {"rules": ["next_provider_same_model/stop"]}, ordered=[["b", "x"], ["a", "x"], ["b", "y"]], position=1)
    _ask(book, "retries-are-forgotten", "Leaving a position forgets its retries.", {"action": "next_candidate"},
         {"position": 1, "rules": ["next_candidate/advance"]}, retries=5)
    _ask(book, "backoff-does-not-apply", "A backoff beside a verb that leaves means nothing.",
         {"action": "next_candidate", "backoff_ms": 500, "attempts": 3, "then_action": "abort"},
         {"position": 1, "rules": ["next_candidate/advance"]})
    _ask(book, "breaker", "A breaker opens when the call leaves.", {"action": "next_candidate", "open_breaker_ms": 30000},
         {"position": 1, "open_breaker_ms": 30000, "rules": ["next_candidate/advance"]})
    _ask(book, "breaker-at-the-end", "A breaker opens when the call stops.", {"action": "abort", "open_breaker_ms": 0},
         {"open_breaker_ms": 0, "rules": ["abort/stop"]})
    _ask(book, "extra", "Further keys come with every result.", {"action": "abort", "b": 2, "a": -1.5},
         {"extra": {"a": -1.5, "b": 2}, "rules": ["abort/stop"]})
    _ask(book, "extra-with-retry", "Further keys come with a retry, and a breaker does not.",
         {"action": "retry_same", "open_breaker_ms": 9, "house": 0}, {"position": 0, "retries": 1, "extra": {"house": 0},
                                                                      "rules": ["retry_same/again"]})
    plan = ["override", ["always", {"action": "next_candidate"}], "rate_limit", {"action": "next_provider_same_model"}]
    _ask(book, "by-reason", "The plan answers for the reason, and the answer decides.", plan,
         {"position": 3, "rules": ["next_provider_same_model/advance"]}, reason="rate_limit")
    _ask(book, "by-another-reason", "For a reason that nobody overrides the base answers.", plan,
         {"position": 1, "rules": ["next_candidate/advance"]}, reason="made-up")
    _ask(book, "names-by-code-points", "Providers are equal by code points only.", {"action": "disable_provider"},
         {"position": 1, "disable": "\u00e9", "rules": ["disable_provider/advance"]},
         ordered=[["\u00e9", "x"], ["e\u0301", "x"]], flags=["Unicode", "Normalisation"])
    return book
