"""Reading flows: from text in either syntax, and from canonical bytes. Specification: chapter "Flows".

What is a flow and what a term is told from the first few characters, so that a host reads either.
"""

from __future__ import annotations

import re
from typing import Final, Literal

from policy_ir.diagnostics import InternalError, Refused
from policy_ir.flow.bounds import NESTING, SOURCE_BYTES
from policy_ir.flow.canonical import FLOW_PREFIX, read_flow
from policy_ir.flow.document import FlowDocument
from policy_ir.flow.loading import Unloadable, build_flow
from policy_ir.syntax.json_reader import read_json
from policy_ir.syntax.source import check_text, decode

__all__ = ["is_flow_bytes", "is_flow_text", "parse_flow", "read_flow_source"]

_WIRE: Final = re.compile(
    r'[ \t\n\r]*+\[[ \t\n\r]*+"(?:f|\\u0066)(?:l|\\u006[cC])(?:o|\\u006[fF])(?:w|\\u0077)"',
)
_BETWEEN: Final = r"(?:[ \t\n\r]++|(?:\#|//)[^\n\r]*+)*+"
_AUTHORING: Final = re.compile(rf"{_BETWEEN}flow{_BETWEEN}\{{")


def is_flow_text(text: str) -> bool:
    """Whether a text is that of a flow, by its first two tokens; any other is that of a term."""
    return _WIRE.match(text) is not None or _AUTHORING.match(text) is not None


def is_flow_bytes(data: bytes) -> bool:
    """Whether bytes are the canonical bytes of a flow, by how they start."""
    return data.startswith(FLOW_PREFIX)


def parse_flow(text: str, *, name: str = "flow", syntax: Literal["auto", "wire", "authoring"] = "auto") -> FlowDocument:
    """The document of a flow in either syntax, told apart as for terms. `name` names the text in findings.

    Raises Refused with every finding, at most 100.
    """
    check_text(text, name, limit=SOURCE_BYTES)
    if syntax == "authoring" or (syntax == "auto" and text.lstrip(" \t\n\r")[:1] not in ("[", "{", '"')):
        from policy_ir.flow.authoring.reading import parse_authoring_flow

        return parse_authoring_flow(text, name=name)
    return _parse_wire(text, name)


def _parse_wire(text: str, name: str) -> FlowDocument:
    read = read_json(text, name, limit=SOURCE_BYTES, nesting=NESTING)
    try:
        flow = build_flow(read.value)
    except Unloadable:
        from policy_ir.flow.diagnose import diagnose_flow

        findings = diagnose_flow(read.value, read.spans)
        if not findings:
            raise InternalError("a flow is refused that has nothing wrong with it") from None
        raise Refused(findings, read.document) from None
    return FlowDocument(name=name, text=text, flow=flow, spans=read.spans)


def read_flow_source(data: bytes, name: str = "flow") -> FlowDocument:
    """The document of a flow in any form: canonical bytes, or a text in either syntax. Raises Refused."""
    if is_flow_bytes(data):
        return FlowDocument(name=name, syntax="cbor", flow=read_flow(data))
    return parse_flow(decode(data, name, limit=SOURCE_BYTES), name=name)
