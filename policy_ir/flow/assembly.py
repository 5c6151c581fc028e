"""How the input of a call is made of the values that it reads.

How long a text will be is known before it is made, so a short template cannot ask for a long text. Specification:
chapter "Calls of a flow", "Assembly".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Final, Literal, TypeAlias, get_args

import attrs

from policy_ir.flow.bounds import ASSEMBLED_BYTES
from policy_ir.flow.template import divided
from policy_ir.flow.values import Message, Messages, Value, bytes_of

__all__ = ["ASSEMBLY_RULES", "Assembled", "AssemblyRule", "assemble", "messages_of", "rule_of", "size_of"]

AssemblyRule: TypeAlias = Literal[
    "assemble/messages", "assemble/template", "assemble/single", "assemble/sections", "assemble/limit"
]
"""The rules that make a text, or refuse to. Rule `assemble/system` goes with each of the first four."""

ASSEMBLY_RULES: Final[tuple[AssemblyRule, ...]] = get_args(AssemblyRule)


@attrs.frozen(slots=True)
class Assembled:
    """The assembled input of a node: its messages and its text; neither where `assemble/limit` applies."""

    rule: AssemblyRule
    messages: tuple[Message, ...] | None = None
    text: str | None = None


def assemble(system: str, inputs: Sequence[Value], template: str | None) -> Assembled:
    """The input of a node that reads these values, of which there is at least one.

    The caller's messages are shared, not copied. Raises ValueError for a reference of the template that is to none of
    the values, as no flow that was admitted has one.
    """
    rule = rule_of(inputs, template)
    if rule == "assemble/limit":
        return Assembled(rule)
    text = _text(inputs, template)
    return Assembled(rule, messages_of(rule, system, inputs, text), text)


def messages_of(rule: AssemblyRule, system: str, inputs: Sequence[Value], text: str) -> tuple[Message, ...]:
    """The messages that a rule other than `assemble/limit` makes, with a text (`assemble/system` included)."""
    first = inputs[0]
    given: tuple[Message, ...] = ({"role": "user", "content": text},)
    if rule == "assemble/messages" and isinstance(first, Messages):
        given = first.messages
    return ({"role": "system", "content": system}, *given) if system else given


def rule_of(inputs: Sequence[Value], template: str | None) -> AssemblyRule:
    """The rule that makes the text, or `assemble/limit`. No text is made. Raises ValueError as `assemble` does."""
    if template is None and len(inputs) == 1 and isinstance(inputs[0], Messages):
        return "assemble/messages"
    if size_of(inputs, template) > ASSEMBLED_BYTES:
        return "assemble/limit"
    if template is not None:
        return "assemble/template"
    return "assemble/single" if len(inputs) == 1 else "assemble/sections"


def size_of(inputs: Sequence[Value], template: str | None) -> int:
    """The bytes of UTF-8 that the text will have. Raises ValueError as `assemble` does."""
    if template is not None:
        parts = divided(template)
        texts = _by_digits(inputs, parts)
        counted = Counter(parts[1::2])
        return sum(map(bytes_of, parts[::2])) + sum(texts[digits].size * n for digits, n in counted.items())
    if len(inputs) == 1:
        return inputs[0].size
    heads = sum(len(_head(place)) for place in range(1, len(inputs) + 1))
    return heads + sum(value.size for value in inputs) + len(_BETWEEN) * (len(inputs) - 1)


_BETWEEN: Final = "\n\n"


def _head(place: int) -> str:
    return f"[input {place}]\n"


def _text(inputs: Sequence[Value], template: str | None) -> str:
    if template is not None:
        parts = divided(template)
        texts = _by_digits(inputs, parts)
        parts[1::2] = [texts[digits].text for digits in parts[1::2]]
        return "".join(parts)
    if len(inputs) == 1:
        return inputs[0].text
    return _BETWEEN.join(_head(place) + value.text for place, value in enumerate(inputs, start=1))


def _by_digits(inputs: Sequence[Value], parts: list[str]) -> dict[str, Value]:
    """The inputs by what stands behind the `$` of a reference to them; every reference is to one of them."""
    texts = {str(place): value for place, value in enumerate(inputs, start=1)}
    foreign = next((digits for digits in parts[1::2] if digits not in texts), None)
    if foreign is not None:
        raise ValueError(f"the template refers to `${foreign[:20]}`, and has {len(inputs)} inputs")
    return texts
