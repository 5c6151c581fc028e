"""Bearer keys and their rates."""

from __future__ import annotations

import re

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy_ir.router import auth
from policy_ir.router.auth import Keyring, RateLimit, digest_of, new_key
from policy_ir.router.config import Key
from policy_ir.router.config_access import DIGEST


def key(name: str = "app", text: str = "pir_one", **fields: object) -> Key:
    return Key(name=name, digest=digest_of(text), **fields)  # type: ignore[arg-type]


# --- keys -----------------------------------------------------------------------------------------------------


def test_a_new_key_is_256_random_bits_behind_the_prefix() -> None:
    made = {new_key().reveal() for _ in range(50)}
    assert len(made) == 50
    assert all(re.fullmatch(r"pir_[0-9A-Za-z]{43}", text) for text in made)
    assert 62**43 > 2**256 > 62**42
    assert new_key(bytes).reveal() == "pir_" + "0" * 43
    assert (
        new_key(lambda size: b"\xff" * size).reveal() != new_key(lambda size: b"\xff" * (size - 1) + b"\xfe").reveal()
    )


def test_a_digest_tells_keys_apart_and_says_nothing_of_them() -> None:
    assert DIGEST.fullmatch(digest_of("pir_one"))
    assert digest_of("pir_one") != digest_of("pir_One")
    assert "one" not in digest_of("pir_one")


def test_the_right_key_is_found_whichever_it_is() -> None:
    first, second = key("a", "pir_one"), key("b", "pir_two")
    ring = Keyring({"a": first, "b": second})
    assert ring.who("Bearer pir_one") is first
    assert ring.who("bearer   pir_two ") is second


@pytest.mark.parametrize(
    "header",
    [None, "", "Bearer", "Bearer ", "pir_one", "Basic pir_one", "Bearer pir_on", "Bearer pir_one pir_two",
     "Bearer \ud800", "Bearer " + "x" * 1_000_000, "Bearer " + digest_of("pir_one")],
)  # fmt: skip
def test_anything_else_is_nobodys_key(header: str | None) -> None:
    assert Keyring({"a": key()}).who(header) is None


def test_every_key_is_compared_in_constant_time_whether_or_not_one_has_fitted(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[bytes] = []

    def noting(known: bytes, sent: bytes) -> bool:
        compared.append(known)
        return known == sent

    monkeypatch.setattr(auth.hmac, "compare_digest", noting)
    ring = Keyring({name: key(name, f"pir_{name}") for name in "abc"})
    for sent in ("pir_a", "pir_c", "pir_none"):
        compared.clear()
        ring.who(f"Bearer {sent}")
        assert len(compared) == 3


# --- rates ----------------------------------------------------------------------------------------------------


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_key_without_a_rate_is_never_held_back() -> None:
    one = key()
    limit = RateLimit({"app": one}, Clock())
    assert [limit.take(one) for _ in range(1000)] == [None] * 1000


def test_a_burst_may_come_at_once_and_then_calls_come_at_the_rate() -> None:
    clock, one = Clock(), key(rate=60.0, burst=3)
    limit = RateLimit({"app": one}, clock)
    assert [limit.take(one) for _ in range(3)] == [None] * 3
    assert limit.take(one) == pytest.approx(1.0)
    clock.now += 0.25
    assert limit.take(one) == pytest.approx(0.75)
    clock.now += 0.75
    assert limit.take(one) is None
    assert limit.take(one) == pytest.approx(1.0)


def test_a_pause_gives_no_more_than_the_burst_back() -> None:
    clock, one = Clock(), key(rate=60.0, burst=2)
    limit = RateLimit({"app": one}, clock)
    limit.take(one)
    clock.now += 3600
    assert [limit.take(one) is None for _ in range(3)] == [True, True, False]


def test_keys_do_not_spend_each_others_rate() -> None:
    clock, one, two = Clock(), key("a", rate=1.0), key("b", rate=1.0)
    limit = RateLimit({"a": one, "b": two}, clock)
    assert limit.take(one) is None
    assert limit.take(one) is not None
    assert limit.take(two) is None


def test_a_reload_gives_nobody_a_new_burst() -> None:
    clock, one = Clock(), key(rate=60.0, burst=5)
    before = RateLimit({"app": one}, clock)
    for _ in range(4):
        before.take(one)
    smaller = attrs.evolve(one, burst=1)
    after = RateLimit({"app": smaller, "new": key("new", rate=60.0)}, clock, before)
    assert after.take(smaller) is None
    assert after.take(smaller) is not None
    assert after.take(key("new", rate=60.0)) is None


@given(st.lists(st.floats(0, 30), max_size=60), st.floats(1, 600), st.integers(1, 20))
def test_in_no_stretch_of_time_do_more_calls_pass_than_the_burst_and_the_rate(
    pauses: list[float], rate: float, burst: int
) -> None:
    clock, one = Clock(), key(rate=rate, burst=burst)
    limit = RateLimit({"app": one}, clock)
    passed: list[float] = []
    for pause in pauses:
        clock.now += pause
        if limit.take(one) is None:
            passed.append(clock.now)
    for i, start in enumerate(passed):
        for count, end in enumerate(passed[i:], 1):
            assert count <= burst + (end - start) * rate / 60 + 1e-6
