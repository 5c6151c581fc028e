"""The routes of the web page: traces, one of them, a form to try a policy, and what there is to choose from."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from aiohttp import web

from policy_ir.explanation import explain
from policy_ir.router import pages
from policy_ir.router.guard import Denied
from policy_ir.router.replies import html_response
from policy_ir.router.trace_routes import listed, sought
from policy_ir.trace.parts import rebuild
from policy_ir.trace.replay import replay

if TYPE_CHECKING:
    from policy_ir.router.config import Key
    from policy_ir.router.service import Service

__all__ = ["ROUTES", "denied"]
