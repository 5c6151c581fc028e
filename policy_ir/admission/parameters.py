"""What a policy may do to a request parameter: set, seed, drop, clamp or jitter a declared one within its range.

Specification: chapter "Admission", section "Request parameters".
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Final, TypeAlias

from policy_ir.diagnostics import Code, Diagnostic, codes, did_you_mean, one_of, quoted
from policy_ir.field_values import MOST_SEED, describe_range
from policy_ir.syntax.places import step
from policy_ir.terms import Boolean, ClampParam, InjectSeed, Jitter, Number, SetParam, Text
from policy_ir.vocabulary import ParamDeclaration, Vocabulary

Found: TypeAlias = Iterator[Diagnostic]

DECLARE: Final = "declare it in a vocabulary file"


def declared(
    name: str, known: Collection[str], code: Code, what: str, at: str, vocabulary: Vocabulary, otherwise: str = DECLARE
) -> Found:
    """A name is among those that the vocabulary declares; `otherwise` is the help where none of them is like it."""
    if name not in known:
        yield Diagnostic(
            code=code,
            message=f"the vocabulary {quoted(vocabulary.name)} declares no {what} {quoted(name)}",
            pointer=at,
            found=quoted(name),
            help=did_you_mean(name, known, otherwise),
        )


def declared_param(name: str, at: str, vocabulary: Vocabulary) -> Found:
    """`admit/param`."""
    return declared(name, vocabulary.params, codes.UNDECLARED_PARAM, "request parameter", at, vocabulary)


def _param_sort(param: ParamDeclaration, message: str, at: str, found: str, expected: str) -> Diagnostic:
    return Diagnostic(
        code=codes.PARAM_SORT,
        message=f"{quoted(param.name)} {message}",
        pointer=at,
        found=found,
        expected=expected,
    )


_VALUE_OF: Final = {
    "number": "a number",
    "integer": "an integral number",
    "string": "a string",
    "boolean": "`true` or `false`",
}


def set_param(node: SetParam, at: str, vocabulary: Vocabulary) -> Found:
    """`admit/set-param` and `admit/set-range`."""
    param = vocabulary.params.get(node.param)
    if param is None:
        yield from declared_param(node.param, step(at, 1), vocabulary)
        return
    place = step(at, 2)
    value = node.value
    match value:
        case Number() if param.numeric:
            yield from _in_range(param, value.value, place)
        case Text() if param.sort == "string":
            yield from _in_choices(param, value.value, place)
        case Boolean() if param.sort == "boolean":
            pass
        case _:
            shown, expected = quoted(value.value), _VALUE_OF[param.sort]
            yield _param_sort(param, f"takes {expected}, not {shown}", place, shown, expected)


def _in_choices(param: ParamDeclaration, text: str, at: str) -> Found:
    if param.choices is None or text in param.choices:
        return
    yield Diagnostic(
        code=codes.PARAM_RANGE,
        message=f"{quoted(text)} is not a choice of {quoted(param.name)}",
        pointer=at,
        found=quoted(text),
        expected=one_of(param.choices),
        help=did_you_mean(text, param.choices),
    )


def _in_range(param: ParamDeclaration, number: float, at: str) -> Found:
    """A value that a transform can give to a numeric parameter."""
    integral = param.sort != "integer" or number.is_integer()
    if integral and param.in_range(number):
        return
    shown = quoted(number)
    if not integral:
        yield _param_sort(param, f"takes {_VALUE_OF['integer']}, not {shown}", at, shown, _VALUE_OF["integer"])
    else:
        yield Diagnostic(
            code=codes.PARAM_RANGE,
            message=f"{shown} is outside the range of {quoted(param.name)}",
            pointer=at,
            found=shown,
            expected=describe_range(param.minimum, param.maximum),
        )


def _numeric(name: str, at: str, vocabulary: Vocabulary) -> tuple[ParamDeclaration | None, list[Diagnostic]]:
    """`admit/numeric`: a declared numeric parameter, or why it is none."""
    param = vocabulary.params.get(name)
    if param is None:
        return None, list(declared_param(name, step(at, 1), vocabulary))
    if param.numeric:
        return param, []
    found = f"a {param.sort}"
    return None, [_param_sort(param, f"is {found}, not a number", step(at, 1), found, "a numeric parameter")]


def clamp_param(node: ClampParam, at: str, vocabulary: Vocabulary) -> Found:
    """`admit/clamp-param` and `admit/clamp-range`: both bounds are values that the parameter may get."""
    param, wrong = _numeric(node.param, at, vocabulary)
    yield from wrong
    if param is not None:
        yield from _in_range(param, node.lo, step(at, 2))
        yield from _in_range(param, node.hi, step(at, 3))


def inject_seed(node: InjectSeed, at: str, vocabulary: Vocabulary) -> Found:
    """`admit/inject-seed`: the parameter can hold every seed."""
    param, wrong = _numeric(node.param, at, vocabulary)
    yield from wrong
    if param is not None and not (param.in_range(0) and param.in_range(MOST_SEED)):
        yield Diagnostic(
            code=codes.PARAM_RANGE,
            message=f"{quoted(param.name)} cannot hold every seed",
            pointer=step(at, 1),
            found=describe_range(param.minimum, param.maximum),
            expected=f"a parameter whose range holds 0 to {MOST_SEED}",
        )


def jitter(node: Jitter, at: str, vocabulary: Vocabulary) -> Found:
    """`admit/jitter` and `admit/jitter-range`: the parameter takes fractions, and has room for the amplitude."""
    param, wrong = _numeric(node.param, at, vocabulary)
    yield from wrong
    if param is None:
        return
    if param.sort == "integer":
        expected = "a parameter that takes fractions"
        yield _param_sort(param, "takes integral numbers only", step(at, 1), "an integer", expected)
    elif param.minimum is not None and param.maximum is not None:
        room = param.maximum - param.minimum
        if abs(node.amplitude) > room:
            shown = quoted(node.amplitude)
            yield Diagnostic(
                code=codes.PARAM_RANGE,
                message=f"an amplitude of {shown} is wider than the range of {quoted(param.name)}",
                pointer=step(at, 2),
                found=shown,
                expected=f"at most {quoted(room)} either way",
            )
