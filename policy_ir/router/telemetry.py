"""Spans of calls for OpenTelemetry, where the configuration names a collector; else nothing, at no cost.

Names follow the OpenTelemetry semantic conventions for generative AI, schema `gen-ai/1.42.0` (in development), and are
listed in `ATTRIBUTES` and on the page "Metrics and spans". There is one span for a call (kind SERVER) and a child of it
for each hop (kind CLIENT); the trace that a caller's `traceparent` names is continued. Both are made when the call has
ended, from what its trace records, so that no provider waits for them. No span holds a prompt, an answer, the words of
a provider or a key.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, Protocol
from urllib.parse import urlsplit

from policy_ir.diagnostics import Refused, codes

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import Span

    from policy_ir.router.call import Course
    from policy_ir.router.config import Telemetry as Settings
    from policy_ir.trace.record import Hop

__all__ = ["ATTRIBUTES", "SCHEMA_URL", "CallSpan", "OpenTelemetry", "Telemetry", "telemetry_of"]

SCHEMA_URL: Final = "https://opentelemetry.io/schemas/gen-ai/1.42.0"

ATTRIBUTES: Final[Mapping[str, tuple[str, str]]] = {
    "gen_ai.operation.name": ("call, hop", "`chat`"),
    "gen_ai.provider.name": ("call, hop", "`policy_ir`; of a hop the candidate's provider, by its well-known name"),
    "gen_ai.request.model": ("call, hop", "what the call asked for, such as `policy:support`; of a hop what was sent"),
    "gen_ai.response.model": ("hop", "the model that answered, as the provider named it"),
    "gen_ai.conversation.id": ("call", "the session"),
    "gen_ai.request.stream": ("call, hop", "true; absent where nothing is streamed"),
    "gen_ai.request.choice.count": ("call", "`n`, if it is not 1"),
    "gen_ai.request.max_tokens": ("call", "`max_completion_tokens` or `max_tokens`, as the caller sent it"),
    "gen_ai.request.temperature": ("call", "as the caller sent it"),
    "gen_ai.request.top_p": ("call", "as the caller sent it"),
    "gen_ai.request.frequency_penalty": ("call", "as the caller sent it"),
    "gen_ai.request.presence_penalty": ("call", "as the caller sent it"),
    "gen_ai.request.seed": ("call", "`seed`, as the caller sent it"),
    "gen_ai.response.time_to_first_chunk": ("hop", "seconds from the start of the hop to the first token of a stream"),
    "gen_ai.usage.input_tokens": ("hop", "tokens of the prompt"),
    "gen_ai.usage.output_tokens": ("hop", "tokens of the answer"),
    "error.type": ("call, hop", "the failure reason; `no_candidate` of a call that nobody was left for"),
    "http.response.status_code": ("hop", "the provider's status"),
    "server.address": ("hop", "the host that the hop went to"),
    "server.port": ("hop", "its port"),
    "policy_ir.trace": ("call", "the id of the trace"),
    "policy_ir.outcome": ("call, hop", "as in the trace"),
    "policy_ir.policy": ("call", "the fingerprint of the caller's own policy"),
    "policy_ir.policy_name": ("call", "its name; absent for a term that came with the call"),
    "policy_ir.effective": ("call", "the fingerprint of what ran"),
    "policy_ir.decision": ("call", "the fingerprint of the decision"),
    "policy_ir.seed": ("call", "the seed of the decision"),
    "policy_ir.eligible": ("call", "candidates that could be tried"),
    "policy_ir.refused": ("call", "candidates that the filter refused"),
    "policy_ir.cut": ("call", "candidates that the selector cut"),
    "policy_ir.attempts": ("call", "hops"),
    "policy_ir.candidate": ("call, hop", "the candidate that answered; of a hop the one that was tried"),
    "policy_ir.position": ("hop", "the place in the order, from 0"),
    "policy_ir.retries": ("hop", "retries of that place before this hop"),
    "policy_ir.action": ("hop", "what the failure plan asked for after it"),
    "policy_ir.cost_usd": ("call, hop", "the cost in USD"),
    "policy_ir.cost_basis": ("call, hop", "`usage`, `estimate` or `none`"),
}  # fmt: skip
"""Each attribute: the spans that may have it, and what it is, in the order of the page that describes them."""

PROVIDER: Final = "policy_ir"

WELL_KNOWN: Final[Mapping[str, str]] = {
    "azure": "azure.ai.openai",
    "azure_ai": "azure.ai.inference",
    "bedrock": "aws.bedrock",
    "bedrock_converse": "aws.bedrock",
    "gemini": "gcp.gemini",
    "google": "gcp.gemini",
    "mistral": "mistral_ai",
    "moonshot": "moonshot_ai",
    "vertex_ai": "gcp.vertex_ai",
    "watsonx": "ibm.watsonx.ai",
    "xai": "x_ai",
}
"""Providers of catalogues that the conventions have another name for."""

REQUEST_NUMBERS: Final[Mapping[str, tuple[str, type]]] = {
    "max_completion_tokens": ("gen_ai.request.max_tokens", int),
    "max_tokens": ("gen_ai.request.max_tokens", int),
    "temperature": ("gen_ai.request.temperature", float),
    "top_p": ("gen_ai.request.top_p", float),
    "frequency_penalty": ("gen_ai.request.frequency_penalty", float),
    "presence_penalty": ("gen_ai.request.presence_penalty", float),
    "seed": ("gen_ai.request.seed", int),
}
"""Keys of a body, the attributes that show them, and their types; of two keys for one attribute the first counts."""

EXPORT_TIMEOUT_S: Final = 5.0


class CallSpan(Protocol):
    """The span of a call under way."""

    def end(self, course: Course, response_model: str | None = None) -> None:
        """The call has ended. `response_model` is the model of the answer, as its provider named it."""


class Telemetry(Protocol):
    """Where spans go."""

    def call(self, course: Course, headers: Mapping[str, str]) -> CallSpan:
        """A call has begun, with these headers of its request."""

    def close(self) -> None:
        """Send what is left, and let go of everything; what cannot be sent within seconds is lost."""


class _NoSpan:
    __slots__ = ()

    def end(self, course: Course, response_model: str | None = None) -> None:
        """Nothing."""


_NO_SPAN: Final = _NoSpan()


class _NoTelemetry:
    __slots__ = ()

    def call(self, course: Course, headers: Mapping[str, str]) -> CallSpan:
        """A span that is none, always the same."""
        return _NO_SPAN

    def close(self) -> None:
        """Nothing."""


def telemetry_of(settings: Settings) -> Telemetry:
    """What a configuration asks for. Raises `Refused` (`PIR0950`) if OpenTelemetry is needed and not installed."""
    if settings.otlp is None:
        return _NoTelemetry()
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        raise Refused.because(
            codes.NO_OPENTELEMETRY,
            "spans are to be sent to a collector, and OpenTelemetry is not installed",
            pointer="/telemetry/otlp",
            help="`pip install 'policy-ir[otel]'`, or leave `telemetry.otlp` out",
        ) from None
    exporter = OTLPSpanExporter(endpoint=traces_url(settings.otlp), timeout=EXPORT_TIMEOUT_S)
    return OpenTelemetry(BatchSpanProcessor(exporter))


def traces_url(collector: str) -> str:
    """Where a collector takes spans: its URL with `/v1/traces`, unless that is what it ends with."""
    url = collector.rstrip("/")
    return url if url.endswith("/v1/traces") else f"{url}/v1/traces"


class OpenTelemetry:
    """Sends spans by the SDK of OpenTelemetry, which reads its environment variables (`OTEL_...`) as everywhere."""

    def __init__(self, processor: Any) -> None:
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        from policy_ir import __version__

        resource = Resource.create({"service.name": "policy-ir", "service.version": __version__})
        self._provider: TracerProvider = TracerProvider(resource=resource, shutdown_on_exit=False)
        self._provider.add_span_processor(processor)
        self._tracer = self._provider.get_tracer("policy_ir", __version__, schema_url=SCHEMA_URL)
        self._propagator = TraceContextTextMapPropagator()

    def call(self, course: Course, headers: Mapping[str, str]) -> CallSpan:
        """A span that is made when the call has ended."""
        from opentelemetry.context import Context

        return _CallSpan(self._tracer, self._propagator.extract(headers, Context()))

    def close(self) -> None:
        """Send what is left."""
        self._provider.shutdown()


class _CallSpan:
    """The call's span and those of its hops, made at its end."""

    __slots__ = ("_parent", "_tracer")

    def __init__(self, tracer: Any, parent: Context) -> None:
        self._tracer, self._parent = tracer, parent

    def end(self, course: Course, response_model: str | None = None) -> None:
        """Make them, with the times that the call records."""
        from opentelemetry.trace import SpanKind, Status, StatusCode, set_span_in_context

        model, start = course.request.model, int(course.at * 1e9)
        made: Span = self._tracer.start_span(
            f"chat {model}",
            self._parent,
            SpanKind.SERVER,
            attributes=_head(PROVIDER, model, course.request.stream),
            start_time=start,
        )
        if made.is_recording():
            outcome, reason = course.ended or ("cancelled", None)
            if outcome == "no_candidate":
                reason = outcome
            made.set_attributes(_told(_of_call(course, outcome, reason)))
            if reason is not None:
                made.set_status(Status(StatusCode.ERROR))
            inside = set_span_in_context(made, self._parent)
            for hop in course.hops:
                self._hop(course, hop, start, inside, response_model if hop is course.hops[-1] else None)
        made.end(start + int(course.elapsed_ms * 1e6))

    def _hop(self, course: Course, hop: Hop, start: int, inside: Context, response_model: str | None) -> None:
        from opentelemetry.trace import SpanKind, Status, StatusCode

        world = course.world
        i = world.snapshot.index[hop.candidate]
        provider, model = world.snapshot.provider(i), world.served_models[i]
        address, port = _host(world.endpoints[i].url)
        begun = start + int(hop.started_ms * 1e6)
        made: Span = self._tracer.start_span(
            f"chat {model}",
            inside,
            SpanKind.CLIENT,
            attributes={
                **_head(WELL_KNOWN.get(provider, provider), model, course.request.stream),
                "server.address": address,
                "server.port": port,
            },
            start_time=begun,
        )
        made.set_attributes(_told(_of_hop(hop, course.request.stream, response_model)))
        if hop.outcome == "failed":
            made.set_status(Status(StatusCode.ERROR))
        made.end(begun + int(hop.ended_ms * 1e6))


# --- attributes --------------------------------------------------------------------------------------------------


def _head(provider: str, model: str, stream: bool) -> dict[str, Any]:
    """What a sampler may look at."""
    head = {"gen_ai.operation.name": "chat", "gen_ai.provider.name": provider, "gen_ai.request.model": model}
    return head | {"gen_ai.request.stream": True} if stream else head


def _of_call(course: Course, outcome: str, reason: str | None) -> Iterator[tuple[str, Any]]:
    choice, cost = course.choice, course.cost
    program = choice.bound.effective
    eligible, refused, cut = choice.counts()
    yield "policy_ir.trace", course.id
    yield "policy_ir.outcome", outcome
    yield "error.type", reason
    yield "policy_ir.policy", program.policy_fingerprint
    yield "policy_ir.policy_name", course.plan.name
    yield "policy_ir.effective", program.fingerprint
    yield "policy_ir.decision", choice.fingerprint
    yield "policy_ir.seed", course.seed
    yield "policy_ir.eligible", eligible
    yield "policy_ir.refused", refused
    yield "policy_ir.cut", cut
    yield "policy_ir.attempts", len(course.hops)
    yield "policy_ir.candidate", course.chosen
    yield "policy_ir.cost_usd", cost.usd
    yield "policy_ir.cost_basis", cost.basis
    yield "gen_ai.conversation.id", course.request.options.session
    yield from _of_body(course.request.body)


def _of_body(body: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """The numbers of a request; what is no number of its type is the provider's to refuse."""
    shown: set[str] = set()
    for key, (name, kind) in REQUEST_NUMBERS.items():
        value = body.get(key)
        if name not in shown and (type(value) is int or (kind is float and type(value) is float)):
            shown.add(name)
            yield name, kind(value) if abs(value) < 2**63 else None
    count = body.get("n")
    if type(count) is int and 1 < count < 2**63:
        yield "gen_ai.request.choice.count", count


def _of_hop(hop: Hop, stream: bool, response_model: str | None) -> Iterator[tuple[str, Any]]:
    yield "policy_ir.candidate", hop.candidate
    yield "policy_ir.outcome", hop.outcome
    yield "policy_ir.position", hop.position
    yield "policy_ir.retries", hop.retries
    yield "policy_ir.action", hop.action
    yield "policy_ir.cost_usd", hop.cost.usd
    yield "policy_ir.cost_basis", hop.cost.basis
    yield "error.type", hop.reason
    yield "http.response.status_code", hop.status
    yield "gen_ai.response.model", response_model
    if hop.cost.basis != "none":
        yield "gen_ai.usage.input_tokens", hop.cost.prompt_tokens
        yield "gen_ai.usage.output_tokens", hop.cost.completion_tokens
    if stream and hop.first_token_ms is not None:
        yield "gen_ai.response.time_to_first_chunk", hop.first_token_ms / 1000


def _told(attributes: Iterator[tuple[str, Any]]) -> dict[str, Any]:
    return {name: value for name, value in attributes if value is not None}


@lru_cache(maxsize=256)
def _host(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    return parts.hostname or "", parts.port or (80 if parts.scheme == "http" else 443)
