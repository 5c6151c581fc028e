"""Scripted faults of the sandbox: what goes wrong at a simulated candidate, and at which of its calls.

A fault is written `KIND` or `KIND:SETTING,SETTING...`. A setting is `NAME=VALUE`, or says which calls have the fault:

* `forever` (the default), `once`, or a number, the first so many calls;
* `skip=N` lets the first N calls pass before that;
* `p=0.2` is the share of the calls that have it, drawn from the sandbox's seed.

`KINDS` lists the kinds and the settings that each takes. Nothing here sends anything.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Final

import attrs
from blake3 import blake3

from policy_ir.diagnostics import Code, Diagnostic, Refused, codes, did_you_mean, one_of, quoted

Value = int | float | str

MOST_SETTING: Final = 10.0**12
"""The greatest number that a setting may have."""


@attrs.frozen
class Setting:
    """A setting of a kind of fault: its default, whose type is the setting's, None for a number that may be absent.

    `choices` are the words that may stand where it is a word; empty for any word.
    """

    default: Value | None
    about: str
    choices: tuple[str, ...] = ()
    minimum: float = 0.0
    maximum: float = MOST_SETTING


@attrs.frozen
class Kind:
    """A kind of fault: what happens, in words, and its settings by name."""

    about: str
    settings: Mapping[str, Setting] = attrs.field(factory=dict)


_YES_NO: Final = ("yes", "no")


def _status(default: int) -> Setting:
    return Setting(default, "the HTTP status", minimum=200, maximum=599)


def _after(default: int | None) -> Setting:
    return Setting(default, "how many pieces of the answer are sent before it")


def _ping() -> Setting:
    return Setting(None, "milliseconds between comments that keep the stream alive", minimum=1)


def _ms(default: int, about: str) -> Setting:
    return Setting(default, about, minimum=1)


KINDS: Final[Mapping[str, Kind]] = MappingProxyType(
    {
        # Answers that are errors.
        "rate_limit": Kind(
            "too many calls, 429",
            {
                "retry_after": Setting(None, "seconds in the `Retry-After` header"),
                "retry_after_ms": Setting(None, "milliseconds in the `retry-after-ms` header"),
            },
        ),
        "quota": Kind("the quota is used up, 429"),
        "overloaded": Kind("no capacity, 529", {"status": _status(529)}),
        "server_error": Kind("an internal error, 500", {"status": _status(500)}),
        "context_overflow": Kind("the prompt is too long for the model, 400"),
        "content_filter": Kind(
            "the provider's filter refuses the prompt, 400; with `after`, it ends the answer",
            {"after": _after(None)},
        ),
        "auth_error": Kind(
            "the key is not valid, 401",
            {"echo": Setting("no", "whether the message repeats the key that was sent", _YES_NO)},
        ),
        "payment": Kind("the account has no credit, 402"),
        "model_not_found": Kind("there is no such model, 404"),
        "bad_request": Kind(
            "the provider refuses the shape of the request, 400",
            {"param": Setting("", "refuse only requests that have this parameter")},
        ),
        "error_array": Kind("the error stands in a list", {"status": _status(429)}),
        "error_in_200": Kind("an error in an answer with the status 200"),
        "flapping": Kind(
            "an error 503 and an answer by turns",
            {
                "run": Setting(1, "how many calls are a turn", minimum=1),
                "ms": Setting(None, "milliseconds that a turn lasts, instead of `run`", minimum=1),
            },
        ),
        # Answers that are nothing a client asked for.
        "html": Kind("a page of HTML, as a proxy in between sends it", {"status": _status(502)}),
        "empty": Kind("an answer with no body", {"status": _status(200)}),
        "redirect": Kind("a redirect to another address", {"status": _status(307)}),
        "huge": Kind("an answer of many bytes", {"bytes": Setting(80 * 2**20, "how many", minimum=1)}),
        "wrong_usage": Kind(
            "absurd token counts",
            {"tokens": Setting(10**9, "the count of prompt tokens and of completion tokens", minimum=-MOST_SETTING)},
        ),
        "no_usage": Kind("no token counts"),
        # The connection, and what comes over it.
        "reset": Kind("the connection is reset before any header"),
        "silence": Kind("nothing is answered at all"),
        "slow_first_token": Kind(
            "headers at once, the first token late", {"ms": _ms(1500, "how late, in milliseconds"), "ping": _ping()}
        ),
        "slow_tokens": Kind("each token comes late", {"ms": _ms(500, "how late each, in milliseconds")}),
        "cut": Kind("the connection is closed in the middle of the answer", {"after": _after(3)}),
        "stall": Kind("the answer stops in the middle, the connection stays", {"after": _after(3), "ping": _ping()}),
        "malformed": Kind("a piece of the answer is broken JSON", {"after": _after(3)}),
        "bad_framing": Kind("the chunked encoding is broken", {"after": _after(3)}),
        "no_end": Kind(
            "the stream ends without its end marker",
            {"finish": Setting("no", "whether a finish reason came before", _YES_NO)},
        ),
        "error_in_stream": Kind("an error object in the stream", {"after": _after(3)}),
    }
)
"""The kinds of faults, by name."""


@attrs.frozen(kw_only=True)
class Fault:
    """A fault at some calls of a candidate.

    Calls are counted from 0. It is at call `n` where `skip <= n`, `n < skip + first` (None: without end), and the draw
    for the call is below `p`. `settings` has every setting of the kind; absent numbers are None.
    """

    kind: str
    settings: Mapping[str, Value | None] = attrs.field(factory=dict, hash=False)
    first: int | None = None
    skip: int = 0
    p: float = 1.0
    text: str = ""

    def number(self, name: str) -> float | None:
        """A setting that is a number, or None where it is absent."""
        value = self.settings[name]
        assert not isinstance(value, str)
        return value

    def whole(self, name: str) -> int:
        """A setting that is an integral number with a default."""
        value = self.number(name)
        assert value is not None
        return int(value)

    def word(self, name: str) -> str:
        """A setting that is a word."""
        return str(self.settings[name])


def read_fault(text: str, *, pointer: str | None = None) -> Fault:
    """The fault that a text states, such as `rate_limit:retry_after=2,once`.

    Raises `Refused`: `PIR0940` for an unknown kind, `PIR0941` for each setting that the kind does not take.
    """
    kind, _, rest = (part.strip() for part in text.partition(":"))
    if kind not in KINDS:
        raise Refused.because(
            codes.UNKNOWN_FAULT,
            f"the sandbox has no fault {quoted(kind)}",
            source="fault",
            pointer=pointer,
            found=quoted(kind),
            expected=one_of(KINDS),
            help=did_you_mean(kind, KINDS),
        )
    reading = _Reading(kind, text, pointer)
    for setting in filter(None, (part.strip() for part in rest.split(","))):
        reading.setting(setting)
    if reading.found:
        raise Refused(reading.found)
    return reading.fault()


def faults_of(texts: Iterable[str], candidates: Sequence[str]) -> dict[str, tuple[Fault, ...]]:
    """The faults by candidate of texts such as `north/large=rate_limit`, in the order given.

    `*` stands for all candidates and `north/*` for those of a provider. Raises `Refused` with the findings of all
    texts: those of `read_fault`, and `PIR0942` where a text names no candidate of `candidates`.
    """
    faults: dict[str, tuple[Fault, ...]] = {}
    found: list[Diagnostic] = []
    for text in texts:
        named, fault, wrong = _read_assignment(text, candidates)
        found += wrong
        if fault is not None:
            for candidate in named:
                faults[candidate] = (*faults.get(candidate, ()), fault)
    if found:
        raise Refused(found)
    return faults


def _read_assignment(text: str, candidates: Sequence[str]) -> tuple[list[str], Fault | None, list[Diagnostic]]:
    name, separator, what = (part.strip() for part in text.partition("="))
    if not separator or ":" in name:
        found = Diagnostic(
            code=codes.FAULT_CANDIDATE,
            message=f"{quoted(text)} names no candidate",
            source="fault",
            found=quoted(text),
            expected="`CANDIDATE=FAULT`, such as " + quoted(f"{candidates[0]}=rate_limit:retry_after=2"),
        )
        return [], None, [found]
    wrong: list[Diagnostic] = []
    named = [one for one in candidates if one == name or (name.endswith("*") and one.startswith(name[:-1]))]
    if not named:
        wrong.append(
            Diagnostic(
                code=codes.FAULT_CANDIDATE,
                message=f"the sandbox has no candidate {quoted(name)}",
                source="fault",
                found=quoted(name),
                expected=one_of(candidates) + ", `*` for all, or a provider with `/*`",
                help=did_you_mean(name, candidates),
            )
        )
    try:
        return named, read_fault(what), wrong
    except Refused as refused:
        return named, None, [*wrong, *refused.diagnostics]


@attrs.define
class _Reading:
    """The settings of one fault, as they are read."""

    kind: str
    text: str
    pointer: str | None
    found: list[Diagnostic] = attrs.field(factory=list)
    first: int | None = None
    skip: int = 0
    p: float = 1.0
    settings: dict[str, Value | None] = attrs.field(factory=dict)

    def fault(self) -> Fault:
        """The fault, with the defaults of what was not set."""
        defaults = {name: setting.default for name, setting in KINDS[self.kind].settings.items()}
        return Fault(
            kind=self.kind,
            settings=defaults | self.settings,
            first=self.first,
            skip=self.skip,
            p=self.p,
            text=self.text.strip(),
        )

    def setting(self, text: str) -> None:
        """Reads one setting."""
        name, separator, value = (part.strip() for part in text.partition("="))
        declared = KINDS[self.kind].settings.get(name)
        if not separator and name == "forever":
            self.first = None
        elif not separator and (name == "once" or name.isdecimal()):
            self.first = 1 if name == "once" else self.count(text, name)
        elif separator and name == "skip":
            self.skip = self.count(text, value)
        elif separator and name == "p":
            share = self.amount(text, value, 0.0, 1.0)
            self.p = 1.0 if share is None else share
        elif separator and declared is not None:
            self.settings[name] = self.value(text, value, declared)
        else:
            takes = [*KINDS[self.kind].settings, "p", "skip", "once", "forever"]
            expected = f"settings of `{self.kind}`: " + ", ".join(map(quoted, takes)) + " or a number of calls"
            self.wrong(
                f"{quoted(self.kind)} takes no setting {quoted(text)}", text, expected, did_you_mean(name, takes)
            )

    def value(self, text: str, value: str, declared: Setting) -> Value | None:
        """The value of a setting of the kind."""
        if isinstance(declared.default, str):
            if declared.choices and value not in declared.choices:
                expected = " or ".join(map(quoted, declared.choices))
                self.wrong(f"{quoted(text)} is not {expected}", text, expected)
            return value
        amount = self.amount(text, value, declared.minimum, declared.maximum)
        return int(amount) if amount is not None and amount.is_integer() else amount

    def count(self, text: str, value: str) -> int:
        """A number of calls."""
        amount = self.amount(text, value, 0.0, MOST_SETTING)
        return 0 if amount is None else int(amount)

    def amount(self, text: str, value: str, least: float, most: float) -> float | None:
        """A number within bounds, or None with a finding."""
        try:
            amount = float(value)
        except ValueError:
            amount = float("nan")
        if least <= amount <= most:
            return amount
        expected = f"a number from {least:.15g} to {most:.15g}"
        self.wrong(f"{quoted(value)} where {expected} is due", text, expected)
        return None

    def wrong(self, message: str, text: str, expected: str, help: str | None = None) -> None:
        """Notes a finding."""
        code: Code = codes.FAULT_SETTING
        self.found.append(
            Diagnostic(
                code=code,
                message=message,
                source="fault",
                pointer=self.pointer,
                found=quoted(text),
                expected=expected,
                help=help,
            )
        )


@attrs.define
class Script:
    """The faults of one candidate in their order, with the count of the calls that each has looked at.

    The first fault that is at a call is the one that happens. Draws depend on the seed, the candidate, the fault's
    text and the number of the call only. A `flapping` fault passes the calls of every second turn.
    """

    candidate: str
    faults: tuple[Fault, ...] = ()
    seed: int = 0
    _calls: dict[int, int] = attrs.field(factory=dict, init=False)
    _since: dict[int, float] = attrs.field(factory=dict, init=False)

    def next(self, now: float) -> Fault | None:
        """The fault of the next call, which begins at `now` (monotonic seconds); None where it goes well."""
        at: Fault | None = None
        for place, fault in enumerate(self.faults):
            call = self._calls.get(place, 0)
            self._calls[place] = call + 1
            if at is None and self._is_at(place, fault, call, now):
                at = fault
        return at

    def _is_at(self, place: int, fault: Fault, call: int, now: float) -> bool:
        call_of_fault = call - fault.skip
        if call_of_fault < 0 or (fault.first is not None and call_of_fault >= fault.first):
            return False
        if fault.p < 1.0 and draws(self.seed, self.candidate, fault.text, str(call)).random() >= fault.p:
            return False
        if fault.kind != "flapping":
            return True
        turn_ms = fault.number("ms")
        if turn_ms is None:
            return call_of_fault // fault.whole("run") % 2 == 0
        began = self._since.setdefault(place, now)
        return int((now - began) * 1000.0 / turn_ms) % 2 == 0


def draws(seed: int, *parts: str) -> random.Random:
    """A generator of numbers that depends on these alone; only its `random()` is the same in every release."""
    text = "\0".join((str(seed), *parts))
    return random.Random(int.from_bytes(blake3(text.encode("utf-8", "surrogatepass")).digest(8)))
