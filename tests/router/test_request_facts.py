"""What the router says of a request itself: bucket, budget, seed."""

from __future__ import annotations

import asyncio
import re

import pytest
from blake3 import blake3
from hypothesis import given
from hypothesis import strategies as st
from repository import ROOT
from running import run

from policy_ir.canonical import encode
from policy_ir.router.facts import DRAWING, MOST_SESSIONS, Ledger, bucket_of, draws, seed_of
from policy_ir.signature import SIGNATURE
from policy_ir.syntax.loader import load
from policy_ir.terms import Term

SESSIONS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40)


def bits(tag: str, session: str) -> str:
    """The first 53 bits of the hash of a session, as its definition has them: digit by digit."""
    data = blake3(encode([tag, session])).digest()
    return "".join(f"{byte:08b}" for byte in data)[:53]


def no_bytes(count: int) -> bytes:
    raise AssertionError("nothing is random here")


# --- buckets -------------------------------------------------------------------------------------------------------


@given(SESSIONS)
def test_a_bucket_is_the_first_53_bits_of_the_hash_of_the_session(session: str) -> None:
    assert bucket_of(session) == int(bits("router-bucket/1", session), 2) / 2**53
    assert 0 <= bucket_of(session) < 1


@pytest.mark.parametrize(
    ("session", "bucket", "seed"),
    [
        ("a", 0.48082078166318787, 4810592346023752),
        ("user-42", 0.49816806603679487, 372865460562226),
        ("日本", 0.7501800923452768, 1128469359873134),
    ],
)
def test_buckets_and_seeds_are_the_same_in_every_process_and_release(session: str, bucket: float, seed: int) -> None:
    assert bucket_of(session) == bucket
    assert seed_of(None, True, session, no_bytes) == seed


def test_sessions_fall_into_buckets_evenly() -> None:
    tenths = [0] * 10
    for i in range(10_000):
        tenths[int(bucket_of(f"session {i}") * 10)] += 1
    assert all(900 < count < 1_100 for count in tenths)


# --- seeds ---------------------------------------------------------------------------------------------------------


@given(SESSIONS)
def test_a_session_has_one_seed_in_all_of_its_calls_and_it_is_not_its_bucket(session: str) -> None:
    seed = seed_of(None, True, session, no_bytes)
    assert seed == int(bits("router-seed/1", session), 2)
    assert seed != bucket_of(session) * 2**53


@pytest.mark.parametrize("drawing", [False, True])
@pytest.mark.parametrize("session", [None, "s"])
@pytest.mark.parametrize("given_seed", [0, 7, 2**53 - 1])
def test_the_seed_that_was_given_is_the_seed(given_seed: int, session: str | None, drawing: bool) -> None:
    assert seed_of(given_seed, drawing, session, no_bytes) == given_seed


@pytest.mark.parametrize("session", [None, "s"])
def test_where_nothing_draws_there_is_no_seed(session: str | None) -> None:
    assert seed_of(None, False, session, no_bytes) is None


def test_a_call_without_a_session_has_a_seed_of_53_random_bits() -> None:
    assert seed_of(None, True, None, lambda count: b"\xff" * count) == 2**53 - 1
    assert seed_of(None, True, None, lambda count: b"\0" * count) == 0
    assert seed_of(None, True, None, lambda count: b"\x80" + bytes(count - 1)) == 2**52


def test_the_name_of_a_session_is_text() -> None:
    for made in (lambda: bucket_of("\ud800"), lambda: seed_of(None, True, "\ud800", no_bytes)):
        with pytest.raises(ValueError, match="surrogate"):
            made()


# --- what draws ----------------------------------------------------------------------------------------------------


def policy(select: object = ("argmax",), mutate: object = ("id",)) -> Term:
    return load(["policy", ["top"], ["zero"], select, mutate, ["always", {"action": "abort"}]])


@pytest.mark.parametrize(
    "term",
    [
        policy(["sample", 0.5]),
        policy(["top_k", 3, ["prefer", ["top"], ["sample", 0.5]]]),
        policy(mutate=["jitter", "temperature", 0.1]),
        policy(mutate=["inject_seed", "seed"]),
        policy(mutate=["seq", ["set_param", "top_p", 1], ["when", ["is", "has_tee"], ["filter_text", ["RedactPII"]]]]),
        policy(mutate=["filter_image", ["BlurFaces"]]),
    ],
)
def test_a_policy_draws_wherever_the_operation_stands(term: Term) -> None:
    assert draws(term)


@pytest.mark.parametrize(
    "term",
    [policy(), policy(["top_k", 3, ["argmax"]]), policy(mutate=["seq", ["set_param", "seed", 5], ["custom", "x"]])],
)
def test_a_policy_without_such_an_operation_does_not_draw(term: Term) -> None:
    assert not draws(term)


def test_the_operations_that_draw_are_those_whose_rules_read_the_seed() -> None:
    """Each rule that mentions the seed is one of an operation that draws, or of a filter, whose directive has it."""
    text = (ROOT / "docs" / "spec" / "semantics.md").read_text("utf-8")
    read = {found for line in text.splitlines() if "seed" in line for found in re.findall(r"`(\w+)\(", line)}
    assert {cls.op for cls in DRAWING} == (read & set(SIGNATURE)) | {"filter_text", "filter_image"}


def test_a_term_as_deep_as_may_be_is_walked() -> None:
    selector: object = ["argmax"]
    for _ in range(60):
        selector = ["top_k", 1, selector]
    assert not draws(policy(selector))


# --- the ledger ----------------------------------------------------------------------------------------------------


class Store:
    """Answers when it is told to, and counts how often it was asked."""

    def __init__(self, usd: float = 0.0) -> None:
        self.usd, self.asked, self.broken = usd, 0, False
        self.open = asyncio.Event()
        self.open.set()

    async def __call__(self, key: str | None, session: str) -> float:
        self.asked += 1
        usd = self.usd
        await self.open.wait()
        if self.broken:
            raise OSError("no store")
        return usd


@run
async def test_the_store_is_asked_once_and_then_calls_are_added() -> None:
    ledger, store = Ledger(), Store(1.5)
    assert await ledger.spent("k", "s", store) == 1.5
    ledger.add("k", "s", 0.25)
    assert await ledger.spent("k", "s", store) == 1.75
    assert store.asked == 1


@run
async def test_keys_and_sessions_are_kept_apart() -> None:
    ledger, store = Ledger(), Store()
    for key, session in (("k", "s"), ("k", "t"), ("l", "s"), (None, "s")):
        await ledger.spent(key, session, store)
    ledger.add("k", "s", 1.0)
    assert [await ledger.spent(*who, store) for who in (("k", "s"), ("k", "t"), ("l", "s"), (None, "s"))] == [
        1,
        0,
        0,
        0,
    ]


@run
async def test_without_a_session_nothing_has_been_spent_and_nobody_is_asked() -> None:
    ledger, store = Ledger(), Store(9.0)
    assert await ledger.spent("k", None, store) == 0
    assert store.asked == len(ledger) == 0


@run
async def test_a_session_that_nobody_has_asked_for_takes_no_memory() -> None:
    ledger = Ledger()
    ledger.add("k", "s", 1.0)
    assert len(ledger) == 0


@run
async def test_what_is_spent_while_the_store_is_asked_is_not_lost() -> None:
    ledger, store = Ledger(), Store(1.0)
    store.open.clear()
    asking = [asyncio.create_task(ledger.spent("k", "s", store)) for _ in range(3)]
    await asyncio.sleep(0)
    ledger.add("k", "s", 0.5)
    store.open.set()
    assert await asyncio.gather(*asking) == [1.5, 1.5, 1.5]


@run
async def test_a_store_that_fails_is_asked_again_and_nothing_counts_twice() -> None:
    ledger, store = Ledger(), Store(1.0)
    store.open.clear()
    store.broken = True
    asking = asyncio.create_task(ledger.spent("k", "s", store))
    await asyncio.sleep(0)
    ledger.add("k", "s", 0.5)
    store.open.set()
    with pytest.raises(OSError, match="no store"):
        await asking
    assert len(ledger) == 0
    store.broken, store.usd = False, 1.5
    assert await ledger.spent("k", "s", store) == 1.5


@run
async def test_a_caller_that_hangs_up_takes_the_answer_from_nobody_else() -> None:
    ledger, store = Ledger(), Store(1.0)
    store.open.clear()
    first, second = (asyncio.create_task(ledger.spent("k", "s", store)) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.sleep(0)
    store.open.set()
    assert await second == 1.0


@run
async def test_only_so_many_sessions_are_remembered_those_that_were_asked_for_last() -> None:
    ledger, store = Ledger(3), Store()
    for session in "abcacd":
        await ledger.spent("k", session, store)
    assert len(ledger) == 3
    assert store.asked == 4
    await ledger.spent("k", "a", store)
    assert store.asked == 4
    await ledger.spent("k", "b", store)
    assert store.asked == 5
    assert MOST_SESSIONS >= 3
