"""How the sandbox puts an answer, or a fault, on the socket."""

from __future__ import annotations

import asyncio
import json
import socket
import struct
import sys
from collections.abc import Callable, Mapping
from typing import Any, Final, NoReturn

import attrs
from aiohttp import web

from policy_ir.router.sandbox_answers import Answer, Chunk, Model
from policy_ir.router.sandbox_faults import Fault
from policy_ir.router.sandbox_problems import PROBLEMS, BadRequest, Dialect, error_body, error_value

_AT_ONCE: Final = 64 * 1024
"""Bytes of a huge answer that are written at once."""

_PAGE: Final = b"""<!DOCTYPE html>
<html><head><title>Bad Gateway</title></head>
<body><h1>Bad Gateway</h1><p>A proxy between you and the simulated provider has nothing to say.</p></body></html>
"""
_BROKEN_JSON: Final = b'{"id": "chatcmpl-simulated", "choices": [{"index": 0, "delta": {"con'
_BROKEN_FRAME: Final = b"zz\r\nnot a chunk\r\n"
_DONE: Final = b"data: [DONE]\n\n"

_PROBLEM_OF: Final[Mapping[str, str]] = {
    **{name: name for name in PROBLEMS},
    "error_array": "rate_limit",
    "error_in_200": "server_error",
    "error_in_stream": "overloaded",
    "flapping": "overloaded",
}
"""The problem that a fault's error tells of."""


class Closed(Exception):
    """The sandbox itself has closed the connection, as the fault says."""


@attrs.define(kw_only=True)
class Exchange:
    """One request to a simulated model, and the way its answer goes out.

    `pace` scales all waiting but that of faults. `status` is that of the headers that were sent, `pieces` counts what
    was written of the content.
    """

    request: web.Request
    model: Model
    body: Mapping[str, Any]
    fault: Fault | None
    pace: float
    status: int | None = None
    pieces: int = 0

    async def run(self, answered: Callable[[], Answer]) -> web.StreamResponse:
        """Sends what the fault says, or else the answer. Raises `Closed`."""
        try:
            response = await self._instead()
            if response is None:
                answer = answered()
                response = await (self._as_stream(answer) if self.body.get("stream") else self._in_full(answer))
        except BadRequest as bad:
            response = refused(self.model, bad)
        self.status = response.status
        return response

    @property
    def kind(self) -> str:
        """The kind of the fault, empty where there is none."""
        return self.fault.kind if self.fault else ""

    def _whole(self, setting: str) -> int:
        assert self.fault is not None
        return self.fault.whole(setting)

    def _amount(self, setting: str) -> float | None:
        return self.fault.number(setting) if self.fault and setting in self.fault.settings else None

    # --- instead of an answer ---------------------------------------------------------------------------------

    async def _instead(self) -> web.StreamResponse | None:
        """What the fault has in place of an answer; None where the model answers."""
        assert self.fault is not None or not self.kind
        match self.kind:
            case "reset":
                self._reset()
            case "silence":
                await asyncio.Event().wait()
            case "html":
                return web.Response(status=self._whole("status"), body=_PAGE, content_type="text/html")
            case "empty":
                return web.Response(status=self._whole("status"))
            case "redirect":
                elsewhere = {"Location": f"{self.request.path}/elsewhere"}
                return web.Response(status=self._whole("status"), headers=elsewhere)
            case "error_in_200":
                return json_response(200, self._error("coded"))
            case "error_in_stream" if not self.body.get("stream"):
                return json_response(200, self._error("coded"))
            case "error_array":
                status = self._whole("status")
                return json_response(status, self._error("listed", status))
            case "bad_request":
                self._refuse_shape()
            case "rate_limit":
                return self._problem(headers=self._waits())
            case "flapping":
                return self._problem(status=503)
            case "overloaded" | "server_error":
                return self._problem(status=self._whole("status"))
            case "content_filter" if self._amount("after") is not None:
                return None
            case name if name in PROBLEMS:
                return self._problem()
        return None

    def _problem(self, status: int | None = None, headers: Mapping[str, str] | None = None) -> web.Response:
        """An HTTP error, in the dialect of the provider."""
        status = PROBLEMS[_PROBLEM_OF[self.kind]].status if status is None else status
        return json_response(status, self._error(self.model.dialect, status), headers)

    def _error(self, dialect: Dialect, status: int | None = None) -> bytes:
        words = {"model": self.model.name, "detail": self._detail()}
        return error_body(_PROBLEM_OF[self.kind], dialect, **words, status=status)

    def _detail(self) -> str:
        assert self.fault is not None
        if self.kind == "context_overflow":
            return f"{self.model.context + 1} tokens > {self.model.context} maximum"
        if self.kind == "auth_error" and self.fault.word("echo") == "yes":
            return self.request.headers.get("Authorization", "").removeprefix("Bearer ") or "none"
        return "the one that was sent"

    def _waits(self) -> dict[str, str]:
        names = {"retry_after": "Retry-After", "retry_after_ms": "retry-after-ms"}
        amounts = {header: self._amount(setting) for setting, header in names.items()}
        return {header: f"{amount:.15g}" for header, amount in amounts.items() if amount is not None}

    def _refuse_shape(self) -> None:
        assert self.fault is not None
        param = self.fault.word("param")
        if not param or param in self.body:
            what = f"'{param}'" if param else "a request of this shape"
            raise BadRequest("bad_request", f"{what} is not supported here.", param or None)

    # --- the answer in full -----------------------------------------------------------------------------------

    async def _in_full(self, answer: Answer) -> web.StreamResponse:
        """Sends an answer that is no stream."""
        await self._wait(self.model.first_token_ms)
        await self._wait(answer.completion_tokens * 1000.0 / self.model.tok_s)
        match self.kind:
            case "slow_first_token":
                await asyncio.sleep(self._whole("ms") / 1000.0)
            case "slow_tokens":
                await asyncio.sleep(answer.completion_tokens * self._whole("ms") / 1000.0)
            case "huge":
                response = await self._begin("application/json")
                await self._huge(response, b'{"choices": [{"message": {"role": "assistant", "content": "', b'"}}]}')
                return response
        body = json.dumps(self._completion(answer)).encode()
        if self.kind in ("cut", "stall", "bad_framing", "no_end"):
            await self._broken_off(body)
        self.pieces = answer.completion_tokens
        return json_response(200, body[: len(body) // 2] if self.kind == "malformed" else body)

    def _completion(self, answer: Answer) -> dict[str, Any]:
        value = answer.completion()
        value.pop("usage")
        if (usage := self._usage(answer)) is not None:
            value["usage"] = usage
        if self.kind == "content_filter":
            text = "".join(answer.choices[0].pieces[: int(self._amount("after") or 0)])
            message = {"role": "assistant", "content": text, "refusal": None}
            value["choices"] = [{"index": 0, "message": message, "logprobs": None, "finish_reason": "content_filter"}]
        return value

    async def _broken_off(self, body: bytes) -> NoReturn:
        """Sends headers and half a body, or a whole one without its end, and then what the fault says."""
        response = await self._begin("application/json", len(body) if self.kind in ("cut", "stall") else None)
        await response.write(body if self.kind == "no_end" else body[: len(body) // 2])
        if self.kind == "stall":
            await asyncio.Event().wait()
        if self.kind == "bad_framing":
            self._raw(_BROKEN_FRAME)
        self._close()

    # --- the answer as a stream -------------------------------------------------------------------------------

    async def _as_stream(self, answer: Answer) -> web.StreamResponse:
        """Sends an answer as server-sent events."""
        response = await self._begin("text/event-stream; charset=utf-8")
        if self.kind == "slow_first_token":
            await self._pause(response, self._whole("ms") / 1000.0)
        await self._wait(self.model.first_token_ms)
        asks = self.body.get("stream_options")
        usage = self._usage(answer) if isinstance(asks, Mapping) and asks.get("include_usage") is True else None
        after = min(int(self._amount("after") or 0), answer.completion_tokens)
        happened = False
        for chunk in answer.chunks():
            if (chunk.content or chunk.finish) and self.pieces >= after and not happened:
                happened = True
                if await self._ends_here(response):
                    return response
            if chunk.finish and self.kind == "no_end" and self.fault is not None and self.fault.word("finish") == "no":
                return response
            await self._send(response, chunk, {"usage": None} if usage is not None else {})
        if usage is not None:
            await response.write(_event({**answer.head("chat.completion.chunk"), "choices": [], "usage": usage}))
        if self.kind != "no_end":
            await response.write(_DONE)
        return response

    async def _send(self, response: web.StreamResponse, chunk: Chunk, further: Mapping[str, object]) -> None:
        if chunk.content and self.pieces > 0:
            await self._wait(1000.0 / self.model.tok_s)
        if chunk.content and self.kind == "slow_tokens":
            await asyncio.sleep(self._whole("ms") / 1000.0)
        await response.write(_event({**chunk.value, **further}))
        self.pieces += chunk.content

    async def _ends_here(self, response: web.StreamResponse) -> bool:
        """Does what the fault does in the middle of a stream: whether the stream properly ends with it."""
        match self.kind:
            case "cut":
                self._close()
            case "bad_framing":
                self._raw(_BROKEN_FRAME)
                self._close()
            case "stall":
                await self._pause(response, None)
            case "malformed":
                await response.write(b"data: " + _BROKEN_JSON + b"\n\n")
            case "huge":
                await self._huge(response, b'data: {"choices": [{"index": 0, "delta": {"content": "', b'"}}]}\n\n')
            case "error_in_stream":
                value = error_value("overloaded", "coded", model=self.model.name)
                await response.write(_event(value))
                return True
            case "content_filter":
                finish = {"choices": [{"index": 0, "delta": {}, "finish_reason": "content_filter"}]}
                await response.write(_event(finish) + _DONE)
                return True
        return False

    # --- pieces -----------------------------------------------------------------------------------------------

    async def _begin(self, content_type: str, length: int | None = None) -> web.StreamResponse:
        """Sends the headers of an answer: of this length, or in chunks."""
        response = web.StreamResponse(headers={"Content-Type": content_type, "Cache-Control": "no-cache"})
        response.content_length = length
        await response.prepare(self.request)
        self.status = response.status
        return response

    def _usage(self, answer: Answer) -> dict[str, Any] | None:
        """The token counts that are told."""
        if self.kind == "no_usage":
            return None
        if self.kind == "wrong_usage":
            tokens = self._whole("tokens")
            return {"prompt_tokens": tokens, "completion_tokens": tokens, "total_tokens": 2 * tokens}
        return answer.usage()

    async def _wait(self, milliseconds: float) -> None:
        """Waits as long as the model takes, at the sandbox's pace."""
        if self.pace > 0:
            await asyncio.sleep(milliseconds * self.pace / 1000.0)

    async def _pause(self, response: web.StreamResponse, seconds: float | None) -> None:
        """Waits, for ever where `seconds` is None, with comments in between where the fault says so."""
        ping = self._amount("ping")
        clock = asyncio.get_running_loop().time
        ends = clock() + (float("inf") if seconds is None else seconds)
        while (left := ends - clock()) > 0:
            await asyncio.sleep(min(left, 3600.0 if ping is None else ping / 1000.0))
            if ping is not None:
                await response.write(b": working\n\n")

    async def _huge(self, response: web.StreamResponse, opening: bytes, closing: bytes) -> None:
        """Writes one JSON text of as many bytes as the fault says, without holding it."""
        await response.write(opening)
        for start in range(0, self._whole("bytes"), _AT_ONCE):
            await response.write(b"a" * min(_AT_ONCE, self._whole("bytes") - start))
        await response.write(closing)

    def _raw(self, data: bytes) -> None:
        """Writes bytes past the HTTP layer."""
        if self.request.transport is not None:
            self.request.transport.write(data)

    def _close(self) -> NoReturn:
        """Closes the connection after what was written."""
        if self.request.transport is not None:
            self.request.transport.close()
        raise Closed

    def _reset(self) -> NoReturn:
        """Closes the connection so that the client sees a reset."""
        transport = self.request.transport
        if transport is not None:
            at_once = struct.pack("hh" if sys.platform == "win32" else "ii", 1, 0)
            transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, at_once)
            transport.abort()
        raise Closed


def refused(model: Model, bad: BadRequest) -> web.Response:
    """The answer to a request that the simulated provider refuses."""
    body = error_body(bad.name, model.dialect, model=model.name, detail=bad.detail, param=bad.param)
    return json_response(PROBLEMS[bad.name].status, body)


def json_response(status: int, body: bytes, headers: Mapping[str, str] | None = None) -> web.Response:
    """An answer in JSON."""
    return web.Response(status=status, body=body, headers=headers, content_type="application/json")


def _event(value: object) -> bytes:
    return b"data: " + json.dumps(value).encode() + b"\n\n"
