"""What flows are: the kinds `flow-syntax` to `flow-print`.

A flow is a part of an input as a policy is: `admitted_flow` reads it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from policy_ir.conformance.subject.parts import (
    Input,
    NotARequest,
    data_of,
    given,
    member,
    one_of,
    place,
    snapshot_of,
    vocabulary_of,
)

if TYPE_CHECKING:
    from policy_ir.flow.admission import AdmittedFlow
    from policy_ir.flow.tree import Flow
    from policy_ir.vocabulary import Vocabulary


def admitted_flow(input: Input, vocabulary: Vocabulary) -> AdmittedFlow:
    """The flow, admitted under the vocabulary."""
    from policy_ir.flow.admission import admit_flow
    from policy_ir.flow.loading import load_flow

    return admit_flow(load_flow(given(input, "flow")), vocabulary)


def syntax(input: Input) -> dict[str, Any]:
    """The flow of a text, of bytes or of a decoded value."""
    return {"flow": _wire(_flow(input, one_of(input, "syntax", ("wire", "authoring", "auto"))))}


def _flow(input: Input, written_in: str) -> Flow:
    from policy_ir.flow.bounds import SOURCE_BYTES
    from policy_ir.flow.loading import load_flow
    from policy_ir.flow.reading import parse_flow
    from policy_ir.syntax.source import decode

    match [name for name in ("text", "bytes", "value") if name in input]:
        case ["text"]:
            text = member(input, "text", str)
        case ["bytes"]:
            text = decode(data_of(input, "bytes"), "flow", limit=SOURCE_BYTES)
        case ["value"]:
            return load_flow(given(input, "value"))
        case _:
            raise NotARequest("one of the members 'text', 'bytes' and 'value' is due")
    document = parse_flow(text, syntax=cast(Any, written_in))
    assert document.flow is not None
    return document.flow


def admission(input: Input) -> dict[str, Any]:
    """The last node, and the fingerprint of each node's policy, under a floor where there is one."""
    vocabulary = vocabulary_of(input)
    return admission_of(input, admitted_flow(input, vocabulary))


def admission_of(input: Input, made: AdmittedFlow) -> dict[str, Any]:
    """What is said of an admitted flow, under the floor of the input."""
    from policy_ir.floor import floor_of_value

    floor = floor_of_value(input["floor"], made.vocabulary) if "floor" in input else None
    policies = {name: policy.fingerprint for name, policy in made.effective(floor).items()}
    return {"last": made.last, "policies": policies}


def lint(input: Input) -> dict[str, Any]:
    """The warnings about an admitted flow."""
    from policy_ir.lints.flows import lint_flow

    vocabulary = vocabulary_of(input)
    made = admitted_flow(input, vocabulary)
    snapshot = snapshot_of(input, vocabulary) if "candidates" in input else None
    return {"warnings": [place(warning) for warning in lint_flow(made, snapshot)]}


def encoding(input: Input) -> dict[str, Any]:
    """The canonical bytes and the fingerprint of a flow."""
    return encoding_of(admitted_flow(input, vocabulary_of(input)))


def encoding_of(made: AdmittedFlow) -> dict[str, Any]:
    """The canonical bytes and the fingerprint of an admitted flow."""
    return {"bytes": made.canonical_bytes.hex(), "fingerprint": made.fingerprint}


def decoding(input: Input) -> dict[str, Any]:
    """The flow of canonical bytes."""
    from policy_ir.flow.canonical import read_flow

    return {"flow": _wire(read_flow(data_of(input, "bytes")))}


def printing(input: Input) -> dict[str, Any]:
    """A flow's text laid out in one of the syntaxes."""
    from policy_ir.flow.printing import fmt_flow
    from policy_ir.flow.reading import parse_flow

    text = member(input, "text", str)
    target = one_of(input, "to", ("wire", "authoring"))
    return {"text": fmt_flow(parse_flow(text), to=cast(Any, target))}


def _wire(flow: Flow) -> list[Any]:
    from policy_ir.flow.wire_printing import to_wire_flow

    return to_wire_flow(flow)
