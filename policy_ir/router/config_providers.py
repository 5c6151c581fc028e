"""Where calls go: the endpoints of a configuration, and their keys from the environment."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlsplit

import attrs

from policy_ir.diagnostics import codes, did_you_mean, quoted
from policy_ir.router import config_keys as keys
from policy_ir.router.config import Endpoint, Kind, Timeouts
from policy_ir.router.config_findings import Findings
from policy_ir.router.config_kinds import KINDS
from policy_ir.router.config_text import is_secret_name
from policy_ir.router.secrets import Secret
from policy_ir.syntax.places import step

__all__ = ["Providers", "address", "from_environment"]

_VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,127}")
_LIKE_A_KEY: Final = re.compile(r"(?=.*[a-z])(?=.*[A-Z])(?=.*[0-9])[A-Za-z0-9_]{25,}|[0-9a-f]{32,}")
"""What keys look like, and no environment variable is called."""
_HEADER: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}")
_OURS: Final = frozenset(
    {
        *("accept", "accept-encoding", "connection", "content-encoding", "content-length", "content-type"),
        *("expect", "host", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"),
    }
)
"""Headers that belong to the exchange itself."""


@attrs.define
class Providers:
    """Reads the endpoints; `timeouts` are those of one that has none of its own."""

    findings: Findings
    environ: Mapping[str, str]
    timeouts: Timeouts

    def read(self, value: Mapping[str, Any]) -> dict[str, Endpoint]:
        """The endpoints in the table of them, by name."""
        return {name: self._endpoint(name, at, entry) for name, at, entry in self.findings.named(value, "/providers")}

    def _endpoint(self, name: str, at: str, value: Mapping[str, object]) -> Endpoint:
        table = self.findings.table(value, at, keys.PROVIDER)
        kind: Kind = table.get("kind", "compatible")
        preset = KINDS[kind]
        url = preset.url
        if "url" in value:
            url = address(self.findings, table["url"], f"{at}/url") if "url" in table else None
        elif url is None and ("kind" in table or "kind" not in value):
            known = f'or `kind = "{name}"`, which comes with one' if name in KINDS else None
            self.findings.missing("url", at, "the base of the endpoint's address", known)
        key = None
        if "key_env" in table:
            key = from_environment(self.findings, self.environ, table["key_env"], f"{at}/key_env")
        elif preset.key_env is not None and "key_env" not in value and not _holds_key(value):
            key = from_environment(self.findings, self.environ, preset.key_env, at)
        capabilities = table.get("capabilities")
        times = self.findings.table(table.get("timeouts", {}), f"{at}/timeouts", keys.TIMEOUTS)
        return Endpoint(
            name=name,
            url=url or "",
            kind=kind,
            key=key,
            headers=self._headers(table.get("headers", {}), f"{at}/headers"),
            capabilities=preset.capabilities if capabilities is None else frozenset(capabilities),
            serves=frozenset(table.get("serves", (name,))),
            models=self._models(table.get("models", {}), f"{at}/models"),
            timeouts=attrs.evolve(self.timeouts, **times),
            stream_usage=table.get("stream_usage", False),
        )

    def _headers(self, value: Mapping[str, object], at: str) -> dict[str, str | Secret]:
        made: dict[str, str | Secret] = {}
        for name, entry in value.items():
            here = step(at, name)
            if not _HEADER.fullmatch(name) or name.lower() in _OURS:
                why = "is set by the router itself" if name.lower() in _OURS else "is no name of a header"
                self.findings.refuse(
                    codes.CONFIG_RANGE,
                    f"{quoted(name)} {why}",
                    here,
                    span=self.findings.file.key_span(here),
                    found=quoted(name),
                )
            elif isinstance(entry, dict):
                table = self.findings.table(entry, here, {"env": keys.VARIABLE})
                secret = None
                if "env" in table:
                    secret = from_environment(self.findings, self.environ, table["env"], f"{here}/env")
                if secret is not None:
                    made[name] = secret
            elif isinstance(entry, str) and is_secret_name(name):
                self.findings.literal(here)
            elif isinstance(entry, str) and entry.isascii() and entry.isprintable():
                made[name] = entry
            else:
                wrong = codes.CONFIG_RANGE if isinstance(entry, str) else codes.CONFIG_TYPE
                self.findings.unfit(wrong, entry, here, 'a text of printable ASCII, or `{ env = "VARIABLE" }`')
        return made

    def _models(self, value: Mapping[str, object], at: str) -> dict[str, str]:
        made: dict[str, str] = {}
        for name, entry in value.items():
            if isinstance(entry, str) and entry:
                made[name] = entry
            else:
                self.findings.unfit(codes.CONFIG_TYPE, entry, step(at, name), "the name of a model")
        return made


def _holds_key(value: Mapping[str, object]) -> bool:
    """Whether a table of a provider has a literal key, which is refused already."""
    return any(is_secret_name(name) for name in value)


def address(findings: Findings, url: str, at: str) -> str | None:
    """An address without the slash at its end; None where calls cannot go there, which is noted."""
    why = _unusable(url)
    if why is None:
        return url.rstrip("/")
    (findings.hidden if "@" in url or "?" in url else findings.refuse)(
        codes.ENDPOINT_URL,
        f"the address {why}",
        at,
        expected="`https://HOST/PATH`, or `http://` for a server of your own",
        help=_ADVICE.get(why),
    )
    return None


_ADVICE: Final = {
    "has credentials in it": "a key belongs in the environment: `key_env`",
    "names one operation, not the base of all": "leave `/chat/completions` out: it is added to the base",
}


def _unusable(url: str) -> str | None:
    """Why calls cannot go to an address, None where they can."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return "is no URL"
    if parts.scheme not in ("http", "https"):
        return "begins with neither `https://` nor `http://`"
    if "@" in parts.netloc:
        return "has credentials in it"
    if not parts.hostname or any(not ch.isprintable() or ch in ' "<>\\^`{|}' for ch in url) or port == 0:
        return "is no URL"
    if parts.path.rstrip("/").endswith("/chat/completions"):
        return "names one operation, not the base of all"
    if parts.query or parts.fragment or url.endswith(("?", "#")):
        return "has a query or a fragment"
    return None


def from_environment(findings: Findings, environ: Mapping[str, str], variable: str, at: str) -> Secret | None:
    """The secret in an environment variable; None where there is none, which is noted."""
    if not _VARIABLE.fullmatch(variable) or _LIKE_A_KEY.fullmatch(variable):
        findings.hidden(
            codes.LITERAL_SECRET,
            "this is no name of an environment variable, and may be the secret itself",
            at,
            expected="the name of a variable, such as `OPENAI_API_KEY`",
            help="put the secret into the environment; if it has been in the file, replace it",
        )
        return None
    text = environ.get(variable, "").strip()
    if text and text.isascii() and text.isprintable():
        return Secret(text)
    why = "is not set" if variable not in environ else "is empty" if not text else "holds what no header can carry"
    findings.refuse(
        codes.NOT_SET,
        f"the environment variable {quoted(variable)} {why}",
        at,
        found=quoted(variable),
        expected="a variable that holds the key",
        help=did_you_mean(variable, [name for name in environ if is_secret_name(name)]) if not text else None,
    )
    return None
