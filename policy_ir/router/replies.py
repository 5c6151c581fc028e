"""Responses of a kind that several routes give."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from policy_ir.router.answer import encode

__all__ = ["html_response", "json_response"]


def json_response(value: Any, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    """A JSON value."""
    return web.Response(body=encode(value), status=status, content_type="application/json", headers=headers)


def html_response(text: str, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    """A page: it may load nothing from elsewhere, and stands in no other site's frame."""
    from policy_ir.router.pages import CONTENT_SECURITY_POLICY

    strict = {
        "Content-Security-Policy": CONTENT_SECURITY_POLICY,
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
    }
    return web.Response(text=text, status=status, content_type="text/html", headers=strict | (headers or {}))
