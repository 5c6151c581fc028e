"""Why a JSON value is no well-formed flow within its bounds: every finding, with its JSON Pointer, in the order of the
value.

Below a value that is no flow or no node nothing is looked at. What stands under `policy` is looked at as any term.
Specification: chapter "Flows", section "Wire form".
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

from policy_ir.diagnostics import Diagnostic, codes, did_you_mean, one_of, quoted
from policy_ir.flow.bounds import INPUTS, NAME_LENGTH, NODES, POLICY_NODES, TEXT_BYTES, TEXTS_BYTES
from policy_ir.flow.loading import NAME
from policy_ir.flow.tree import ON_ERROR
from policy_ir.syntax.diagnose import diagnose_within
from policy_ir.syntax.findings import Enough, Findings, counted, is_list, shown
from policy_ir.syntax.places import Places, step

__all__ = ["diagnose_flow"]

_FLOW: Final = '`["flow", NODES]`, with a record of nodes'
_WRITTEN: Final = {"input": '`["input"]`', "llm": '`["llm", RECORD]`', "output": '`["output", NAME]`'}
_NODE: Final = "a node: " + ", ".join(list(_WRITTEN.values())[:-1]) + f" or {_WRITTEN['output']}"
_RECORD: Final = "a record with `system`, `policy` and `inputs`"
_KEYS: Final = ("system", "policy", "inputs", "template", "on_error")
_REQUIRED: Final = {"system": "a prompt, or the empty string", "policy": "a policy", "inputs": "a list of names"}
_KIND_OF_OTHERS: Final = {
    "call": "llm", "model": "llm", "agent": "llm", "prompt": "llm", "node": "llm", "in": "input", "start": "input",
    "source": "input", "out": "output", "end": "output", "answer": "output", "return": "output", "sink": "output",
}  # fmt: skip
"""What others call the kinds of nodes."""


def diagnose_flow(value: object, places: Places | None = None, source: str | None = None) -> list[Diagnostic]:
    """Every finding in a value where a flow is due, at most 100; none if it is one.

    The value may be anything, also contain itself. `source` names the input in the findings; with `places`, findings
    about keys have the spans of the keys.
    """
    diagnosis = _FlowDiagnosis(source, places)
    with suppress(Enough):
        diagnosis.flow(value)
    return diagnosis.found


class _FlowDiagnosis(Findings):
    """One walk over one value."""

    def __init__(self, source: str | None, places: Places | None) -> None:
        super().__init__(source, places)
        self.text_bytes = 0
        self.policy_nodes = 0

    def flow(self, value: object) -> None:
        if self.foreign(value, ""):
            return
        right = is_list(value) and len(value) == 2 and isinstance(value[0], str) and value[0] == "flow"
        nodes = value[1] if is_list(value) and right else None
        if not isinstance(nodes, dict):
            what = shown(value) if not right else f"a flow with {shown(nodes)} for its nodes"
            self.report(codes.NOT_A_FLOW, "", f"{what} where a flow is due", found=what, expected=_FLOW)
        elif len(nodes) > NODES:
            self.report(
                codes.TOO_MANY_FLOW_NODES,
                "/1",
                f"the flow has more than {NODES} nodes",
                found=counted(len(nodes), "node"),
                expected=f"at most {NODES} nodes",
            )
        else:
            for name, node, member, sound in self.entries(nodes, "/1"):
                self.name_of_node(name, member)
                if sound:
                    self.node_of_flow(node, member)

    def entries(self, record: dict[Any, Any], pointer: str) -> list[tuple[str, Any, str, bool]]:
        """The key, value and pointer of the members whose keys JSON can have; and whether it can have the value.

        What JSON forbids is reported of all members before anything else is found in any.
        """
        found: list[tuple[str, Any, str, bool]] = []
        for key, value in record.items():
            if self.key(key, pointer):
                member = step(pointer, key)
                found.append((str.__str__(key), value, member, not self.foreign(value, member)))
        return found

    def name_of_node(self, name: str, member: str) -> None:
        if not NAME.fullmatch(name):
            long = len(name) > NAME_LENGTH
            self.report(
                codes.NODE_NAME,
                member,
                f"{quoted(name)} is no name of a node",
                at="key",
                found=f"a name of {len(name)} characters" if long else quoted(name),
                expected=f"a letter or `_`, then letters, digits and `_`, at most {NAME_LENGTH} in all",
            )

    # --- nodes ---

    def node_of_flow(self, value: Any, pointer: str) -> None:
        if not is_list(value) or not value or not isinstance(value[0], str):
            self.report(
                codes.UNKNOWN_NODE_KIND,
                pointer,
                f"{shown(value)} where a node is due",
                found=shown(value),
                expected=_NODE,
            )
            return
        head = f"{pointer}/0"
        if self.foreign(value[0], head):
            return
        kind = value[0]
        if kind not in _WRITTEN:
            meant = _KIND_OF_OTHERS.get(kind.lower())
            self.report(
                codes.UNKNOWN_NODE_KIND,
                head,
                f"a flow has no nodes of the kind {quoted(kind)}",
                found=quoted(kind),
                expected=one_of(_WRITTEN),
                help=f"did you mean `{meant}`?" if meant else did_you_mean(kind, _WRITTEN),
            )
        elif len(value) != (1 if kind == "input" else 2):
            wanted = "no arguments" if kind == "input" else "1 argument"
            self.report(
                codes.NODE_ARITY,
                pointer,
                f"`{kind}` takes {wanted}, found {len(value) - 1 or 'none'}",
                found=counted(len(value) - 1, "argument"),
                expected=wanted,
                help=f"it is written {_WRITTEN[kind]}",
            )
        elif kind != "input":
            argument = f"{pointer}/1"
            if not self.foreign(value[1], argument):
                (self.record_of_call if kind == "llm" else self.reference)(value[1], argument)

    def of_another_type(self, value: object, expected: str, pointer: str) -> None:
        self.report(
            codes.NODE_VALUE,
            pointer,
            f"{shown(value)} where {expected} is due",
            found=shown(value),
            expected=expected,
        )

    def reference(self, value: object, pointer: str) -> None:
        if not isinstance(value, str):
            self.of_another_type(value, "the name of a node", pointer)

    def record_of_call(self, record: object, pointer: str) -> None:
        if not isinstance(record, dict):
            self.of_another_type(record, _RECORD, pointer)
            return
        checks: dict[str, Callable[[Any, str], None]] = {
            "system": self.prompt, "policy": self.policy, "inputs": self.inputs, "template": self.prompt,
            "on_error": self.on_error,
        }  # fmt: skip
        for key, value, member, sound in self.entries(record, pointer):
            if key not in checks:
                self.report(
                    codes.NODE_KEY,
                    member,
                    f"a node has no key {quoted(key)}",
                    at="key",
                    found=quoted(key),
                    expected=one_of(_KEYS),
                    help=did_you_mean(key, _KEYS),
                )
            elif sound:
                checks[key](value, member)
        for key, what in _REQUIRED.items():
            if key not in record:
                self.report(
                    codes.NODE_REQUIRED_KEY,
                    pointer,
                    f"an `llm` node must have `{key}`",
                    at="end",
                    found="a record without it",
                    expected=f"`{key}`: {what}",
                )

    def prompt(self, value: object, pointer: str) -> None:
        if not isinstance(value, str):
            self.of_another_type(value, "a string", pointer)
            return
        size = len(value.encode())
        self.text_bytes += size
        if size > TEXT_BYTES:
            self.report(
                codes.PROMPT_TOO_LONG,
                pointer,
                f"a text of more than {TEXT_BYTES} bytes",
                found=f"a text of {size} bytes",
                expected=f"at most {TEXT_BYTES} bytes of UTF-8",
            )
        if self.text_bytes > TEXTS_BYTES:
            self.report(
                codes.PROMPTS_TOO_LONG,
                pointer,
                f"the prompts and templates of the flow have more than {TEXTS_BYTES} bytes",
                expected=f"at most {TEXTS_BYTES} bytes of UTF-8 together",
            )
            raise Enough

    def policy(self, value: object, pointer: str) -> None:
        """Look at a policy, which has a depth and nodes of its own, and count its nodes for the flow."""
        before = len(self.found)
        self.policy_nodes += diagnose_within(self, value, "Policy", pointer)
        if self.policy_nodes > POLICY_NODES:
            within = self.found[before:]
            del self.found[before:]
            self.report(
                codes.POLICIES_TOO_LARGE,
                pointer,
                f"the policies of the flow have more than {POLICY_NODES} nodes",
                expected=f"at most {POLICY_NODES} nodes together",
            )
            self.found += within
            raise Enough

    def inputs(self, value: object, pointer: str) -> None:
        if not is_list(value):
            self.of_another_type(value, "a list of names of nodes", pointer)
        elif len(value) > INPUTS:
            self.report(
                codes.TOO_MANY_INPUTS,
                pointer,
                f"a node of more than {INPUTS} inputs",
                found=counted(len(value), "input"),
                expected=f"at most {INPUTS} inputs",
                help="let further nodes bring some of them together",
            )
        else:
            for at, name in enumerate(value):
                entry = f"{pointer}/{at}"
                if not self.foreign(name, entry):
                    self.reference(name, entry)

    def on_error(self, value: object, pointer: str) -> None:
        if not isinstance(value, str):
            self.of_another_type(value, one_of(ON_ERROR), pointer)
        elif value not in ON_ERROR:
            self.report(
                codes.UNKNOWN_ON_ERROR,
                pointer,
                f"{quoted(value)} is not what a failed call can make of a flow",
                found=quoted(value),
                expected="`fail`, or `input` to pass the input on",
                help=did_you_mean(value, ON_ERROR),
            )
