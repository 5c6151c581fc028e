"""Random requests about flows. As in `cases`, every input is plain JSON, well-formed or not."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, cast

import attrs
from hypothesis import strategies as st

from policy_ir.conformance.differential.case import (
    Case,
    Input,
    candidate_lists,
    mangled_bytes,
    request,
    seeded,
    wire_term,
)
from policy_ir.flow.canonical import flow_bytes, flow_value
from policy_ir.flow.configuration import Answer, Answered
from policy_ir.flow.printing import fmt_flow
from policy_ir.flow.tree import Flow, Llm
from policy_ir.normal_form import normal_form
from policy_ir.terms import Policy
from policy_ir.testing.flow_strategies import (
    answers,
    flow_values,
    flows,
    malformed_flows,
    messages,
    priorities,
    refused_flows,
    templates,
)
from policy_ir.testing.strategies import chat_bodies, facts_values, mangled_text, texts


def _written(to: Any, *, plain: bool = False) -> st.SearchStrategy[str]:
    """Flows as texts of one of the syntaxes."""
    return flows(max_calls=4, plain=plain).map(lambda flow: fmt_flow(flow, to))


def _floor() -> st.SearchStrategy[Input]:
    """A floor now and then."""
    slots = st.fixed_dictionaries({"filter": wire_term("Pred")}, optional={"mutate": wire_term("Xform")})
    return st.just({}) | slots.map(lambda floor: {"floor": floor})


@st.composite
def _bytes(draw: st.DrawFn) -> bytes:
    """The canonical bytes of a flow, or those that it would have if it were in normal form."""
    flow: Flow = draw(flows(max_calls=3))
    if draw(st.booleans()):
        return flow_bytes(flow)
    nodes = {
        name: attrs.evolve(node, policy=cast(Policy, normal_form(node.policy))) if isinstance(node, Llm) else node
        for name, node in flow.nodes.items()
    }
    return flow_bytes(Flow(nodes))


@st.composite
def _assemblies(draw: st.DrawFn) -> Input:
    inputs: Sequence[Any] = draw(st.lists(texts() | messages(), min_size=1, max_size=4))
    template = draw(st.none() | templates(len(inputs)) | st.sampled_from(["$0", "$5", "$01", "$1" * 9000]))
    given: Input = {"system": draw(texts()), "inputs": list(inputs)}
    return given if template is None else given | {"template": template}


@st.composite
def _calls(draw: st.DrawFn) -> Input:
    given = {
        "flow": draw(flow_values(max_calls=4)),
        "candidates": draw(candidate_lists(0, 6)),
        "body": draw(chat_bodies()),
    }
    return given | {"facts": draw(facts_values())} | draw(_floor())


def _reply(answer: Answer) -> Input:
    return {"text": answer.text} if isinstance(answer, Answered) else {"failed": answer.reason}


@st.composite
def _schedules(draw: st.DrawFn) -> Input:
    flow: Flow = draw(flows(plain=True))
    return {
        "flow": flow_value(flow),
        "messages": draw(messages()),
        "answers": {name: _reply(answer) for name, answer in draw(answers(flow)).items()},
        "priority": draw(priorities(flow)),
    }


_REFUSED = refused_flows().map(lambda broken: broken[1])
_MANGLED = request(text=mangled_text(_written("authoring", plain=True)), syntax=st.just("authoring"))
_WIRE = flow_values(max_calls=3).map(json.dumps)
_WARNED = request(flow=flow_values(max_calls=3))

FLOW_CASES = (
    Case("schedules", "schedule", _schedules(), 2, features=("flows",)),
    Case("assemblies", "assembly", _assemblies(), 2, features=("flows",)),
    Case("flow-calls", "flow-calls", seeded(_calls()), 2, features=("flows",)),
    Case("flow-admissions", "flow-admission", st.builds(dict.__or__, _WARNED, _floor()), 2, features=("flows",)),
    Case("refused-flows", "flow-admission", request(flow=_REFUSED), 2, features=("flows",)),
    Case("flow-encodings", "flow-encoding", _WARNED, 2, features=("flows",)),
    Case("flow-decodings", "flow-decoding", request(bytes=mangled_bytes(_bytes())), 2, features=("flows",)),
    Case("mangled-flows", "flow-syntax", request(value=malformed_flows(json_only=True)), 2, features=("flows",)),
    Case("flow-wire-texts", "flow-syntax", request(text=mangled_text(_WIRE)), 2, features=("flows",)),
    Case(
        "flow-authoring-texts",
        "flow-syntax",
        request(text=_written("authoring"), syntax=st.just("authoring")),
        2,
        features=("flows", "authoring"),
    ),
    # As of policies: after the first slip a text can be read on in more than one way.
    Case("mangled-authoring-flows", "flow-syntax", _MANGLED, 3, features=("flows", "authoring"), verdict=True),
    Case("flow-authoring-codes", "flow-syntax", _MANGLED, share=0, features=("flows", "authoring")),
    Case(
        "flow-prints",
        "flow-print",
        request(text=_WIRE | _written("authoring"), to=st.sampled_from(["wire", "authoring"])),
        2,
        features=("flows", "printing", "authoring"),
    ),
    Case(
        "flow-lints",
        "flow-lint",
        st.builds(dict.__or__, _WARNED, st.just({}) | request(candidates=candidate_lists())),
        features=("flows", "lints"),
    ),
)
"""The families about flows."""
