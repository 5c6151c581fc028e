"""Request facts: all that a policy can know of the call it decides, a flat record made by the host.

Specification: chapter "Facts".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import attrs

from policy_ir.canonical import digest, fingerprint
from policy_ir.cbor import ARRAY, MAP, encode, encode_number, encode_text, head
from policy_ir.diagnostics import Diagnostic, Refused, codes, did_you_mean, one_of, quoted
from policy_ir.field_values import FACTS, MOST_SEED, binary64, check_name, describe_range, out_of_range, read_value
from policy_ir.syntax.bounds import DIAGNOSTICS
from policy_ir.syntax.places import step
from policy_ir.vocabulary.declarations import FieldValue

if TYPE_CHECKING:
    from policy_ir.vocabulary.declarations import Vocabulary

PRIVACY: Final = ("standard", "no_log", "tee_required")
"""The privacy levels, least demanding first."""


def _plain(value: Any) -> Any:
    """A value as JSON has it: integral numbers without a fraction."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _frozen(fields: Mapping[str, FieldValue]) -> Mapping[str, FieldValue]:
    return MappingProxyType(dict(fields))


def _sorted(needs: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(needs)))


@attrs.frozen(slots=True, kw_only=True)
class Facts:
    """What a call requires, and what the host says about it. All defaults require nothing.

    `needs` are names that the vocabulary maps to capabilities, sorted, each once. `min_context` is in tokens,
    `min_tok_s` in tokens per second; None requires nothing. `model_family` and `tier` are required identities, `scope`
    the request's scope, `privacy` one of `PRIVACY`. `fields` are values of declared request fields. `read_facts` checks
    all of it against a vocabulary; the constructor does not. `checked_under` is the vocabulary that these facts were
    read under; facts that were built or changed in any other way have none, and `checked` reads them. `requirement` is
    all of this but the fields, as one value: calls that require the same have equal ones.
    """

    needs: tuple[str, ...] = attrs.field(default=(), converter=_sorted)
    min_context: float | None = None
    model_family: str | None = None
    tier: str | None = None
    privacy: str = "standard"
    min_tok_s: float | None = None
    scope: str | None = None
    fields: Mapping[str, FieldValue] = attrs.field(factory=dict, converter=_frozen)
    checked_under: Vocabulary | None = attrs.field(default=None, init=False, eq=False, repr=False)
    requirement: tuple[object, ...] = attrs.field(init=False, eq=False, repr=False)
    _fingerprint: str | None = attrs.field(default=None, init=False, eq=False, repr=False)

    @requirement.default
    def _requirement(self) -> tuple[object, ...]:
        return (
            *(self.needs, self.min_context, self.model_family, self.tier),
            *(self.privacy, self.min_tok_s, self.scope),
        )

    def record(self) -> dict[str, Any]:
        """The plain value that the fingerprint is made of (rule `facts/record`): absent facts are left out."""
        record: dict[str, Any] = {
            "needs": list(self.needs),
            "privacy": self.privacy,
            "fields": [
                [name, list(value) if isinstance(value, tuple) else value]
                for name, value in sorted(self.fields.items())
            ],
        }
        optional = {key: getattr(self, key) for key in ("min_context", "model_family", "tier", "min_tok_s", "scope")}
        return record | {key: value for key, value in optional.items() if value is not None}

    def to_json(self) -> dict[str, Any]:
        """The facts as a JSON object that `read_facts` reads back to equal facts."""
        record = {key: _plain(value) for key, value in self.record().items()}
        return record | {"fields": {name: _plain(value) for name, value in record["fields"]}}

    @property
    def fingerprint(self) -> str:
        """`blake3:` and 64 hexadecimal digits, under the tag `facts/1`."""
        kept = self._fingerprint
        if kept is None:
            # Facts that nobody has checked may hold anything; the encoder says what is no value.
            known = self.checked_under is not None
            kept = digest(facts_bytes(self)) if known else fingerprint("facts/1", self.record())
            object.__setattr__(self, "_fingerprint", kept)
        return kept


_NOTHING: Final = Facts()
"""What holds under every vocabulary."""


def facts_bytes(facts: Facts) -> bytes:
    """The canonical bytes of the record of facts that are checked: those of `["facts/1", facts.record()]`.

    A router makes them for each call, so they are put together here, the keys in the order of their encodings.
    """
    tier, scope, speed = facts.tier, facts.scope, facts.min_tok_s
    context, family = facts.min_context, facts.model_family
    absent = (tier, scope, speed, context, family).count(None)
    parts = [_RECORDS[absent]]
    if tier is not None:
        parts += (b"\x64tier", encode_text(tier))
    parts += (b"\x65needs", head(ARRAY, len(facts.needs)), *map(encode_text, facts.needs))
    if scope is not None:
        parts += (b"\x65scope", encode_text(scope))
    parts += (b"\x66fields", head(ARRAY, len(facts.fields)))
    for name, value in sorted(facts.fields.items()):
        if isinstance(value, float):
            parts += (b"\x82", encode_text(name), encode_number(value))
        else:
            parts.append(encode([name, value]))
    parts.append(_PRIVACIES[facts.privacy])
    if speed is not None:
        parts += (b"\x69min_tok_s", encode_number(speed))
    if context is not None:
        parts += (b"\x6bmin_context", encode_number(context))
    if family is not None:
        parts += (b"\x6cmodel_family", encode_text(family))
    return b"".join(parts)


_RECORDS: Final = [head(ARRAY, 2) + encode_text("facts/1") + head(MAP, 8 - absent) for absent in range(6)]
"""What the bytes of a record start with, by how many of its keys are absent."""

_PRIVACIES: Final = {level: encode_text("privacy") + encode_text(level) for level in PRIVACY}


def read_facts(value: object, vocabulary: Vocabulary) -> Facts:
    """Facts from a decoded JSON object; null stands for an absent fact.

    Raises `Refused` with every diagnostic, in the order of the object: `PIR0710` to `PIR0716`, `PIR0403`.
    """
    return facts_under(vocabulary, read_given(value, vocabulary))


def facts_under(vocabulary: Vocabulary, given: Mapping[str, Any]) -> Facts:
    """Facts of what `read_given` has read under a vocabulary."""
    facts = Facts(**given)
    object.__setattr__(facts, "checked_under", vocabulary)
    return facts


def read_given(value: object, vocabulary: Vocabulary) -> dict[str, Any]:
    """The facts that a decoded JSON object states, by name. Raises like `read_facts`."""
    if not isinstance(value, Mapping):
        raise Refused.because(
            codes.FACTS_FORMAT,
            f"request facts are a JSON object, not {quoted(value)}",
            pointer="",
            found=quoted(value),
            expected="an object",
        )
    found: list[Diagnostic] = []
    given: dict[str, Any] = {}
    for key, fact in value.items():
        reader = _READERS.get(key)
        if reader is None:
            found.append(_unknown_fact(key))
        elif fact is not None:
            given[key] = reader(fact, step("", key), vocabulary, found)
        if len(found) >= DIAGNOSTICS:
            break
    if found:
        raise Refused(found)
    return given


def checked(facts: Facts | None, vocabulary: Vocabulary) -> Facts:
    """Facts that hold under a vocabulary, of a request that requires nothing where there are none.

    Those that `read_facts` gave under this very vocabulary are returned as they are. A host may have built others
    itself, and an unknown privacy level must not fail open: they are read again, and refused like any that are read.
    """
    if facts is None:
        return _NOTHING
    return facts if facts.checked_under is vocabulary else read_facts(facts.to_json(), vocabulary)


def read_seed(value: object) -> int | None:
    """A seed: an integral number from 0 to 2^53 - 1, however written; None is no seed. Raises `Refused` (`PIR0730`)."""
    if value is None:
        return None
    seed = binary64(value)
    if seed is not None and seed.is_integer() and 0 <= seed <= MOST_SEED:
        return int(seed)
    raise Refused.because(
        codes.BAD_SEED,
        f"{quoted(value)} is not a seed",
        pointer="",
        found=quoted(value),
        expected=f"an integer from 0 to {MOST_SEED}",
    )


# --- the readers, one per fact: each gives a value, or adds to the diagnostics ---------------------------------


def _needs(value: object, at: str, vocabulary: Vocabulary, found: list[Diagnostic]) -> tuple[str, ...]:
    if not isinstance(value, list | tuple):
        found.append(_wrong(value, at, "a list of needs"))
        return ()
    needs = []
    for index, need in enumerate(value):
        if not isinstance(need, str):
            found.append(_wrong(need, f"{at}/{index}", "the name of a need"))
        elif need not in vocabulary.needs:
            found.append(unknown_need(need, f"{at}/{index}", vocabulary))
        else:
            needs.append(need)
        if len(found) >= DIAGNOSTICS:
            break
    return tuple(needs)


def _amount(value: object, at: str, vocabulary: Vocabulary, found: list[Diagnostic]) -> float | None:
    number = binary64(value)
    if number is None:
        found.append(_wrong(value, at, "a finite number"))
    elif number < 0:
        found.append(out_of_range(at[1:], number, describe_range(0.0, None), at, FACTS))
    return number


def _name(value: object, at: str, vocabulary: Vocabulary, found: list[Diagnostic]) -> str | None:
    if not isinstance(value, str):
        found.append(_wrong(value, at, "a name"))
        return None
    found += check_name(value, at, FACTS)
    return value


def _tier(value: object, at: str, vocabulary: Vocabulary, found: list[Diagnostic]) -> str | None:
    if not isinstance(value, str):
        found.append(_wrong(value, at, "the name of a tier"))
        return None
    if value not in vocabulary.tiers:
        found.append(
            Diagnostic(
                code=codes.UNKNOWN_TIER,
                message=f"the vocabulary {quoted(vocabulary.name)} declares no tier {quoted(value)}",
                pointer=at,
                found=quoted(value),
                expected=one_of(vocabulary.tiers),
                help=did_you_mean(value, vocabulary.tiers),
            )
        )
    return value


def _privacy(value: object, at: str, vocabulary: Vocabulary, found: list[Diagnostic]) -> str | None:
    if isinstance(value, str) and value in PRIVACY:
        return value
    found.append(
        Diagnostic(
            code=codes.UNKNOWN_PRIVACY,
            message=f"{quoted(value)} is not a privacy level",
            pointer=at,
            found=quoted(value),
            expected=one_of(PRIVACY),
            help=did_you_mean(value, PRIVACY),
        )
    )
    return None


def _fields(value: object, at: str, vocabulary: Vocabulary, found: list[Diagnostic]) -> dict[str, FieldValue]:
    fields: dict[str, FieldValue] = {}
    if not isinstance(value, Mapping):
        found.append(_wrong(value, at, "an object of request fields"))
        return fields
    for name, entry in value.items():
        declared = vocabulary.fields.get(name)
        pointer = step(at, str(name))
        if declared is None or declared.source != "request":
            found.append(_foreign_field(name, pointer, vocabulary))
        elif entry is not None:
            read, wrong = read_value(declared, entry, pointer, FACTS)
            found += wrong
            if read is not None:
                fields[name] = read
        if len(found) >= DIAGNOSTICS:
            break
    return fields


_Reader = Callable[[object, str, "Vocabulary", list[Diagnostic]], object]
_READERS: Mapping[str, _Reader] = {
    "needs": _needs,
    "min_context": _amount,
    "model_family": _name,
    "tier": _tier,
    "privacy": _privacy,
    "min_tok_s": _amount,
    "scope": _name,
    "fields": _fields,
}


def unknown_need(need: str, pointer: str, vocabulary: Vocabulary) -> Diagnostic:
    """The diagnostic of a need that the vocabulary maps to no capability."""
    return Diagnostic(
        code=codes.UNKNOWN_NEED,
        message=f"the vocabulary {quoted(vocabulary.name)} maps the need {quoted(need)} to no capability",
        pointer=pointer,
        found=quoted(need),
        expected=one_of(vocabulary.needs) if vocabulary.needs else None,
        help=did_you_mean(need, vocabulary.needs, "declare it under `needs` in a vocabulary file"),
    )


def _unknown_fact(key: object) -> Diagnostic:
    return Diagnostic(
        code=codes.UNKNOWN_FACT,
        message=f"{quoted(key)} is not a request fact",
        pointer=step("", str(key)),
        found=quoted(key),
        expected=one_of(_READERS),
        help=did_you_mean(key, _READERS, "request fields go under `fields`"),
    )


def _foreign_field(name: object, pointer: str, vocabulary: Vocabulary) -> Diagnostic:
    supplied = [field for field, row in vocabulary.fields.items() if row.source == "request"]
    return Diagnostic(
        code=codes.FACT_FIELD,
        message=f"{quoted(name)} is not a request field of the vocabulary {quoted(vocabulary.name)}",
        pointer=pointer,
        found=quoted(name),
        expected=one_of(supplied) if supplied else None,
        help=did_you_mean(name, supplied),
    )


def _wrong(value: object, pointer: str, expected: str) -> Diagnostic:
    return Diagnostic(
        code=codes.FACT_VALUE,
        message=f"{quoted(value)} is not {expected}",
        pointer=pointer,
        found=quoted(value),
        expected=expected,
    )
