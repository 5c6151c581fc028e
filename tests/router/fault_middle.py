"""Rows of the fault matrix about connections to providers, and about answers that break off or are counted wrongly."""

from __future__ import annotations

from typing import Any, Final

import attrs
from fault_row import ROUTINE, Row, Told, grouped
from fault_words import (
    AGAIN,
    BROKE,
    BUSY,
    EAST,
    IN_FULL,
    NEXT,
    NORTH,
    PART,
    SHORT,
    SOUTH,
    STOP,
    STREAM,
    THEN,
    all_have,
    answered,
    failed,
    ok,
    refused,
    retrying,
    within,
)

CONNECTIONS: Final = grouped(
    "The connection to a provider",
    Row(
        name="reset before any header",
        faults=(f"{NORTH}=reset",),
        tells=(ok(failed(NORTH, "network_error", None, NEXT, "connection"), answered(SOUTH)),),
    ),
    Row(
        name="reset before any header, everywhere",
        faults=all_have("reset"),
        tells=(
            refused(
                "502 `network_error`",
                failed(NORTH, "network_error", None, NEXT, "connection"),
                failed(SOUTH, "network_error", None, NEXT, "connection"),
                failed(EAST, "network_error", None, STOP, "connection"),
            ),
        ),
    ),
    Row(
        name="silence; the provider has 200 ms until the first token",
        faults=(f"{NORTH}=silence",),
        north=SHORT,
        tells=(ok(failed(NORTH, "timeout", None, NEXT, "no first token in time"), answered(SOUTH)),),
        ways=STREAM,
        least_ms=200,
    ),
    Row(
        name="silence; the provider has 400 ms in all",
        faults=(f"{NORTH}=silence",),
        north=SHORT,
        tells=(ok(failed(NORTH, "timeout", None, NEXT, "no whole answer in time"), answered(SOUTH)),),
        ways=IN_FULL,
        least_ms=400,
    ),
    Row(
        name="silence; the call has 200 ms",
        faults=all_have("silence"),
        asked=within(200),
        tells=(
            refused(
                "504 `timeout`",
                failed(NORTH, "timeout", None, f"{NEXT}; stop: no time is left", "no whole answer in time"),
            ),
        ),
        least_ms=200,
    ),
    Row(
        name="silence everywhere; each attempt has 120 ms, the call 340 ms",
        faults=all_have("silence"),
        north=attrs.evolve(ROUTINE, total_ms=120),
        everywhere=attrs.evolve(ROUTINE, total_ms=120),
        asked=within(340),
        tells=(
            refused(
                "504 `timeout`",
                failed(NORTH, "timeout", None, NEXT, "no whole answer in time"),
                failed(SOUTH, "timeout", None, NEXT, "no whole answer in time"),
                failed(EAST, "timeout", None, STOP, "no whole answer in time"),
            ),
        ),
        least_ms=340,
    ),
    Row(
        name="errors without end; the plan asks again and again, the call has 400 ms",
        faults=all_have("server_error"),
        plan=retrying(10, 250),
        asked=within(400),
        tells=(
            refused(
                "502 `server_error`",
                failed(NORTH, "server_error", 500, AGAIN, BROKE),
                failed(NORTH, "server_error", 500, THEN, BROKE),
                failed(SOUTH, "server_error", 500, THEN, "The simulated server had an error"),
                failed(EAST, "server_error", 500, "retry_same/then, next_candidate/stop", BROKE),
            ),
        ),
        least_ms=250,
    ),
    Row(
        name="errors without end; the plan asks again and again, a call has 4 attempts",
        faults=all_have("server_error"),
        plan=retrying(10, 0),
        limits={"attempts": 4},
        tells=(
            refused(
                "502 `server_error`",
                *[failed(NORTH, "server_error", 500, AGAIN, BROKE)] * 3,
                failed(NORTH, "server_error", 500, f"{AGAIN}; stop: no attempt is left", BROKE),
            ),
        ),
    ),
    Row(
        name="the first token takes 80 ms; the provider has 2 s",
        faults=(f"{NORTH}=slow_first_token:ms=80",),
        north=attrs.evolve(ROUTINE, first_token_ms=2_000),
        tells=(ok(answered(NORTH)),),
        least_ms=80,
    ),
    Row(
        name="the first token takes too long, in spite of comments; the provider has 200 ms",
        faults=(f"{NORTH}=slow_first_token:ms=3000,ping=20",),
        north=SHORT,
        tells=(ok(failed(NORTH, "timeout", 200, NEXT, "no first token in time"), answered(SOUTH)),),
        ways=STREAM,
        least_ms=200,
    ),
    Row(
        name="an answer of more than 1 MiB, where that is the bound",
        faults=(f"{NORTH}=huge:bytes=3000000",),
        limits={"answer_bytes": 2**20},
        tells=(ok(failed(NORTH, "bad_response", 200, NEXT, "an answer of more than 1048576 bytes"), answered(SOUTH)),),
        ways=IN_FULL,
    ),
    Row(
        name="an event of more than 1 MiB, where that is the bound",
        faults=(f"{NORTH}=huge:bytes=3000000",),
        limits={"line_bytes": 2**20},
        tells=(ok(failed(NORTH, "bad_response", 200, NEXT, "an event of more than 1048576 bytes"), answered(SOUTH)),),
        ways=STREAM,
    ),
)


def _cut_row(name: str, fault: str, reason: str, says: str, **more: Any) -> Row:
    """A whole answer of which not all comes: another candidate takes over."""
    tells = (ok(failed(NORTH, reason, 200, NEXT, says), answered(SOUTH)),)
    return Row(name=name, faults=(f"{NORTH}={fault}",), tells=tells, **more)


def _interrupted(name: str, fault: str, reason: str, says: str, **more: Any) -> Row:
    """A stream that breaks off: the caller has seen a part, so nobody takes over."""
    hop = failed(NORTH, reason, 200, f"{NEXT}; stop: the answer had begun", says, cost="estimate")
    tells = (Told(PART.format(reason), "interrupted", (hop,)),)
    return Row(name=name, faults=(f"{NORTH}={fault}",), tells=tells, ways=STREAM, **more)


MIDDLE: Final = grouped(
    "In the middle of an answer",
    _cut_row("cut off", "cut", "network_error", "the answer was cut off", ways=IN_FULL),
    _cut_row(
        "cut off before the first content", "cut:after=0", "stream_interrupted", "the answer was cut off", ways=STREAM
    ),
    _interrupted("cut off", "cut", "stream_interrupted", "the answer was cut off"),
    _cut_row(
        "it stalls; the provider has 200 ms for each piece",
        "stall",
        "timeout",
        "stopped coming",
        north=SHORT,
        ways=IN_FULL,
        least_ms=200,
    ),
    _interrupted(
        "it stalls; the provider has 200 ms for each piece",
        "stall",
        "timeout",
        "the answer has stopped coming in",
        north=SHORT,
        least_ms=200,
    ),
    _interrupted(
        "it stalls in spite of comments; the provider has 200 ms for each piece",
        "stall:ping=20",
        "timeout",
        "the answer has stopped coming in",
        north=SHORT,
        least_ms=200,
    ),
    _interrupted(
        "each token takes 60 ms; the call has 200 ms",
        "slow_tokens:ms=60",
        "timeout",
        "no whole answer in time",
        asked=within(200),
        least_ms=200,
    ),
    _cut_row("broken JSON", "malformed", "bad_response", "the answer is not JSON", ways=IN_FULL),
    _cut_row(
        "broken JSON before the first content", "malformed:after=0", "bad_response", "a malformed piece", ways=STREAM
    ),
    _interrupted("broken JSON", "malformed", "bad_response", "a malformed piece"),
    _cut_row("no end of the chunked encoding", "no_end", "network_error", "the answer was cut off", ways=IN_FULL),
    Row(
        name="no `[DONE]`, and no choice has ended",
        faults=(f"{NORTH}=no_end",),
        tells=(
            Told(
                "200, the whole answer, then the error `stream_interrupted`",
                "interrupted",
                (
                    failed(
                        NORTH,
                        "stream_interrupted",
                        200,
                        f"{NEXT}; stop: the answer had begun",
                        "the stream ended before the answer did",
                        cost="estimate",
                    ),
                ),
            ),
        ),
        ways=STREAM,
    ),
    Row(
        name="no `[DONE]`, but every choice has ended",
        faults=(f"{NORTH}=no_end:finish=yes",),
        tells=(ok(answered(NORTH)),),
        ways=STREAM,
    ),
    _cut_row("an error object before the first content", "error_in_stream:after=0", "overloaded", BUSY, ways=STREAM),
    _interrupted("an error object", "error_in_stream", "overloaded", BUSY),
)

ACCOUNTS: Final = grouped(
    "What an answer costs",
    Row(
        name="absurd counts of tokens",
        faults=(f"{NORTH}=wrong_usage",),
        tells=(ok(answered(NORTH, cost="estimate")),),
    ),
    Row(
        name="counts of tokens below zero",
        faults=(f"{NORTH}=wrong_usage:tokens=-5",),
        tells=(ok(answered(NORTH, cost="estimate")),),
    ),
    Row(
        name="no counts of tokens, after a failure elsewhere",
        faults=(f"{NORTH}=server_error", f"{SOUTH}=no_usage"),
        tells=(ok(failed(NORTH, "server_error", 500, NEXT, BROKE), answered(SOUTH, cost="estimate")),),
    ),
)
