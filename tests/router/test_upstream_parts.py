"""What an upstream is made of: the watch over a wait, and secrets taken out of texts."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st
from running import run

from policy_ir.router.redactor import PIECE, Redactor
from policy_ir.router.secrets import HIDDEN, Secret
from policy_ir.router.watch import Expired, Watch

KEY = "sk-proj-0123456789abcdef"


def redacted(text: str, *secrets: str) -> str:
    return Redactor(map(Secret, secrets or (KEY,)))(text)


@pytest.mark.parametrize(
    ("text", "after"),
    [
        (f"Incorrect API key provided: {KEY}.", "Incorrect API key provided: ***."),
        (f"{KEY}{KEY} and {KEY}", "*** and ***"),
        (f"starts with {KEY[:8]}, ends with {KEY[-8:]}", "starts with ***, ends with ***"),
        (f"{KEY[:20]}...", "***..."),
        (f"...{KEY[5:]}!", "...***!"),
        (f"{KEY[:16]}{KEY[-16:]}", "***"),
        (f"masked: {KEY[:7]}***{KEY[-4:]}", f"masked: {KEY[:7]}***{KEY[-4:]}"),
        ("nothing here", "nothing here"),
        ("", ""),
    ],
)
def test_a_secret_and_each_long_piece_of_its_ends_is_taken_out(text: str, after: str) -> None:
    assert redacted(text) == after


def test_a_short_secret_is_taken_out_as_a_whole_and_an_empty_one_is_none() -> None:
    assert redacted("the pass word is abcd", "abcd", "") == "the pass word is ***"


def test_secrets_that_share_text_are_all_taken_out() -> None:
    assert redacted("key-aaaaaaaa-1 key-aaaaaaaa-2", "key-aaaaaaaa-1", "key-aaaaaaaa-2") == "*** ***"


def test_a_redactor_does_not_show_what_it_knows() -> None:
    assert KEY not in repr(Redactor([Secret(KEY)]))


@given(st.text("abc", min_size=1, max_size=20), st.text("abc", max_size=40), st.text("abc", max_size=40))
def test_no_text_keeps_a_secret(secret: str, before: str, after: str) -> None:
    left = redacted(before + secret + after, secret)
    assert secret not in left
    if len(secret) >= PIECE:
        assert secret[:PIECE] not in left
        assert secret[-PIECE:] not in left
    assert HIDDEN in left


def watch(seconds: float) -> Watch:
    loop = asyncio.get_running_loop()
    return Watch(loop, loop.time() + seconds, "the end")


@run
async def test_a_wait_beyond_the_end_expires() -> None:
    one = watch(0.02)
    with pytest.raises(Expired, match="the end"), one:
        await asyncio.sleep(5)
    with pytest.raises(Expired, match="the end"), one:
        pytest.fail("there is no time for another wait")


@run
async def test_a_nearer_limit_counts_and_a_further_one_does_not() -> None:
    one = watch(0.05)
    one.within(0.01, "nearer")
    with pytest.raises(Expired, match="nearer"), one:
        await asyncio.sleep(5)
    one.within(60, "further")
    with pytest.raises(Expired, match="the end"), one:
        await asyncio.sleep(5)


@run
async def test_a_limit_that_moves_on_is_not_felt() -> None:
    one = watch(5)
    for _ in range(5):
        one.within(0.05, "a piece")
        with one:
            await asyncio.sleep(0.02)
    one.stop()


@run
async def test_a_limit_that_passes_between_two_waits_is_felt_in_the_next() -> None:
    one = watch(5)
    one.within(0.01, "a piece")
    await asyncio.sleep(0.03)
    with pytest.raises(Expired, match="a piece"), one:
        pass


@run
async def test_a_limit_that_is_set_after_one_has_passed_is_felt() -> None:
    one = watch(5)
    one.within(0.01, "a piece")
    await asyncio.sleep(0.03)
    one.within(0.02, "the next piece")
    with pytest.raises(Expired, match="the next piece"), one:
        await asyncio.sleep(5)


@run
async def test_a_cancellation_from_elsewhere_goes_through() -> None:
    one = watch(0.05)

    async def waits() -> None:
        with one:
            await asyncio.sleep(5)

    task = asyncio.create_task(waits())
    await asyncio.sleep(0.01)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await asyncio.sleep(0.06)  # and the timer that is left touches nobody
    one.stop()


@run
async def test_a_cancellation_at_the_same_moment_as_the_limit_goes_through() -> None:
    one = watch(0.02)

    async def waits() -> None:
        with one:
            await asyncio.sleep(5)

    task = asyncio.create_task(waits())
    await asyncio.sleep(0.01)
    asyncio.get_running_loop().call_at(one._handle.when(), task.cancel)
    with pytest.raises(asyncio.CancelledError):
        await task
