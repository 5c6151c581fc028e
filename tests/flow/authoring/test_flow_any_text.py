"""Any text is read or refused, with places in it, in bounded time: nothing else can come of it."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy_ir.diagnostics import Diagnostic, Refused
from policy_ir.diagnostics.model import in_source_order
from policy_ir.flow.authoring import parse_authoring_flow, print_authoring_flow

WORDS = [
    "flow", "policy", "input", "llm", "output", "system", "template", "on_error", "fail", "filter", "rank", "a", "b",
    "{", "}", "(", ")", "[", "]", ",", ";", ":", "+", "<=", "3", '"s"', "`q`", '"""\n x\n """', '"""', "#", "\n", "!",
    "and", "top", "'x'", "é", "\\", "policy p {", "llm a(b) {", "input q\n", "output o(a)\n", "system \"x\"\n", "\n}",
]  # fmt: skip


@given(st.lists(st.sampled_from(WORDS), max_size=30))
def test_any_text_is_read_or_refused_with_each_finding_once_and_in_order(words: list[str]) -> None:
    text = "flow { " + " ".join(words)
    try:
        document = parse_authoring_flow(text)
    except Refused as refused:
        found = refused.diagnostics
        assert found
        assert found == in_source_order(found)
        assert len({(one.code, one.span) for one in found}) == len(found)
        assert all(one.span is None or 0 <= one.span.start <= one.span.end <= len(text) for one in found)
    else:
        again = parse_authoring_flow(print_authoring_flow(document))
        assert (again.flow, again.policies) == (document.flow, document.policies)


@given(st.data())
def test_a_text_without_one_token_is_read_or_refused(data: st.DataObject) -> None:
    parts = 'flow { policy p { filter a in { "b" } } input q llm a ( q , b ) { policy p system "s" } output o ( a ) }'
    words = parts.split(" ")
    del words[data.draw(st.integers(0, len(words) - 1))]
    assert len(findings(data.draw(st.sampled_from([" ", "\n"])).join(words))) <= 4


def findings(text: str) -> tuple[Diagnostic, ...]:
    try:
        parse_authoring_flow(text)
    except Refused as refused:
        return refused.diagnostics
    return ()


SIZE = 1 << 17
HOSTILE = {
    "brackets": "flow {" + "(" * (SIZE - 10),
    "brackets of a policy": "flow { policy a { filter " + "([{" * (SIZE // 3 - 20),
    "closing brackets of a policy": "flow { policy a { filter " + ")]" * (SIZE // 2 - 20),
    "nodes that are not closed": "flow {" + "llm a(b){" * (SIZE // 9 - 2),
    "quotes of blocks": "flow {" + '"""' * (SIZE // 3 - 4),
    "quotes of blocks on lines": "flow {" + '"""\n' * (SIZE // 4 - 4),
    "lines of a block": 'flow { llm a(b) { system """\n' + " x\n" * (SIZE // 3 - 20) + '  """ } }',
    "unknown words": "flow {" + "a " * (SIZE // 2 - 10),
    "inputs": "flow { llm a(" + "b," * (SIZE // 2 - 20),
    "policies and names that are none of theirs": "flow {"
    + "".join(f"policy p{at}{{}}" for at in range(5_000))
    + "".join(f"llm a{at}(b){{policy q{at}}}" for at in range(256)),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_text_is_refused_in_bounded_time(name: str) -> None:
    start = time.process_time()
    assert 0 < len(findings(HOSTILE[name])) <= 100
    assert time.process_time() - start < 20


def test_a_policy_that_all_nodes_share_is_read_once() -> None:
    policy = f"policy p {{ filter or({', '.join(['a'] * 240)}) }}\n"
    nodes = "".join(f"llm n{at}(q) {{ policy p }}\n" for at in range(255))
    document = parse_authoring_flow(f"flow {{ input q\n{policy}{nodes} }}")
    assert document.flow is not None
    assert len({id(node.policy) for node in document.flow.calls.values()}) == 1
