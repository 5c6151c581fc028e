"""Spans of calls for OpenTelemetry, where the configuration names a collector; else nothing, at no cost.

Names follow the OpenTelemetry semantic conventions for generative AI, schema `gen-ai/1.42.0` (in development), and are
listed in `ATTRIBUTES` and on the page "Metrics and spans". There is one span for a call (kind SERVER) and a child of it
for each hop (kind CLIENT); that of a flow has a child for each node (kind INTERNAL), and those have the hops. The trace
that a caller's `traceparent` names is continued. All are made when the call has ended, from what its trace records, so
that no provider waits for them (`policy_ir.router.spans`). No span holds a prompt, an answer, the words of a provider
or a key.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar

from policy_ir.diagnostics import Refused, codes
from policy_ir.router.spans import CallSpan, FlowSpan

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.sdk.trace import TracerProvider

    from policy_ir.router.call import Course
    from policy_ir.router.config import Telemetry as Settings
    from policy_ir.router.flow_course import FlowCourse

__all__ = ["ATTRIBUTES", "SCHEMA_URL", "Ending", "OpenTelemetry", "Telemetry", "telemetry_of"]

T_contra = TypeVar("T_contra", contravariant=True)

SCHEMA_URL: Final = "https://opentelemetry.io/schemas/gen-ai/1.42.0"

ATTRIBUTES: Final[Mapping[str, tuple[str, str]]] = {
    "gen_ai.operation.name": ("call, flow, hop", "`chat`"),
    "gen_ai.provider.name": ("call, flow, hop", "`policy_ir`; of a hop the provider, by its well-known name"),
    "gen_ai.request.model": ("call, flow, hop", "what was asked for, such as `policy:support`; of a hop what was sent"),
    "gen_ai.response.model": ("hop", "the model that answered, as the provider named it"),
    "gen_ai.conversation.id": ("call, flow", "the session"),
    "gen_ai.request.stream": ("call, flow, hop", "true; absent where nothing is streamed"),
    "gen_ai.request.choice.count": ("call, flow", "`n`, if it is not 1"),
    "gen_ai.request.max_tokens": ("call, flow", "`max_completion_tokens` or `max_tokens`, as the caller sent it"),
    "gen_ai.request.temperature": ("call, flow", "as the caller sent it"),
    "gen_ai.request.top_p": ("call, flow", "as the caller sent it"),
    "gen_ai.request.frequency_penalty": ("call, flow", "as the caller sent it"),
    "gen_ai.request.presence_penalty": ("call, flow", "as the caller sent it"),
    "gen_ai.request.seed": ("call, flow", "`seed`, as the caller sent it"),
    "gen_ai.response.time_to_first_chunk": ("hop", "seconds from the start of the hop to the first token of a stream"),
    "gen_ai.usage.input_tokens": ("hop", "tokens of the prompt"),
    "gen_ai.usage.output_tokens": ("hop", "tokens of the answer"),
    "error.type": ("call, flow, node, hop", "the failure reason; `no_candidate` of a call that nobody was left for"),
    "http.response.status_code": ("hop", "the provider's status"),
    "server.address": ("hop", "the host that the hop went to"),
    "server.port": ("hop", "its port"),
    "policy_ir.trace": ("call, flow", "the id of the trace"),
    "policy_ir.outcome": ("call, flow, node, hop", "as in the trace"),
    "policy_ir.flow": ("flow", "the fingerprint of the flow, if the call is one"),
    "policy_ir.flow_name": ("flow", "its name; absent for a flow that came with the call"),
    "policy_ir.failed_node": ("flow", "the node of a flow whose failure ended it"),
    "policy_ir.node": ("node", "the name of the node"),
    "policy_ir.passed": ("node", "true where its call failed, and its input was passed on"),
    "policy_ir.policy": ("call, node", "the fingerprint of the caller's own policy, or of the node's"),
    "policy_ir.policy_name": ("call", "its name; absent for a term that came with the call"),
    "policy_ir.effective": ("call, node", "the fingerprint of what ran"),
    "policy_ir.decision": ("call, node", "the fingerprint of the decision"),
    "policy_ir.seed": ("call, flow, node", "the seed of the decision"),
    "policy_ir.eligible": ("call, node", "candidates that could be tried"),
    "policy_ir.refused": ("call, node", "candidates that the filter refused"),
    "policy_ir.cut": ("call, node", "candidates that the selector cut"),
    "policy_ir.attempts": ("call, flow, node", "hops"),
    "policy_ir.candidate": ("call, flow, node, hop", "the candidate that answered; of a hop the one that was tried"),
    "policy_ir.position": ("hop", "the place in the order, from 0"),
    "policy_ir.retries": ("hop", "retries of that place before this hop"),
    "policy_ir.action": ("hop", "what the failure plan asked for after it"),
    "policy_ir.cost_usd": ("call, flow, node, hop", "the cost in USD"),
    "policy_ir.cost_basis": ("call, flow, node, hop", "`usage`, `estimate` or `none`"),
}  # fmt: skip
"""Each attribute: the spans that may have it, and what it is, in the order of the page that describes them."""

EXPORT_TIMEOUT_S: Final = 5.0


class Ending(Protocol[T_contra]):
    """The span of a call or of a flow under way."""

    def end(self, course: T_contra, /) -> None:
        """It has ended."""


class Telemetry(Protocol):
    """Where spans go."""

    def call(self, course: Course, headers: Mapping[str, str]) -> Ending[Course]:
        """A call has begun, with these headers of its request."""

    def flow(self, flow: FlowCourse, headers: Mapping[str, str]) -> Ending[FlowCourse]:
        """A flow is about to be run."""

    def close(self) -> None:
        """Send what is left, and let go of everything; what cannot be sent within seconds is lost."""


class _NoSpan:
    __slots__ = ()

    def end(self, course: object, /) -> None:
        """Nothing."""


_NO_SPAN: Final = _NoSpan()


class _NoTelemetry:
    __slots__ = ()

    def call(self, course: Course, headers: Mapping[str, str]) -> Ending[Course]:
        """A span that is none, always the same."""
        return _NO_SPAN

    def flow(self, flow: FlowCourse, headers: Mapping[str, str]) -> Ending[FlowCourse]:
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
        return CallSpan(self._tracer, self._parent(headers))

    def flow(self, flow: FlowCourse, headers: Mapping[str, str]) -> FlowSpan:
        """A span that is made when the flow has ended."""
        return FlowSpan(self._tracer, self._parent(headers))

    def _parent(self, headers: Mapping[str, str]) -> Context:
        from opentelemetry.context import Context

        return self._propagator.extract(headers, Context())

    def close(self) -> None:
        """Send what is left."""
        self._provider.shutdown()
