"""JSON Schema (draft 2020-12) of the wire syntax of terms, derived from the signature, and of flows.

The schema accepts every term that admission accepts, and refuses what a schema can see: wrong heads, arities, sorts,
parameter shapes, `normalize` inside a pointwise scorer, counts and action ranges. With a vocabulary it also knows
the names: fields by sort, tiers, request parameters with their ranges, filter steps and customs. It cannot state the
depth, the number of nodes, the work, or lengths in bytes; those stay with admission.

There are two schemas that accept the same values. The one for validation chooses the operation by the head of a term
(`if`, `then`), so that checking takes time linear in the term and an editor names the one thing that is wrong. The one
for generation lists the operations as alternatives (`anyOf`), which is what compilers of grammars for structured
output read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from policy_ir.admission.rules import MAX_ATTEMPTS, MAX_BACKOFF_MS, MAX_BACKOFFS, MAX_BREAKER_MS
from policy_ir.flow import bounds as flow_bounds
from policy_ir.flow.loading import NAME as NODE_NAME
from policy_ir.flow.tree import ON_ERROR
from policy_ir.signature import SIGNATURE, TERM_SORTS, Argument, Operation, describe_sort, operations_of
from policy_ir.syntax.bounds import ENTRIES, STRING_BYTES
from policy_ir.terms import CHAIN_KEYS, RELATIONS, VERBS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from policy_ir.vocabulary import ParamDeclaration, Vocabulary

Schema: TypeAlias = dict[str, Any]
Purpose: TypeAlias = Literal["validation", "generation"]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
POINTWISE = "Pointwise"
SCHEMAS = (*TERM_SORTS, POINTWISE, "Term", "Flow")
"""What there is a schema of."""


def json_schema(sort: str = "Policy", vocabulary: Vocabulary | None = None, purpose: Purpose = "validation") -> Schema:
    """The schema of the terms of a sort: the name of a term sort, `Pointwise`, or `Term` for a term of any sort.

    `Flow` is for flows, whose nodes it cannot connect: names, cycles and indices of templates stay with admission.
    The result is a JSON value with its definitions in a stable order; equal arguments give equal text.
    Raises KeyError for another sort.
    """
    if sort not in SCHEMAS:
        raise KeyError(sort)
    definitions = _definitions(vocabulary, purpose)
    if sort == "Term":
        about = "a term of any sort"
        root = _one_of({row.op: f"op.{row.op}" for row in SIGNATURE.values()}, purpose)
    elif sort == "Flow":
        about = "a flow"
        root = _FLOW
    else:
        about = _describe(sort)
        root = _ref(sort)
    names = "" if vocabulary is None else f" under the vocabulary {vocabulary.name}"
    return {
        "$schema": DIALECT,
        "title": f"{'flow-ir/1' if sort == 'Flow' else 'policy-ir/1'}: {about}{names}",
        **root,
        "$defs": {name: definitions[name] for name in _reachable(root, definitions)},
    }


def _describe(sort: str) -> str:
    return "a scorer without `normalize`" if sort == POINTWISE else describe_sort(sort)


def _ref(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


def _reachable(root: Schema, definitions: dict[str, Schema]) -> Iterable[str]:
    """The definitions that a schema needs, in the order they are defined in."""
    needed: set[str] = set()
    waiting: list[Any] = [root]
    while waiting:
        match waiting.pop():
            case dict() as record:
                reference = record.get("$ref")
                if isinstance(reference, str):
                    name = reference.rpartition("/")[2]
                    if name not in needed:
                        needed.add(name)
                        waiting.append(definitions[name])
                waiting.extend(value for key, value in record.items() if key != "$ref")
            case list() as items:
                waiting.extend(items)
            case _:
                pass
    return (name for name in definitions if name in needed)


def _definitions(vocabulary: Vocabulary | None, purpose: Purpose) -> dict[str, Schema]:
    made: dict[str, Schema] = {}
    for sort in TERM_SORTS:
        names = {row.op: f"op.{row.op}" for row in operations_of(sort)}
        made[sort] = {"description": _describe(sort), **_one_of(names, purpose)}
    pointwise = [row for row in operations_of("Scorer") if row.op != "normalize"]
    names = {row.op: _pointwise_name(row) for row in pointwise}
    made[POINTWISE] = {"description": _describe(POINTWISE), **_one_of(names, purpose)}
    for row in SIGNATURE.values():
        made[f"op.{row.op}"] = _operation(row, vocabulary, pointwise=False)
    for row in pointwise:
        made.setdefault(_pointwise_name(row), _operation(row, vocabulary, pointwise=True))
    return made | _flow_nodes(purpose) | _parameters(vocabulary)


def _one_of(names: dict[str, str], purpose: Purpose) -> Schema:
    """A term with one of these operations: the definition of each by its head."""
    if purpose == "generation":
        return {"anyOf": [_ref(name) for name in names.values()]}
    return {
        "type": "array",
        "minItems": 1,
        "prefixItems": [{"enum": list(names)}],
        "allOf": [{"if": {"prefixItems": [{"const": op}]}, "then": _ref(name)} for op, name in names.items()],
    }


def _pointwise_name(row: Operation) -> str:
    """Operations with no scorer below them are the same whether pointwise or not."""
    inner = any(argument.sort == "Scorer" for argument in row.arguments)
    return f"pointwise.{row.op}" if inner else f"op.{row.op}"


def _operation(row: Operation, vocabulary: Vocabulary | None, *, pointwise: bool) -> Schema:
    if row.op == "set_param" and vocabulary is not None:
        return {"description": row.about, "anyOf": _settings(vocabulary)}
    arguments = [_argument(argument, pointwise) for argument in row.arguments]
    schema: Schema = {"description": row.about, "type": "array", "prefixItems": [{"const": row.op}]}
    if row.variadic:
        return schema | {"items": arguments[0], "minItems": 2}
    schema["prefixItems"] += arguments
    return schema | {"items": False, "minItems": 1 + len(arguments)}


def _argument(argument: Argument, pointwise: bool) -> Schema:
    if argument.subsort is not None or (pointwise and argument.sort == "Scorer"):
        return _ref(POINTWISE)
    return _ref(argument.sort)


# --- flows ---------------------------------------------------------------------------------------------------


def _list(head: str, *arguments: Schema) -> Schema:
    return {
        "type": "array",
        "prefixItems": [{"const": head}, *arguments],
        "items": False,
        "minItems": 1 + len(arguments),
    }


_NAME: Schema = {"type": "string", "pattern": f"^{NODE_NAME.pattern}$"}
_FLOW = _list(
    "flow",
    {
        "type": "object",
        "propertyNames": _NAME,
        "additionalProperties": _ref("flow.node"),
        "minProperties": 3,
        "maxProperties": flow_bounds.NODES,
    },
)


def _flow_nodes(purpose: Purpose) -> dict[str, Schema]:
    """The nodes of a flow, each by its kind."""
    text = {"type": "string", "maxLength": flow_bounds.TEXT_BYTES}
    inputs = {"type": "array", "items": _NAME, "minItems": 1, "maxItems": flow_bounds.INPUTS, "uniqueItems": True}
    record: Schema = {
        "type": "object",
        "properties": {
            "system": text,
            "policy": _ref("Policy"),
            "inputs": inputs,
            "template": text,
            "on_error": {"enum": list(ON_ERROR)},
        },
        "required": ["system", "policy", "inputs"],
        "additionalProperties": False,
    }
    kinds = {"input": _list("input"), "llm": _list("llm", record), "output": _list("output", _NAME)}
    about = {"input": "what the caller has sent", "llm": "one call", "output": "the answer"}
    made = {f"flow.{kind}": {"description": about[kind], **schema} for kind, schema in kinds.items()}
    return {"flow.node": _one_of({kind: f"flow.{kind}" for kind in kinds}, purpose), **made}


# --- parameters ----------------------------------------------------------------------------------------------


def _text(names: Iterable[str] | None = None) -> Schema:
    if names is None:
        return {"type": "string", "maxLength": STRING_BYTES}
    return {"enum": sorted(names)}


def _number(minimum: float | None = None, maximum: float | None = None, *, integer: bool = False) -> Schema:
    schema: Schema = {"type": "integer" if integer else "number"}
    if minimum is not None:
        schema["minimum"] = minimum
    if maximum is not None:
        schema["maximum"] = maximum
    return schema


def _parameters(vocabulary: Vocabulary | None) -> dict[str, Schema]:
    def fields(*sorts: str) -> Schema:
        if vocabulary is None:
            return _text()
        return _text(name for name, field in vocabulary.fields.items() if not sorts or field.sort in sorts)

    names: Schema = {"type": "array", "items": _ref("Name"), "minItems": 1, "maxItems": ENTRIES}
    backoff = _number(0, MAX_BACKOFF_MS)
    action: Schema = {
        "type": "object",
        "properties": {
            "action": {"enum": list(VERBS)},
            "attempts": _number(0, MAX_ATTEMPTS, integer=True),
            "backoff_ms": {
                "anyOf": [
                    backoff,
                    {"type": "array", "items": backoff, "maxItems": MAX_BACKOFFS},
                ]
            },
            "then_action": {"enum": [verb for verb in VERBS if verb != "retry_same"]},
            "open_breaker_ms": _number(0, MAX_BREAKER_MS),
        },
        "required": ["action"],
        "additionalProperties": _number(),
        "propertyNames": _text(),
        "maxProperties": ENTRIES,
    }
    step = _text(vocabulary.recipes if vocabulary is not None else None)
    recipe: Schema = {
        "type": "array",
        "maxItems": ENTRIES,
        "items": {
            "anyOf": [
                step,
                {
                    "type": "object",
                    "propertyNames": step,
                    "additionalProperties": _number(),
                    "maxProperties": ENTRIES,
                },
            ]
        },
    }
    chain: Schema = {
        "type": "array",
        "maxItems": ENTRIES,
        "items": {
            "type": "object",
            "properties": {key: _ref("Name") for pair in CHAIN_KEYS for key in pair},
            "additionalProperties": False,
            "allOf": [{"anyOf": [{"required": [key]} for key in pair]} for pair in CHAIN_KEYS],
        },
    }
    return {
        "Num": _number(),
        "Count": _number(1, integer=True),
        "Rel": {"enum": list(RELATIONS)},
        "NumField": fields("num"),
        "BoolField": fields("bool"),
        "TagField": fields("tag", "tags"),
        "Field": fields(),
        "Tier": _text(vocabulary.tiers if vocabulary is not None else None),
        "Name": _text(),
        "Names": names,
        "ParamName": _text(vocabulary.params if vocabulary is not None else None),
        "Scalar": {"anyOf": [_number(), _text(), {"type": "boolean"}]},
        "Sym": _text(vocabulary.customs if vocabulary is not None else None),
        "Reason": _text(),
        "Recipe": recipe,
        "Chain": chain,
        "Action": action,
    }


def _settings(vocabulary: Vocabulary) -> list[Schema]:
    """`set_param` once per declared request parameter, with the values that it may take."""
    about = SIGNATURE["set_param"].about
    return [
        {
            "description": param.about or about,
            "type": "array",
            "prefixItems": [{"const": "set_param"}, {"const": name}, _setting(param)],
            "items": False,
            "minItems": 3,
        }
        for name, param in sorted(vocabulary.params.items())
    ]


def _setting(param: ParamDeclaration) -> Schema:
    if param.choices:
        return {"enum": list(param.choices)}
    match param.sort:
        case "number" | "integer":
            return _number(param.minimum, param.maximum, integer=param.sort == "integer")
        case "string":
            return _text()
        case "boolean":
            return {"type": "boolean"}
