"""The tool that measures the router: its two ends understand each other, and its figures are differences."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from router_bench import setting
from router_bench.processes import Talking, post
from router_bench.rounds import Case, Figures, added
from router_bench.telling import promises
from router_bench.wire import Response, marked


@pytest.fixture(scope="module")
def ends() -> Iterator[tuple[int, Talking]]:
    upstream, load = Talking.start("upstream"), Talking.start("load")
    try:
        yield upstream.hear()["port"], load
    finally:
        load.stop()
        upstream.stop()


def heard(ends: tuple[int, Talking], *, think_ms: float = 0, stream: bool = False, path: str = "/v1/x") -> Any:
    port, load = ends
    post(f"http://127.0.0.1:{port}/control", {"think_ms": think_ms, "gap_ms": 1})
    body = setting.streamed(setting.BODY | {"model": "sim"}, stream)
    return load.ask({"port": port, "path": path, "body": body, "headers": {}, "callers": 2, "seconds": 0.1})


@pytest.mark.parametrize("stream", [False, True])
def test_callers_hear_whole_answers_and_how_long_the_provider_has_thought(
    ends: tuple[int, Talking], stream: bool
) -> None:
    answer = heard(ends, think_ms=10, stream=stream)
    assert answer["errors"] == 0, answer["said"]
    assert len(answer["took"]) >= 4
    for took, first, thought in zip(answer["took"], answer["first"], answer["thought"], strict=True):
        assert 7_500 < thought < first <= took
        assert (took - first > 15_000) == stream  # twenty pieces, a millisecond apart


def test_an_answer_that_is_none_is_an_error(ends: tuple[int, Talking]) -> None:
    answer = heard(ends, path="/control")
    assert answer["errors"] > 0
    assert not answer["took"]


def test_a_response_is_whole_by_its_length_or_by_its_last_chunk() -> None:
    whole = b"HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n" + marked(7)
    chunks = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nc\r\n" + marked(7) + b"\r\n0\r\n\r\n"
    for data in (whole, chunks):
        response = Response()
        assert [response.take(data[at : at + 1]) for at in range(len(data))] == [False] * (len(data) - 1) + [True]
        assert (response.status, response.thought) == (200, 7)


def figures(name: str, median: float) -> Figures:
    return Figures(name, Case(0, False, 1), 9, median, median, 1.0, 1.0, (median,), 0, "")


def test_what_is_added_is_the_difference_and_a_promise_its_ratio() -> None:
    found = [figures("direct", 50), figures("bare", 250), figures("policy-ir", 400), figures("LiteLLM", 1450)]
    assert added(found, "policy-ir", Case(0, False, 1)) == 350
    ratios = {one.what: (one.ratio, one.holds) for one in promises(found)}
    assert ratios == {"policy-ir to bare": (1.75, False), "policy-ir to LiteLLM": (0.25, True)}
    assert promises(found[:2]) == []
