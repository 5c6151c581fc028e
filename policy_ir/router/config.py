"""What an operator says about a router, as values: everything checked, nothing left to look up.

`config_reading` makes them from a file. Times whose name ends in `_ms` are in milliseconds, sizes are in bytes.
"""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Literal

import attrs

from policy_ir.diagnostics import Diagnostic, Refused, codes, quoted
from policy_ir.router.secrets import Secret
from policy_ir.semantics.work import WORK_LIMIT

if TYPE_CHECKING:
    from policy_ir.admission import Admitted
    from policy_ir.candidate import Candidate
    from policy_ir.catalogs import CatalogFile
    from policy_ir.floor import Floor
    from policy_ir.flow.admission import AdmittedFlow
    from policy_ir.syntax.document import Document
    from policy_ir.vocabulary import Vocabulary

__all__ = [
    "Breaker",
    "Config",
    "Endpoint",
    "Key",
    "Kind",
    "Limits",
    "NamedFlow",
    "NamedPolicy",
    "Telemetry",
    "Timeouts",
    "Traces",
    "load_config",
    "loopback",
    "open_address",
    "read_config",
]

Kind = Literal["openai", "anthropic", "gemini", "compatible"]
"""The kinds of endpoints; `config_kinds` says what each comes with."""

DEFAULT_HOST: Final = "127.0.0.1"
DEFAULT_PORT: Final = 8080


@attrs.frozen(slots=True, kw_only=True)
class Timeouts:
    """How long one attempt may take: to connect, until the first token, between two pieces, and in all."""

    connect_ms: float = 5_000.0
    first_token_ms: float = 60_000.0
    idle_ms: float = 30_000.0
    total_ms: float = 600_000.0


@attrs.frozen(slots=True, kw_only=True)
class Limits:
    """What bounds every call, before any work is done for it.

    `total_ms` holds for the whole call, all its attempts and waits included; `attempts` are the most hops of one call.
    `concurrent` calls run at once, and `flow_nodes` nodes of one flow. `header_ms` and `body_ms` are what a caller has
    for sending its request. `work` bounds a decision (`PIR0309`), `answer_bytes` an answer of a provider, `line_bytes`
    one line of its stream.
    """

    body_bytes: int = 10 * 1024 * 1024
    total_ms: float = 600_000.0
    connect_ms: float = 5_000.0
    first_token_ms: float = 60_000.0
    idle_ms: float = 30_000.0
    attempts: int = 8
    concurrent: int = 512
    flow_nodes: int = 8
    header_ms: float = 15_000.0
    body_ms: float = 30_000.0
    work: int = WORK_LIMIT
    answer_bytes: int = 64 * 1024 * 1024
    line_bytes: int = 4 * 1024 * 1024

    @property
    def timeouts(self) -> Timeouts:
        """The times that hold for an endpoint that has none of its own."""
        return Timeouts(
            connect_ms=self.connect_ms,
            first_token_ms=self.first_token_ms,
            idle_ms=self.idle_ms,
            total_ms=self.total_ms,
        )


@attrs.frozen(slots=True, kw_only=True)
class Breaker:
    """When a candidate is left alone: after so many failures in a row, for so long; and how long a provider that has
    refused its key is."""

    failures: int = 5
    open_ms: float = 30_000.0
    disable_ms: float = 60_000.0


@attrs.frozen(slots=True, kw_only=True)
class Traces:
    """Where traces are kept: a URL or path, None for the default store. `prompts`: with prompts and answers.

    `keep_days`: how long, None for ever. The URL may hold a password, so it is not shown.
    """

    url: str | None = attrs.field(default=None, repr=False)
    prompts: bool = False
    keep_days: float | None = None


@attrs.frozen(slots=True, kw_only=True)
class Telemetry:
    """Where spans go: the URL of an OTLP/HTTP collector, None for nowhere."""

    otlp: str | None = None


@attrs.frozen(slots=True, kw_only=True, eq=False)
class NamedPolicy:
    """A policy that callers ask for by name. `about` is for people."""

    name: str
    admitted: Admitted
    about: str = ""


@attrs.frozen(slots=True, kw_only=True, eq=False)
class NamedFlow:
    """A flow that callers ask for by name. `about` is for people."""

    name: str
    admitted: AdmittedFlow
    about: str = ""


@attrs.frozen(slots=True, kw_only=True)
class Endpoint:
    """A provider's OpenAI-compatible endpoint.

    `url` is its base, without a slash at the end. `capabilities` are those that it honours: those of a candidate are
    cut down to them, and None leaves them as they are. `serves` names the candidates that are called here, by
    `served_by` or by id. `models` gives the name to send, by candidate id or `served_model`, where it is another one.
    `stream_usage`: a stream is asked for its usage, whatever the caller asked for. `timeouts` are those of the limits
    where the endpoint has none of its own.
    """

    name: str
    url: str
    kind: Kind = "compatible"
    key: Secret | None = None
    headers: Mapping[str, str | Secret] = attrs.field(factory=dict)
    capabilities: frozenset[str] | None = None
    serves: frozenset[str] = attrs.field(default=attrs.Factory(lambda self: frozenset({self.name}), takes_self=True))
    models: Mapping[str, str] = attrs.field(factory=dict)
    timeouts: Timeouts = Timeouts()
    stream_usage: bool = False

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """What must not show in anything that this endpoint says or is told."""
        kept = [value for value in self.headers.values() if isinstance(value, Secret)]
        return (*([self.key] if self.key is not None else []), *kept)


@attrs.frozen(slots=True, kw_only=True, eq=False)
class Key:
    """A bearer key. `digest` is what is known of it: `blake3:` and 64 hexadecimal digits.

    `floor` narrows the host's. `rate` are calls a minute, None for any number, `burst` those that may come at once.
    `admin`: it sees the traces of all keys. `policies` are the named ones that it may use, flows as `flow:NAME`, None
    for all. `inline`: it may send policies and flows of its own.
    """

    name: str
    digest: str
    floor: Floor | None = None
    rate: float | None = None
    burst: int = 1
    admin: bool = False
    policies: frozenset[str] | None = None
    inline: bool = True

    def may_use(self, policy: str) -> bool:
        """Whether it may use a named policy, or `flow:NAME`."""
        return self.policies is None or policy in self.policies


@attrs.frozen(kw_only=True, eq=False)
class Config:
    """A router's configuration. Without `keys` nobody is asked for one, and `host` is a loopback address.

    `warnings` are findings that do not keep it from running; `document` is the file, with what looks like a secret made
    illegible.
    """

    vocabulary: Vocabulary
    catalogue: CatalogFile
    providers: Mapping[str, Endpoint]
    host: str = DEFAULT_HOST
    port: int = DEFAULT_PORT
    floor: Floor | None = None
    policies: Mapping[str, NamedPolicy] = attrs.field(factory=dict)
    flows: Mapping[str, NamedFlow] = attrs.field(factory=dict)
    keys: Mapping[str, Key] = attrs.field(factory=dict)
    limits: Limits = Limits()
    breaker: Breaker = Breaker()
    traces: Traces = Traces()
    telemetry: Telemetry = Telemetry()
    warnings: tuple[Diagnostic, ...] = ()
    document: Document | None = attrs.field(default=None, repr=False)

    def endpoint_of(self, candidate: Candidate) -> Endpoint | None:
        """Where calls to a candidate go; None where no endpoint serves it. Its id counts before its `served_by`."""
        for name in (candidate.id, candidate.served_by):
            for endpoint in self.providers.values():
                if name in endpoint.serves:
                    return endpoint
        return None

    def listening(self, host: str | None = None, port: int | None = None) -> Config:
        """This configuration at another address. Raises `Refused` (`PIR0913`) for a public one without keys."""
        host = self.host if host is None else host
        found = None if self.keys else open_address(host)
        if found is not None:
            raise Refused([found])
        return attrs.evolve(self, host=host, port=self.port if port is None else port)

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """Everything that must not show anywhere."""
        return tuple(secret for endpoint in self.providers.values() for secret in endpoint.secrets)


@lru_cache(maxsize=64)
def loopback(host: str) -> bool:
    """Whether an address can be reached from this machine only: 127.0.0.0/8, `::1` and `localhost`."""
    if host == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return address.packed == b"\0" * 15 + b"\1" or (address.version == 4 and address.packed[0] == 127)


def open_address(host: str, **place: Any) -> Diagnostic | None:
    """The finding about an address that a router without keys would listen on, None where it may."""
    if loopback(host):
        return None
    return Diagnostic(
        code=codes.OPEN_ADDRESS,
        message=f"without keys, anybody who reaches {quoted(host)} could call at your cost",
        found=quoted(host),
        expected="a loopback address, such as `127.0.0.1`, or keys",
        help="make a key with `policy-ir key new NAME`, and put the lines that it prints into the file",
        **place,
    )


def load_config(path: str | os.PathLike[str], environ: Mapping[str, str] | None = None) -> Config:
    """The configuration in a TOML file; files that it names are looked for beside it.

    `environ` is the environment that keys are taken from, by default that of the process. Raises `Refused` with every
    finding: `PIR00xx` for the file itself, `PIR09xx`, and those of the policies, floors, catalogue and vocabulary.
    """
    from policy_ir.router.config_reading import load

    return load(path, os.environ if environ is None else environ)


def read_config(text: str, name: str, environ: Mapping[str, str] = MappingProxyType({})) -> Config:
    """The configuration in the text of a file of this name. Otherwise as `load_config`."""
    from policy_ir.router.config_reading import read

    return read(text, name, environ)
