"""Server-sent events: the incremental reader against one that has the whole text."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from policy_ir.router.sse import Event, EventReader, EventTooLong


def whole(text: bytes) -> list[Event]:
    """The events of a whole stream, by the format's own words: what the incremental reader is held against."""
    events = []
    data: list[bytes] = []
    name = b""
    lines = re.split(rb"\r\n|\r|\n", text.removeprefix(b"\xef\xbb\xbf"))
    for line in lines[:-1]:
        if line == b"":
            if data:
                events.append(Event(name, b"\n".join(data)))
            data, name = [], b""
        elif not line.startswith(b":"):
            field, value = re.fullmatch(rb"([^:]*):? ?(.*)", line, re.DOTALL).groups() if b":" in line else (line, b"")
            if field == b"data":
                data.append(value)
            elif field == b"event":
                name = value
    return events


def pieces_of(text: bytes, cuts: list[int]) -> list[bytes]:
    places = sorted({0, len(text), *(cut % (len(text) + 1) for cut in cuts)})
    return [text[a:b] for a, b in pairwise(places)] or [b""]


def read(*pieces: bytes, most: int = 10_000) -> list[Event]:
    reader = EventReader(most)
    return [event for piece in pieces for event in reader.feed(piece)]


FRAGMENTS = st.sampled_from(
    [
        *(b"data", b"event", b"id", b"retry", b":", b": ", b" ", b"\n", b"\r", b"\r\n", b"\n\n", b"\r\r", b"\r\n\r\n"),
        *(b"data: {}\n\n", b"data:x\r\n\r\n", b"\xef\xbb\xbf", b"\xef", b"\xbb\xbf", b"\x00", b"\xff", b"[DONE]"),
    ]
)
STREAMS = st.lists(FRAGMENTS | st.binary(max_size=4), max_size=30).map(b"".join)


@settings(max_examples=400, deadline=None)
@given(STREAMS, st.lists(st.integers(0, 500), max_size=8))
@example(b"data: a\r\n\r\ndata: b\r\n\r\n", list(range(30)))
@example(b"data: a\r\rdata: b\n\n", list(range(30)))
@example(b"\xef\xbb\xbfdata: a\n\n", [1, 2, 3])
def test_a_stream_gives_the_same_events_wherever_the_network_cuts_it(stream: bytes, cuts: list[int]) -> None:
    assert read(*pieces_of(stream, cuts)) == whole(stream)


@settings(max_examples=100, deadline=None)
@given(STREAMS)
def test_a_stream_may_come_byte_by_byte(stream: bytes) -> None:
    assert read(*(bytes([byte]) for byte in stream)) == whole(stream)


@pytest.mark.parametrize("end", [b"\n", b"\r", b"\r\n"])
def test_lines_end_in_lf_cr_or_crlf(end: bytes) -> None:
    stream = end.join([b"event: error", b"data: one", b"data: two", b"", b"data: three", b"", b""])
    assert read(stream) == [Event(b"error", b"one\ntwo"), Event(b"", b"three")]


def test_a_crlf_that_is_cut_in_two_ends_one_line() -> None:
    assert read(b"data: one\r", b"\ndata: two\r", b"\n\r", b"\n") == [Event(b"", b"one\ntwo")]


def test_an_event_is_there_as_soon_as_its_empty_line_is() -> None:
    reader = EventReader()
    assert reader.feed(b"data: one\r\n\r") == [Event(b"", b"one")]
    assert reader.feed(b"\n") == []


def test_comments_identifiers_and_unknown_fields_are_passed_over() -> None:
    assert read(b": waiting\n\nid: 7\nretry: 9\nother: x\ndata: one\n\n") == [Event(b"", b"one")]


def test_only_the_first_space_after_the_colon_is_left_out() -> None:
    assert read(b"data:  one \n\ndata:two\n\ndata\n\n") == [Event(b"", b" one "), Event(b"", b"two"), Event(b"", b"")]


def test_an_event_without_data_is_none_and_its_name_is_not_kept() -> None:
    assert read(b"event: error\n\ndata: one\n\n") == [Event(b"", b"one")]


def test_an_event_that_the_end_cuts_off_is_none() -> None:
    assert read(b"data: one\n\ndata: two\n") == [Event(b"", b"one")]


def test_a_byte_order_mark_counts_at_the_start_only() -> None:
    assert read(b"\xef", b"\xbb", b"\xbfdata: one\n\n\xef\xbb\xbfdata: two\n\n") == [Event(b"", b"one")]


def test_a_line_without_an_end_is_refused_when_it_is_too_long() -> None:
    with pytest.raises(EventTooLong):
        read(*[b"x" * 100] * 11, most=1000)


def test_an_event_without_an_end_is_refused_when_it_is_too_long() -> None:
    with pytest.raises(EventTooLong):
        read(*[b"data: x\n"] * 600, most=1000)


def test_empty_lines_of_data_count_too() -> None:
    with pytest.raises(EventTooLong):
        read(*[b"data\n"] * 1001, most=1000)


def test_an_event_of_just_the_bound_is_read() -> None:
    assert read(b"data:" + b"x" * 994, b"\n", b"\n", b"data: " + b"y" * 900 + b"\n\n", most=1000) == [
        Event(b"", b"x" * 994),
        Event(b"", b"y" * 900),
    ]
