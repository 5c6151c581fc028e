"""The generators of flows generate flows, wrong ones, and answers."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st

from policy_ir.diagnostics import Code, Refused
from policy_ir.flow.admission import AdmittedFlow, admit_flow
from policy_ir.flow.bounds import INPUTS
from policy_ir.flow.loading import load_flow
from policy_ir.flow.template import references
from policy_ir.flow.tree import Flow
from policy_ir.testing import flow_strategies
from policy_ir.testing.flow_strategies import (
    admitted_flows,
    answers,
    flow_values,
    flows,
    malformed_flows,
    priorities,
    refused_flows,
    templates,
)
from policy_ir.testing.pools import standard

FEW = settings(max_examples=40)
QUICKLY = settings(max_examples=2000, phases=[Phase.generate], database=None)


def is_flow(value: Any) -> bool:
    try:
        load_flow(value)
    except Refused:
        return False
    return True


@given(flows(), flow_values())
@FEW
def test_flows_are_admitted_and_their_values_are_read_back(flow: Flow, value: list[Any]) -> None:
    assert admit_flow(flow, standard()).flow is flow
    assert admit_flow(load_flow(value), standard()).last in value[1]


@given(flows(min_calls=3, max_calls=3, plain=True))
@FEW
def test_a_flow_has_as_many_calls_as_were_asked_for(flow: Flow) -> None:
    assert len(flow.calls) == 3
    assert all(1 <= len(node.inputs) <= INPUTS for node in flow.calls.values())


@given(st.integers(0, 3).flatmap(lambda inputs: st.tuples(st.just(inputs), templates(inputs))))
def test_templates_refer_to_inputs_only(case: tuple[int, str]) -> None:
    inputs, template = case
    assert {reference.index for reference in references(template)} <= set(range(1, inputs + 1))


@given(refused_flows())
@FEW
def test_a_flow_with_one_thing_wrong_is_refused_for_it(case: tuple[Code, Any]) -> None:
    code, value = case
    with pytest.raises(Refused) as refused:
        admit_flow(load_flow(value), standard())
    assert code in {diagnostic.code for diagnostic in refused.value.diagnostics}


@pytest.mark.parametrize("code", sorted({code for code, _ in flow_strategies._BREAKS}, key=str), ids=str)
def test_every_kind_of_wrong_flow_is_made(code: Code) -> None:
    find(refused_flows(max_calls=2), lambda case: case[0] == code, settings=QUICKLY)


@pytest.mark.parametrize("still", [True, False])
def test_some_malformed_flows_are_still_flows(still: bool) -> None:
    find(malformed_flows(json_only=True), lambda value: is_flow(value) == still, settings=QUICKLY)


@given(admitted_flows(plain=True), st.data())
@FEW
def test_answers_and_priorities_are_about_the_nodes(flow: AdmittedFlow, data: st.DataObject) -> None:
    assert data.draw(answers(flow)).keys() <= flow.policies.keys()
    assert data.draw(answers(flow.flow, complete=True)).keys() == flow.policies.keys()
    assert set(data.draw(priorities(flow))) <= {*flow.flow.nodes, "nobody"}
