"""Plausible JSON values that fit a JSON Schema, for the arguments of tool calls and structured answers.

Understood are the keywords that structured outputs use: `type`, `properties`, `required`, `items`, `prefixItems`,
`enum`, `const`, `anyOf`, `oneOf`, `allOf`, `$ref` within the schema, the bounds of numbers, strings and lists, and the
common formats. `pattern` is not.
"""

from __future__ import annotations

import math
import random
from collections.abc import Mapping
from typing import Any, Final

import attrs

from policy_ir.syntax.places import key_of

MOST_VALUES: Final = 10_000
"""Values that one schema may make."""
SHALLOW: Final = 5
"""The depth from which only what must be there is made."""
MOST_DEPTH: Final = 32

_FORMATS: Final[Mapping[str, str]] = {
    "date": "2026-01-31",
    "time": "12:30:00Z",
    "date-time": "2026-01-31T12:30:00Z",
    "duration": "PT15M",
    "email": "simulated@example.com",
    "hostname": "example.com",
    "ipv4": "192.0.2.1",
    "ipv6": "2001:db8::1",
    "uri": "https://example.com/simulated",
    "uuid": "00000000-0000-4000-8000-000000000000",
}


class UnusableSchema(ValueError):
    """The schema is of a shape that no value can be made from, or would make too many."""


def value_of(schema: object, draw: random.Random, *, text: str = "") -> Any:
    """A value that fits the schema; the same for the same draws. `text` stands for long strings.

    Raises `UnusableSchema`.
    """
    return _Maker(schema, draw, text).make(schema, "value", 1)


@attrs.define
class _Maker:
    root: object
    draw: random.Random
    text: str
    made: int = 0

    def make(self, schema: object, name: str, depth: int) -> Any:
        """A value for a schema that stands under a name."""
        self.made += 1
        if self.made > MOST_VALUES or depth > MOST_DEPTH:
            raise UnusableSchema("the schema is too large, or needs a value that never ends")
        if schema is True:
            return f"simulated {name}"
        if not isinstance(schema, Mapping):
            raise UnusableSchema(f"the schema of {name!r} is no object")
        schema = self.resolved(schema, depth)
        if "const" in schema:
            return schema["const"]
        if isinstance(choices := schema.get("enum"), list) and choices:
            return choices[int(self.draw.random() * len(choices))]
        for key in ("anyOf", "oneOf"):
            if isinstance(options := schema.get(key), list) and options:
                rest = {other: value for other, value in schema.items() if other != key}
                return self.make(_merged([rest, self.option(options, depth)]), name, depth + 1)
        match self.type_of(schema, depth):
            case "object":
                return self.object(schema, depth)
            case "array":
                return self.array(schema, name, depth)
            case "integer":
                return self.integer(schema)
            case "number":
                return self.number(schema)
            case "boolean":
                return self.draw.random() < 0.5
            case "null":
                return None
            case _:
                return self.string(schema, name)

    def resolved(self, schema: Mapping[str, Any], depth: int) -> Mapping[str, Any]:
        """A schema without `$ref` and `allOf` of its own."""
        for _ in range(MOST_DEPTH):
            parts: list[Mapping[str, Any]] = []
            if isinstance(reference := schema.get("$ref"), str):
                parts.append(self.referred(reference))
            if isinstance(all_of := schema.get("allOf"), list):
                parts += [part for part in all_of if isinstance(part, Mapping)]
            if not parts:
                return schema
            rest = {key: value for key, value in schema.items() if key not in ("$ref", "allOf")}
            schema = _merged([*parts, rest])
        raise UnusableSchema("the schema refers to itself")

    def referred(self, reference: str) -> Mapping[str, Any]:
        if not reference.startswith("#"):
            raise UnusableSchema(f"the schema refers to {reference!r}, which is elsewhere")
        found: object = self.root
        for part in reference[1:].split("/")[1:]:
            found = found.get(key_of(part)) if isinstance(found, Mapping) else None
        if not isinstance(found, Mapping):
            raise UnusableSchema(f"the schema refers to {reference!r}, which is not there")
        return found

    def option(self, options: list[Any], depth: int) -> Mapping[str, Any]:
        """One of several schemas; deep down one that ends."""
        usable = [option for option in options if isinstance(option, Mapping)]
        if not usable:
            raise UnusableSchema("a choice between schemas has none")
        ending = [option for option in usable if "$ref" not in option and option.get("type") not in ("object", "array")]
        if depth >= SHALLOW and ending:
            return ending[0]
        return usable[int(self.draw.random() * len(usable))]

    def type_of(self, schema: Mapping[str, Any], depth: int) -> str:
        kind = schema.get("type")
        if isinstance(kind, list) and kind:
            plain = [str(one) for one in kind if one != "null"]
            return "null" if not plain or (depth >= SHALLOW and "null" in kind) else plain[0]
        if isinstance(kind, str):
            return kind
        if "properties" in schema:
            return "object"
        return "array" if "items" in schema else "string"

    def object(self, schema: Mapping[str, Any], depth: int) -> dict[str, Any]:
        properties = schema.get("properties", {})
        required = schema.get("required", [])
        if not isinstance(properties, Mapping) or not isinstance(required, list):
            raise UnusableSchema("`properties` is no object, or `required` no list")
        wanted = [name for name in properties if depth < SHALLOW or name in required]
        made = {name: self.make(properties[name], name, depth + 1) for name in wanted}
        for name in required:
            if isinstance(name, str) and name not in made:
                made[name] = f"simulated {name}"
        return made

    def array(self, schema: Mapping[str, Any], name: str, depth: int) -> list[Any]:
        first = schema.get("prefixItems", [])
        made = [self.make(entry, name, depth + 1) for entry in first] if isinstance(first, list) else []
        least = int(_number(schema.get("minItems"), 0))
        wanted = max(least, min(2 if depth < SHALLOW else 0, int(_number(schema.get("maxItems"), 2))))
        entry = schema.get("items", True)
        while len(made) < wanted and entry is not False:
            made.append(self.make(entry, name.removesuffix("s"), depth + 1))
            if len(made) > least and made[-1] in made[:-1] and schema.get("uniqueItems") is True:
                made.pop()
                break
        return made

    def integer(self, schema: Mapping[str, Any]) -> int:
        least, most = self.range(schema)
        step = max(1, math.ceil(_number(schema.get("multipleOf"), 1)))
        low, high = math.ceil(least / step), math.floor(most / step)
        return (low + int(self.draw.random() * max(1, high - low + 1))) * step

    def number(self, schema: Mapping[str, Any]) -> float:
        least, most = self.range(schema)
        if (step := _number(schema.get("multipleOf"), 0)) > 0:
            low, high = math.ceil(least / step), math.floor(most / step)
            return (low + int(self.draw.random() * max(1, high - low + 1))) * step
        middle = least + self.draw.random() * (most - least)
        tidy = round(middle, 2)
        return tidy if least < tidy < most else middle

    def range(self, schema: Mapping[str, Any]) -> tuple[float, float]:
        """The least and the greatest number, a little within the bounds that are exclusive."""
        inner = 1 if schema.get("type") == "integer" else 1e-6
        lows = [_number(schema.get("minimum"), -math.inf), _number(schema.get("exclusiveMinimum"), -math.inf) + inner]
        highs = [_number(schema.get("maximum"), math.inf), _number(schema.get("exclusiveMaximum"), math.inf) - inner]
        least, most = max(lows), min(highs)
        if least == -math.inf:
            least = min(1.0, most - 99) if most < math.inf else 1.0
        return least, min(most, least + 99)

    def string(self, schema: Mapping[str, Any], name: str) -> str:
        if isinstance(form := schema.get("format"), str) and form in _FORMATS:
            return _FORMATS[form]
        text = self.text if self.text and name in ("answer", "text", "summary", "content") else f"simulated {name}"
        least = int(_number(schema.get("minLength"), 0))
        if least > MOST_VALUES:
            raise UnusableSchema("a string would be too long")
        return text.ljust(least, ".")[: int(_number(schema.get("maxLength"), max(least, len(text))))]


def _merged(parts: list[Mapping[str, Any]]) -> dict[str, Any]:
    """One schema that asks for what all of these do, as far as objects and later keywords go."""
    merged: dict[str, Any] = {}
    for part in parts:
        for key, value in part.items():
            if key == "properties" and isinstance(value, Mapping):
                merged[key] = {**merged.get(key, {}), **value}
            elif key == "required" and isinstance(value, list):
                merged[key] = [*merged.get(key, []), *value]
            else:
                merged[key] = value
    return merged


def _number(value: object, default: float) -> float:
    """A bound of a schema, or the default where it has none."""
    return default if isinstance(value, bool) or not isinstance(value, int | float) else value
