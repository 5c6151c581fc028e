"""Who may call: bearer keys, their rates, and, where there are no keys, this machine alone.

Without keys a router spends its operator's money for whoever reaches it. It then listens on loopback only, and turns
away what a browser sends in the name of another site: a page that is open there could reach it too.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from aiohttp import web

from policy_ir.router.answer import error
from policy_ir.router.auth import Keyring, RateLimit

if TYPE_CHECKING:
    from policy_ir.router.config import Config, Key

__all__ = ["Denied", "Guard"]

LOOPBACK_NAMES: Final = ("localhost", "127.0.0.1", "[::1]", "::1")

REALM: Final = "policy-ir"


class Denied(Exception):
    """A request that is not carried out: its status, the error that says why, and further headers."""

    def __init__(self, status: int, made: dict[str, Any], headers: dict[str, str] | None = None) -> None:
        super().__init__(status)
        self.status, self.error, self.headers = status, made, headers or {}


class Guard:
    """Lets requests in. `clock` counts seconds and never goes back; `before` is what this one takes over from."""

    def __init__(self, config: Config, clock: Callable[[], float], before: Guard | None = None) -> None:
        self._keyring = Keyring(config.keys) if config.keys else None
        self._rates = RateLimit(config.keys, clock, None if before is None else before._rates)

    @property
    def open(self) -> bool:
        """Whether there are no keys."""
        return self._keyring is None

    def admit(self, request: web.Request) -> Key | None:
        """Whose request it is; None where there are no keys. Raises `Denied` (401, 403)."""
        if self._keyring is None:
            self._from_here(request)
            return None
        given = request.headers.get("Authorization", "")
        key = self._keyring.who(_bearer(given))
        if key is not None:
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

    def _from_here(self, request: web.Request) -> None:
        """Refuse what does not come from this machine itself."""
        name = request.host.rpartition(":")[0] if _has_port(request.host) else request.host
        site = request.headers.get("Sec-Fetch-Site")
        origin = request.headers.get("Origin")
        foreign = origin is not None and origin.partition("://")[2] != request.host
        if name not in LOOPBACK_NAMES or site in ("cross-site", "same-site") or foreign:
            said = "without keys, only requests of this machine to a loopback name are carried out"
            raise Denied(403, error(403, "forbidden", said))


def _has_port(host: str) -> bool:
    return host.rpartition(":")[2].isdecimal() and not host.endswith("]")


def _bearer(given: str) -> str:
    """The `Authorization` of a bearer key; the password of a basic one, as browsers send it, is the key."""
    scheme, _, rest = given.partition(" ")
    if scheme.lower() != "basic":
        return given
    try:
        _, _, password = base64.b64decode(rest, validate=True).decode("utf-8").partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return ""
    return f"Bearer {password}"
