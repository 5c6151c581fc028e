"""Values that are made from JSON Schemas fit them."""

from __future__ import annotations

import random
from typing import Any

import jsonschema
import pytest

from policy_ir.router.sandbox_schema import UnusableSchema, value_of

FORMATS = jsonschema.Draft202012Validator.FORMAT_CHECKER

FITTING: dict[str, Any] = {
    "nothing said": True,
    "no keyword": {},
    "string": {"type": "string"},
    "short string": {"type": "string", "maxLength": 3},
    "long string": {"type": "string", "minLength": 80, "maxLength": 90},
    "integer": {"type": "integer"},
    "small integer": {"type": "integer", "minimum": -3, "maximum": -1},
    "integer above": {"type": "integer", "exclusiveMinimum": 7, "exclusiveMaximum": 9},
    "integer by steps": {"type": "integer", "minimum": 1, "multipleOf": 25},
    "integer below": {"type": "integer", "maximum": -200},
    "number": {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 0.001},
    "number by steps": {"type": "number", "minimum": 0.5, "maximum": 4, "multipleOf": 0.5},
    "boolean": {"type": "boolean"},
    "null": {"type": "null"},
    "constant": {"const": {"a": [1]}},
    "choice": {"enum": ["a", 2, None]},
    "perhaps": {"type": ["string", "null"]},
    "list": {"type": "array", "items": {"type": "integer"}},
    "list of bounds": {"type": "array", "items": {"type": "number"}, "minItems": 4, "maxItems": 5},
    "short list": {"type": "array", "items": {"type": "number"}, "maxItems": 1},
    "empty list": {"type": "array", "maxItems": 0},
    "tuple": {"type": "array", "prefixItems": [{"type": "string"}, {"type": "integer"}], "items": False},
    "unique list": {"type": "array", "items": {"const": 1}, "uniqueItems": True},
    "object": {
        "properties": {"a": {"type": "string"}, "b": {"type": "object", "properties": {"c": {"enum": [1]}}}},
        "required": ["a", "b", "d"],
    },
    "closed object": {"type": "object", "properties": {"a": {}}, "additionalProperties": False},
    "either": {"anyOf": [{"type": "string"}, {"type": "integer"}]},
    "one": {"oneOf": [{"type": "string", "format": "date"}, {"type": "null"}]},
    "both": {
        "allOf": [
            {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]},
            {"properties": {"b": {"type": "boolean"}}, "required": ["b"]},
        ]
    },
    "referred": {"$ref": "#/$defs/a~1b", "$defs": {"a/b": {"type": "integer", "minimum": 5}}},
    "root again": {
        "type": "object",
        "properties": {"children": {"type": "array", "items": {"$ref": "#"}}, "name": {"type": "string"}},
        "required": ["name", "children"],
    },
    "linked list": {
        "$ref": "#/$defs/node",
        "$defs": {
            "node": {
                "type": "object",
                "properties": {"next": {"anyOf": [{"$ref": "#/$defs/node"}, {"type": "null"}]}},
                "required": ["next"],
            }
        },
    },
    **{
        form: {"type": "string", "format": form}
        for form in ("date", "time", "date-time", "email", "ipv4", "ipv6", "uri", "uuid", "other")
    },
}

ENDLESS: dict[str, Any] = {
    "type": "object",
    "properties": {"next": {"$ref": "#"}},
    "required": ["next"],
}


@pytest.mark.parametrize("schema", FITTING.values(), ids=FITTING.keys())
def test_a_value_fits_the_schema_it_is_made_from(schema: Any) -> None:
    for seed in range(20):
        value = value_of(schema, random.Random(seed), text="An answer.")
        jsonschema.Draft202012Validator(schema, format_checker=FORMATS).validate(value)
        assert value == value_of(schema, random.Random(seed), text="An answer.")


@pytest.mark.parametrize(
    "schema",
    [
        5,
        False,
        {"type": "object", "properties": []},
        {"type": "object", "required": "a"},
        {"$ref": "#/$defs/none"},
        {"$ref": "https://example.com/schema"},
        {"$ref": "#"},
        {"anyOf": [True]},
        {"type": "array", "items": {"type": "array", "items": {}, "minItems": 1000}, "minItems": 1000},
        {"type": "string", "minLength": 10**9},
        ENDLESS,
    ],
)
def test_a_schema_that_nothing_can_be_made_from_is_refused(schema: Any) -> None:
    with pytest.raises(UnusableSchema):
        value_of(schema, random.Random(0))
