"""What of a stream the caller gets, and when."""

from __future__ import annotations

from typing import Any

from running import run

from policy_ir.router.relay import HELD_CHUNKS, Relay
from policy_ir.router.upstream import Chunk


class Written:
    """A sink that remembers."""

    def __init__(self) -> None:
        self.events: list[str] = []

    async def begin(self) -> None:
        self.events.append("begin")

    async def send(self, data: bytes) -> None:
        self.events.append(data.decode())


def piece(name: str, *, content: bool = False, finish: bool = False, usage: bool = False) -> Chunk:
    value: dict[str, Any] = {"id": name, "choices": [] if usage else [{}]}
    return Chunk(name.encode(), value, content, {"prompt_tokens": 1} if usage else None, finish)


ROLE = piece("role")
ONE, TWO = piece("one", content=True), piece("two", content=True)
END = piece("end", finish=True)
USAGE = piece("usage", usage=True)


async def relayed(*pieces: Chunk, own_usage: bool = False) -> tuple[list[str], str | None]:
    """What the sink got, and what is held back at the end."""
    sink = Written()
    relay = Relay(sink, own_usage=own_usage)
    for one in pieces:
        await relay.take(one)
    return sink.events, None if relay.last is None else relay.last.raw.decode()


@run
async def test_nothing_goes_out_before_the_first_content() -> None:
    assert await relayed(ROLE) == ([], None)
    assert await relayed(ROLE, ONE) == (["begin", "role", "one"], None)


@run
async def test_the_last_piece_is_held_back() -> None:
    assert await relayed(ROLE, ONE, TWO, END) == (["begin", "role", "one", "two"], "end")
    assert await relayed(ONE, END, USAGE) == (["begin", "one", "end"], "usage")


@run
async def test_an_end_of_one_choice_does_not_hold_up_the_others() -> None:
    assert await relayed(ONE, END, TWO, END) == (["begin", "one", "end", "two"], "end")


@run
async def test_an_answer_without_content_begins_with_its_end() -> None:
    assert await relayed(ROLE, END) == (["begin", "role"], "end")


@run
async def test_usage_that_only_the_router_asked_for_stays_with_it() -> None:
    assert await relayed(ONE, END, USAGE, own_usage=True) == (["begin", "one"], "end")


@run
async def test_usage_beside_an_empty_choice_stays_with_it_too() -> None:
    beside = Chunk(b"beside", {"choices": [{"index": 0, "delta": {}}]}, False, {"prompt_tokens": 1}, False)
    assert await relayed(ONE, END, beside, own_usage=True) == (["begin", "one"], "end")
    assert await relayed(ONE, END, beside) == (["begin", "one", "end"], "beside")


@run
async def test_usage_within_a_piece_of_the_answer_goes_out_whoever_asked() -> None:
    both = Chunk(b"both", {"choices": [{}]}, False, {"prompt_tokens": 1}, True)
    assert await relayed(ONE, both, own_usage=True) == (["begin", "one"], "both")
    role = Chunk(b"role", {"choices": [{"delta": {"role": "assistant"}}]}, False, {"prompt_tokens": 1}, False)
    assert await relayed(role, ONE, own_usage=True) == (["begin", "role", "one"], None)


@run
async def test_only_so_many_pieces_without_content_are_held() -> None:
    got, _ = await relayed(*[ROLE] * HELD_CHUNKS)
    assert got == ["begin", *["role"] * HELD_CHUNKS]
