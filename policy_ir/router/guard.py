"""Who may call: bearer keys, their rates, and, where there are no keys, this machine alone.

Without keys a router spends its operator's money for whoever reaches it. It then listens on loopback only, and answers
to loopback names only: a site could have its own name lead here (DNS rebinding).

A browser also sends what another site asks it to, and adds the key that it keeps for a page by itself. So without keys,
and with the key of a page, what another site asks for is turned away, but for following a link to a page.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from aiohttp import web

from policy_ir.router.answer import error
from policy_ir.router.auth import Keyring, RateLimit
from policy_ir.router.config import loopback

if TYPE_CHECKING:
    from policy_ir.router.config import Config, Key

__all__ = ["Denied", "Guard"]

LOOKING: Final = ("GET", "HEAD")
"""Methods that change nothing and cost nothing."""

REALM: Final = "policy-ir"

_HOST: Final = re.compile(r"(?:\[(?P<address>[^\]]*)\]|(?P<name>[^:\[\]]*))(?::\d+)?", re.ASCII)
"""What a `Host` may be: a name, or an address of IPv6 in brackets, with or without a port."""


class Denied(Exception):
    """A request that is not carried out: its status, the error that says why, and further headers."""

    def __init__(self, status: int, made: dict[str, Any], headers: dict[str, str] | None = None) -> None:
        super().__init__(status)
        self.status, self.error, self.headers = status, made, headers or {}


class Guard:
    """Lets requests in. `clock` counts seconds and never goes back; `before` is what this one takes over from."""

    def __init__(self, config: Config, clock: Callable[[], float], before: Guard | None = None) -> None:
        self._keyring = Keyring(config.keys) if config.keys else None
        self._rates: RateLimit = RateLimit(config.keys, clock, None if before is None else before._rates)

    def admit(self, request: web.Request) -> Key | None:
        """Whose request it is; None where there are no keys. Raises `Denied` (401, 403)."""
        if self._keyring is None:
            if not _to_this_machine(request):
                raise _forbidden("without keys, only requests to a loopback name are carried out")
            _refuse_other_sites(request)
            return None
        given = request.headers.get("Authorization", "")
        key = self._keyring.who(_bearer(given))
        if key is not None:
            if _is_basic(given):
                _refuse_other_sites(request)
            return key
        said = "the key is not known here" if given else "a key is due"
        advice = "send `Authorization: Bearer KEY`; the operator makes keys with `policy-ir key new`"
        challenge = f'Basic realm="{REALM}"' if "text/html" in request.headers.get("Accept", "") else "Bearer"
        raise Denied(401, error(401, "invalid_api_key", f"{said}; {advice}"), {"WWW-Authenticate": challenge})

    def spend(self, key: Key | None) -> None:
        """Count a call against its key's rate. Raises `Denied` (429)."""
        wait = None if key is None else self._rates.take(key)
        if wait is not None:
            made = error(
                429, "rate_limit_exceeded", f"the key has reached its rate; the next call may come in {wait:.1f} s"
            )
            raise Denied(429, made, {"Retry-After": str(int(wait) + 1)})


def _forbidden(said: str) -> Denied:
    return Denied(403, error(403, "forbidden", said))


def _to_this_machine(request: web.Request) -> bool:
    """Whether a request is to a loopback name. Browsers always say to which, and what is no browser need not."""
    named = request.headers.getall("Host", ())
    return all(map(_of_this_machine, named))


@lru_cache(maxsize=64)
def _of_this_machine(host: str) -> bool:
    """Whether a `Host` is a loopback name. Most requests have the same."""
    found = _HOST.fullmatch(host.lower())
    return found is not None and loopback(found["address"] or found["name"] or "")


def _refuse_other_sites(request: web.Request) -> None:
    """Refuse what a browser sends because a page of another site asks for it. Raises `Denied` (403)."""
    headers = request.headers
    site = headers.get("Sec-Fetch-Site")
    if site in ("cross-site", "same-site"):
        # A link that somebody follows, and no frame: the other site sees nothing of the page.
        followed = headers.get("Sec-Fetch-Mode") == "navigate" and headers.get("Sec-Fetch-Dest") == "document"
        if not (followed and request.method in LOOKING):
            raise _forbidden("what another site asks for is not carried out")
    origin = headers.get("Origin") if site is None else None
    if origin is not None and _host_of(origin) != _host_of(f"//{headers.get('Host', '')}"):
        # Browsers say nothing of the site where a page came without TLS.
        raise _forbidden("what another site asks for is not carried out")


def _host_of(origin: str) -> str:
    """Name and port of an origin, without the port that goes without saying."""
    scheme, _, host = origin.lower().partition("//")
    return host.removesuffix(":443" if scheme == "https:" else ":80")


def _is_basic(given: str) -> bool:
    return given[:6].lower() == "basic "


def _bearer(given: str) -> str:
    """The `Authorization` of a bearer key; the password of a basic one, as browsers send it, is the key."""
    if not _is_basic(given):
        return given
    try:
        _, _, password = base64.b64decode(given[6:].strip(), validate=True).decode("utf-8").partition(":")
    except ValueError:
        return ""
    return f"Bearer {password}"
