"""Whether the choices of a stream have all ended."""

from __future__ import annotations

from typing import Any

from policy_ir.router.completion import Progress


def after(*pieces: list[dict[str, Any]]) -> Progress:
    """A stream of so many pieces, by their choices."""
    progress = Progress()
    for choices in pieces:
        assert isinstance(progress.take(choices), tuple)
    return progress


SAYS = [{"index": 0, "delta": {"content": "a"}}]
ENDS = [{"index": 0, "delta": {}, "finish_reason": "stop"}]
EMPTY: list[dict[str, Any]] = [{"index": 0, "delta": {}}]


def test_a_stream_is_complete_when_each_choice_that_began_has_ended() -> None:
    other = [{"index": 1, "delta": {"content": "b"}}]
    assert not after(SAYS).complete
    assert not after(SAYS, other, ENDS).complete
    assert after(SAYS, ENDS).complete


def test_an_empty_choice_beside_the_usage_does_not_begin_an_ended_one_anew() -> None:
    assert after(SAYS, ENDS, EMPTY).complete
    assert after(SAYS, ENDS, []).complete


def test_a_choice_that_goes_on_after_its_end_has_to_end_again() -> None:
    assert not after(SAYS, ENDS, SAYS).complete
    assert after(SAYS, ENDS, SAYS, ENDS).complete
