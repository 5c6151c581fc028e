"""From the data of a vocabulary file to a vocabulary, or every reason why not.

Specification: chapter "Vocabulary", section "Files". Pointers are those of the file's data, JSON or TOML.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, cast

import attrs

from policy_ir.diagnostics import Refused, codes, did_you_mean, quoted
from policy_ir.syntax.places import step
from policy_ir.vocabulary.declarations import (
    CANDIDATE_KEYS,
    FIELD_SORTS,
    FORMULAS,
    PARAM_SORTS,
    SOURCES,
    FieldDeclaration,
    FieldSort,
    ParamDeclaration,
    ParamSort,
    Source,
    Vocabulary,
)
from policy_ir.vocabulary.forbidden import forbidden
from policy_ir.vocabulary.shapes import Shapes

VERSION: Final = 1
SHIPPED: Final = ("core", "standard")

EMPTY: Final = Vocabulary(name="", fields={}, tiers=(), params={}, needs={}, recipes=(), customs={})
"""What `core` extends."""

_TOP = ("vocabulary", "name", "extends", "about", "fields", "tiers", "params", "needs", "recipes", "customs")
_FIELD = ("sort", "default", "unit", "source", "minimum", "maximum", "about")
_PARAM = ("sort", "minimum", "maximum", "choices", "about")


def extended_name(data: object) -> str:
    """The shipped vocabulary that a file's data extends: `core` where it names none, which `extend` then refuses."""
    named = data.get("extends") if isinstance(data, dict) else None
    return named if isinstance(named, str) and named in SHIPPED else "core"


def extend(base: Vocabulary, data: object, name: str, *, shipped: bool = False) -> Vocabulary:
    """The vocabulary that `data`, the content of a vocabulary file, makes of `base`; `name` is the file's.

    `base` is what the file names under `extends`, or an extension of that. Only `shipped` vocabularies may declare
    derived fields. Raises `Refused` with every diagnostic: `PIR0701` for another shape, `PIR0702` for an unknown
    vocabulary under `extends`, `PIR0703` for what `base` declares already, `PIR0704` for a declaration whose parts do
    not fit, `PIR0705` for a forbidden request parameter, `PIR0706` for a derived field.
    """
    reader = _Reader(base, name, shipped=shipped)
    made = reader.read(data)
    if reader.found or made is None:
        raise Refused(reader.found)
    return made


def _foreign(key: object) -> bool:
    return isinstance(key, str) and (key == "$schema" or key.startswith("x-"))


def _ours(data: dict[object, object]) -> dict[object, object]:
    """The members of a file but for those that are left to other programs."""
    return {key: value for key, value in data.items() if not _foreign(key)}


@attrs.define
class _Reader(Shapes):
    """What the data of one file declares."""

    shipped: bool = False

    def read(self, data: object) -> Vocabulary | None:
        top = self.record(data if not isinstance(data, dict) else _ours(data), "", _TOP)
        missing = [key for key in ("vocabulary", "name") if key not in top]
        for key in missing if isinstance(data, dict) else ():
            self.refuse(codes.VOCABULARY_FORMAT, f"the key {quoted(key)} is missing", "")
        if missing:
            return None
        if top["vocabulary"] != VERSION or isinstance(top["vocabulary"], bool):
            self.ill(top["vocabulary"], "/vocabulary", f"the version {VERSION} of vocabulary files")
        name = self.text(top["name"], "/name", "a name")
        if name in SHIPPED and not self.shipped:
            self.redeclared(name, "/name")
        if "extends" in top:
            self.extends(top["extends"])
        if "about" in top:
            self.text(top["about"], "/about", "a text", empty=True)
        made: dict[str, Any] = {}
        # Each in the order of the file, so that diagnostics come in source order where there are no spans.
        for key, value in top.items():
            at = f"/{key}"
            match key:
                case "fields":
                    made[key] = self.declarations(key, value, self.field)
                case "params":
                    made[key] = self.declarations(key, value, self.param)
                case "needs":
                    made[key] = self.declarations(key, value, self.need)
                case "customs":
                    made[key] = self.declarations(key, value, self.custom)
                case "tiers":
                    tiers = self.names(value, at)
                    # A tier that is no name is missing as a consequence only.
                    whole = isinstance(value, list) and len(tiers) == len(value)
                    made[key] = self.tiers(tiers, at) if whole else ()
                case "recipes":
                    made[key] = (*self.base.recipes, *self.names(value, at))
                case _:
                    pass  # read above
        return attrs.evolve(self.base, name=name or "", **made)

    def extends(self, named: object) -> None:
        if named in SHIPPED:
            return
        self.refuse(
            codes.UNKNOWN_VOCABULARY if isinstance(named, str) else codes.VOCABULARY_FORMAT,
            f"{quoted(named)} is no vocabulary that can be extended",
            "/extends",
            found=quoted(named),
            expected="`core` or `standard`",
            help=did_you_mean(named, SHIPPED),
        )

    def declarations(self, key: str, value: object, read: Callable[[str, object, str], object]) -> dict[str, object]:
        """What the extended vocabulary declares, and what a table adds to it."""
        base = getattr(self.base, key)
        new = self.table(value, f"/{key}", base)
        made = {name: read(name, entry, step(f"/{key}", name)) for name, entry in new.items()}
        return dict(base) | {name: declaration for name, declaration in made.items() if declaration is not None}

    def need(self, _: str, value: object, pointer: str) -> str | None:
        return self.text(value, pointer, "the name of a capability")

    def custom(self, _: str, value: object, pointer: str) -> str | None:
        return self.text(value, pointer, "the version of a transform, a text")

    def tiers(self, tiers: list[str], pointer: str) -> tuple[str, ...]:
        """The order of tiers: the extended one's, with new tiers anywhere among them."""
        if [tier for tier in tiers if tier in self.base.tiers] != list(self.base.tiers):
            order = " < ".join(quoted(tier) for tier in self.base.tiers)
            self.refuse(
                codes.REDECLARED,
                f"these tiers change the order that {quoted(self.base.name)} declares",
                pointer,
                expected=f"{order}, with new tiers anywhere among them",
                help="list all tiers, lowest first",
            )
        return tuple(tiers)

    def field(self, name: str, value: object, pointer: str) -> FieldDeclaration | None:
        before = len(self.found)
        entries = self.record(value, pointer, _FIELD)
        for key in ("sort", "source"):
            if key not in entries and isinstance(value, dict):
                self.refuse(codes.VOCABULARY_FORMAT, f"{quoted(name)} lacks the key {quoted(key)}", pointer)
        if not {"sort", "source"} <= entries.keys():
            return None
        sort = self.one_of(entries["sort"], f"{pointer}/sort", FIELD_SORTS)
        source = self.one_of(entries["source"], f"{pointer}/source", SOURCES)
        unit = self.optional_text(entries, "unit", pointer)
        about = self.optional_text(entries, "about", pointer)
        if source == "derived" and not (self.shipped and name in FORMULAS):
            self.refuse(
                codes.DERIVED_FIELD,
                f"{quoted(name)} has the source `derived`",
                f"{pointer}/source",
                found="`derived`",
                expected="`catalogue`, `state` or `request`",
                help="the formulas of derived fields are part of the language; supply the value from one of these",
            )
        elif name in FORMULAS and source is not None and source != "derived":
            self.refuse(
                codes.DERIVED_FIELD,
                f"{quoted(name)} is a derived field of the language, and nothing else",
                pointer,
                found=f"the source {quoted(source)}",
                help="extend `standard`, which declares it, or choose another name",
            )
        if sort is None or source is None:
            return None
        if name in CANDIDATE_KEYS and (sort, source) != ("tag", "catalogue"):
            self.unfit(
                f"{quoted(name)} is a key of every candidate: it can only be a tag of the catalogue",
                pointer,
                expected="the sort `tag` and the source `catalogue`",
            )
        default = self.default(name, sort, source, entries, pointer)
        if default is True and source == "catalogue" and name.startswith("supports_"):
            self.unfit(
                f"{quoted(name)} shows a capability, which a candidate has only where it says so",
                f"{pointer}/default",
                found="`true`",
                expected="the default `false`",
            )
        minimum, maximum = self.range(name, sort == "num", entries, pointer, "a number")
        if len(self.found) > before:
            return None
        return FieldDeclaration(
            name=name,
            sort=cast(FieldSort, sort),
            default=default,
            unit=unit,
            source=cast(Source, source),
            about=about or "",
            minimum=minimum,
            maximum=maximum,
        )

    def optional_text(self, entries: dict[str, object], key: str, pointer: str) -> str | None:
        return self.text(entries[key], f"{pointer}/{key}", "a text", empty=True) if key in entries else None

    def default(
        self, name: str, sort: str, source: str, entries: dict[str, object], pointer: str
    ) -> float | bool | None:
        at = f"{pointer}/default"
        given = entries.get("default")
        if sort in ("tag", "tags") or source == "derived":
            if given is not None:
                why = "is derived" if source == "derived" else "is a tag"
                self.unfit(f"{quoted(name)} {why}, which has no default", at, found=quoted(given))
            return None
        expected = "a number, `inf` or `-inf`" if sort == "num" else "`true` or `false`"
        if given is None:
            help_ = "a policy observes the default where the field is missing"
            self.unfit(f"{quoted(name)} has no default", pointer, expected=expected, help=help_)
            return None
        if sort == "bool" and isinstance(given, bool):
            return given
        if sort == "num":
            if given == "inf" or given == "-inf":
                return float(given)
            if isinstance(given, int | float) and not isinstance(given, bool):
                return self.number(given, at)
        message = f"the default {quoted(given)} of {quoted(name)} is not of its sort"
        self.unfit(message, at, found=quoted(given), expected=expected)
        return None

    def range(
        self, name: str, numeric: bool, entries: dict[str, object], pointer: str, of: str
    ) -> tuple[float | None, float | None]:
        bounds: dict[str, float | None] = {}
        for key in ("minimum", "maximum"):
            if key not in entries:
                continue
            if numeric:
                bounds[key] = self.number(entries[key], f"{pointer}/{key}")
            else:
                self.unfit(f"{quoted(name)} is not {of}: it has no {key}", f"{pointer}/{key}")
        minimum, maximum = bounds.get("minimum"), bounds.get("maximum")
        if minimum is not None and maximum is not None and minimum > maximum:
            self.unfit(
                f"the minimum {quoted(minimum)} of {quoted(name)} is above its maximum {quoted(maximum)}",
                f"{pointer}/minimum",
            )
        return minimum, maximum

    def param(self, name: str, value: object, pointer: str) -> ParamDeclaration | None:
        before = len(self.found)
        why = forbidden(name)
        if why is not None:
            self.refuse(
                codes.FORBIDDEN_PARAM,
                f"no vocabulary may declare the request parameter {quoted(name)}: {why}",
                pointer,
                found=quoted(name),
            )
            return None
        entries = self.record(value, pointer, _PARAM)
        if "sort" not in entries:
            if isinstance(value, dict):
                self.refuse(codes.VOCABULARY_FORMAT, f"{quoted(name)} lacks the key `sort`", pointer)
            return None
        sort = self.one_of(entries["sort"], f"{pointer}/sort", PARAM_SORTS)
        about = self.optional_text(entries, "about", pointer)
        if sort is None:
            return None
        minimum, maximum = self.range(name, sort in ("number", "integer"), entries, pointer, "a number")
        choices = self.choices(name, sort, entries, pointer)
        if len(self.found) > before:
            return None
        return ParamDeclaration(name, cast(ParamSort, sort), minimum, maximum, choices, about or "")

    def choices(self, name: str, sort: str, entries: dict[str, object], pointer: str) -> tuple[str, ...] | None:
        if "choices" not in entries:
            return None
        at = f"{pointer}/choices"
        if sort != "string":
            self.unfit(f"{quoted(name)} is not a string: it has no choices", at)
            return None
        choices = self.names(entries["choices"], at)
        if not choices and entries["choices"] == []:
            self.unfit(f"{quoted(name)} has no choice", at, expected="one choice or more")
        return tuple(sorted(choices))
