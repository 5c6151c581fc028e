"""The graph of a flow: cycles, orders, and what leads where."""

from __future__ import annotations

from itertools import pairwise
from time import process_time

import pytest
from flow_values import admitted, call, flow
from hypothesis import given
from hypothesis import strategies as st

from policy_ir.flow.graph import cycles, reached, readers, reads, topological
from policy_ir.flow.loading import load_flow

NAMES = st.sampled_from("abcdef")


@st.composite
def graphs(draw: st.DrawFn) -> dict[str, tuple[str, ...]]:
    names = draw(st.lists(NAMES, unique=True, min_size=1))
    return {name: tuple(draw(st.lists(st.sampled_from(names), unique=True))) for name in names}


def ways(edges: dict[str, tuple[str, ...]], start: str) -> set[str]:
    """Where edges lead, by the definition: again and again until nothing is new."""
    found = set(edges[start])
    while any(not {*edges[name]} <= found for name in found):
        found |= {other for name in found for other in edges[name]}
    return found


def test_a_graph_has_the_names_of_nodes_once_each_and_no_others() -> None:
    loaded = load_flow(flow(draft=call("ask", "ask", "nobody")))
    assert reads(loaded) == {"ask": (), "draft": ("ask",), "answer": ("draft",)}
    assert readers(reads(loaded)) == {"ask": ("draft",), "draft": ("answer",), "answer": ()}


def test_of_nodes_that_could_come_next_the_first_by_name_comes_next() -> None:
    value = flow(ask=None, draft=call("b", "a", "Z"), b=call("ask"), a=call("ask"), Z=call("ask"))
    value[1]["ask"] = ["input"]
    assert admitted(value).order == ("ask", "Z", "a", "b", "draft", "answer")


@given(graphs())
def test_a_cycle_is_reported_for_each_set_of_nodes_that_depend_on_one_another(
    edges: dict[str, tuple[str, ...]],
) -> None:
    sets = {frozenset(other for other in ways(edges, name) if name in ways(edges, other)) for name in edges}
    circular = sorted((min(members, key=list(edges).index) for members in sets if members), key=list(edges).index)
    found = cycles(edges)
    assert [cycle[0] for cycle in found] == circular
    for cycle in found:
        assert all(after in edges[before] for before, after in pairwise((*cycle, cycle[0])))
        assert len(set(cycle)) == len(cycle)


@given(graphs())
def test_a_cycle_is_one_of_the_shortest(edges: dict[str, tuple[str, ...]]) -> None:
    for cycle in cycles(edges):
        level, steps = {cycle[0]}, 0
        while steps == 0 or cycle[0] not in level:
            level, steps = {other for name in level for other in edges[name]}, steps + 1
        assert len(cycle) == steps


@given(graphs())
def test_reached_is_what_edges_lead_to(edges: dict[str, tuple[str, ...]]) -> None:
    for name in edges:
        assert reached(edges, name) == ways(edges, name) | {name}


@given(graphs())
def test_an_order_has_each_node_after_what_it_reads_and_lacks_what_waits_for_ever(
    edges: dict[str, tuple[str, ...]],
) -> None:
    order = topological(edges)
    for at, name in enumerate(order):
        assert {*edges[name]} <= {*order[:at]}
    waiting = [
        name for name in edges if name in ways(edges, name) or any(b in ways(edges, b) for b in ways(edges, name))
    ]
    assert {*order} == {*edges} - {*waiting}


@pytest.mark.parametrize("length", [1, 2, 200, 100_000])
def test_a_cycle_of_any_length_is_found_in_linear_time(length: int) -> None:
    edges = {f"n{at}": (f"n{(at + 1) % length}",) for at in range(length)}
    start = process_time()
    (cycle,) = cycles(edges)
    assert process_time() - start < 4
    assert cycle == tuple(edges)
