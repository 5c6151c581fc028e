"""What a vocabulary declares: the fields a policy can see, the parameters it can set, the names it can use.

Specification: chapter "Vocabulary".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from math import isfinite
from types import MappingProxyType
from typing import Any, Literal, TypeAlias, get_args

import attrs

FieldSort: TypeAlias = Literal["num", "bool", "tag", "tags"]
Source: TypeAlias = Literal["catalogue", "state", "request", "derived"]
ParamSort: TypeAlias = Literal["number", "integer", "string", "boolean"]
FieldValue: TypeAlias = float | bool | str | tuple[str, ...]

FIELD_SORTS: tuple[str, ...] = get_args(FieldSort)
SOURCES: tuple[str, ...] = get_args(Source)
PARAM_SORTS: tuple[str, ...] = get_args(ParamSort)

SORT_NAMES: Mapping[str, str] = MappingProxyType(
    {"num": "a numeric field", "bool": "a boolean field", "tag": "a tag field", "tags": "a set-valued tag field"}
)
"""The sorts of fields as a message names them, with their articles."""

DEFAULT_TIER = "fallback"
"""The tier of a candidate that has none; `core` declares it."""

FORMULAS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"call_cost": ("prompt_tokens", "price_in", "completion_tokens", "price_out")}
)
"""The derived fields and the fields that their formula reads; the formula itself is a rule of the semantics."""

CANDIDATE_KEYS: tuple[str, ...] = ("id", "provider", "family", "served_model", "served_by", "tier", "scope")
"""The keys of every candidate; a field of such a name can only be a tag of the catalogue, and shows that key."""


@attrs.frozen(slots=True)
class FieldDeclaration:
    """A field: the only way in which a policy sees a candidate or the request.

    `default` is what a policy observes where the field is missing: a binary64 (infinities allowed) for `num`, a
    boolean for `bool`; None for tags, which are then absent, and for derived fields, whose inputs have defaults.
    `unit` is what a number counts (`USD/Mtok`, `ms`), None where there is nothing to count. `minimum` and
    `maximum` bound the values that a source may supply for a `num`; the default may lie outside.
    """

    name: str
    sort: FieldSort
    default: float | bool | None
    unit: str | None
    source: Source
    about: str = ""
    minimum: float | None = None
    maximum: float | None = None

    def admits(self, number: float) -> bool:
        """Whether a source may supply this number for this numeric field: finite, and in its range."""
        return isfinite(number) and _within(number, self.minimum, self.maximum)

    def record(self) -> dict[str, Any]:
        """What the vocabulary's fingerprint says of this field: all but its name and the words about it."""
        return _present(
            sort=self.sort,
            default=self.default,
            unit=self.unit,
            source=self.source,
            minimum=self.minimum,
            maximum=self.maximum,
        )


@attrs.frozen(slots=True)
class ParamDeclaration:
    """A request parameter that a policy may set: its sort, and its range or its choices.

    `minimum` and `maximum` bound a `number` or `integer`, both ends included; `choices` lists the values of a
    `string`, sorted. None means unbounded.
    """

    name: str
    sort: ParamSort
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[str, ...] | None = None
    about: str = ""

    @property
    def numeric(self) -> bool:
        """Whether values are numbers."""
        return self.sort in ("number", "integer")

    def in_range(self, number: float) -> bool:
        """Whether a number lies in the declared range."""
        return _within(number, self.minimum, self.maximum)

    def record(self) -> dict[str, Any]:
        """What the vocabulary's fingerprint says of this parameter: all but its name and the words about it."""
        return _present(
            sort=self.sort,
            minimum=self.minimum,
            maximum=self.maximum,
            choices=None if self.choices is None else list(self.choices),
        )


def _within(number: float, minimum: float | None, maximum: float | None) -> bool:
    return (minimum is None or minimum <= number) and (maximum is None or number <= maximum)


def _present(**entries: Any) -> dict[str, Any]:
    return {key: value for key, value in entries.items() if value is not None}


def _frozen(mapping: Mapping[str, Any]) -> Mapping[str, Any]:
    """A mapping that cannot change, in code-point order of its keys."""
    return MappingProxyType({key: mapping[key] for key in sorted(mapping)})


def _set(names: Iterable[str]) -> tuple[str, ...]:
    """Names in code-point order, each once."""
    return tuple(sorted(set(names)))


@attrs.frozen(slots=True, eq=False)
class Vocabulary:
    """Everything that a policy may name. Immutable; mappings are in code-point order of their keys.

    `tiers` is in declared order, lowest first. `needs` maps a need of the request to the capability that answers
    it; `customs` maps a symbol to the version of the host's transform. Two vocabularies that declare the same have
    the same `fingerprint`, whatever they are called and however they describe it.
    """

    name: str
    fields: Mapping[str, FieldDeclaration] = attrs.field(converter=_frozen)
    tiers: tuple[str, ...]
    params: Mapping[str, ParamDeclaration] = attrs.field(converter=_frozen)
    needs: Mapping[str, str] = attrs.field(converter=_frozen)
    recipes: tuple[str, ...] = attrs.field(converter=_set)
    customs: Mapping[str, str] = attrs.field(converter=_frozen)

    def fields_of(self, sorts: Iterable[str]) -> tuple[str, ...]:
        """The names of the fields of these sorts, in code-point order."""
        wanted = frozenset(sorts)
        return tuple(name for name, field in self.fields.items() if field.sort in wanted)

    def tier_rank(self, tier: str | None) -> int:
        """The 0-based place of a candidate's tier in the declared order; -1 for a tier that nobody declared."""
        name = DEFAULT_TIER if tier is None else tier
        return self.tiers.index(name) if name in self.tiers else -1

    def record(self) -> dict[str, Any]:
        """The plain value that the fingerprint is made of. Numbers are binary64, infinities among them."""
        return {
            "fields": [[name, field.record()] for name, field in self.fields.items()],
            "tiers": list(self.tiers),
            "params": [[name, param.record()] for name, param in self.params.items()],
            "needs": [[need, capability] for need, capability in self.needs.items()],
            "recipes": list(self.recipes),
            "customs": [[symbol, version] for symbol, version in self.customs.items()],
        }

    @cached_property
    def fingerprint(self) -> str:
        """`blake3:` and 64 hexadecimal digits, under the tag `vocabulary/1`."""
        from policy_ir.canonical import fingerprint

        return fingerprint("vocabulary/1", self.record(), scores=True)
