"""Spans of calls and flows, made when they have ended; `policy_ir.router.telemetry` says which attributes there are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.trace import Span

    from policy_ir.router.call import Course
    from policy_ir.router.flow_course import FlowCourse, NodeCall
    from policy_ir.trace.record import Hop

__all__ = ["WELL_KNOWN", "CallSpan", "FlowSpan"]

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


class CallSpan:
    """The call's span and those of its hops, made at its end."""

    __slots__ = ("_parent", "_tracer")

    def __init__(self, tracer: Any, parent: Context) -> None:
        self._tracer, self._parent = tracer, parent

    def end(self, course: Course) -> None:
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
            _spans_of_hops(self._tracer, course, start, inside)
        made.end(start + int(course.elapsed_ms * 1e6))


class FlowSpan:
    """The span of a flow, those of its nodes and of their hops, made at its end."""

    __slots__ = ("_parent", "_tracer")

    def __init__(self, tracer: Any, parent: Context) -> None:
        self._tracer, self._parent = tracer, parent

    def end(self, flow: FlowCourse) -> None:
        """Make them, with the times that the flow records."""
        from opentelemetry.trace import SpanKind, Status, StatusCode, set_span_in_context

        model, start = flow.request.model, int(flow.at * 1e9)
        head = _head(PROVIDER, model, flow.request.stream)
        made: Span = self._tracer.start_span(
            f"chat {model}", self._parent, SpanKind.SERVER, attributes=head, start_time=start
        )
        if made.is_recording():
            outcome, reason = flow.ended or ("cancelled", None)
            made.set_attributes(_told(_of_flow(flow, outcome, reason)))
            if reason is not None:
                made.set_status(Status(StatusCode.ERROR))
            inside = set_span_in_context(made, self._parent)
            for call in flow.calls.values():
                if call.course is not None:
                    self._node(call, call.course, inside)
        made.end(start + int(flow.elapsed_ms * 1e6))

    def _node(self, call: NodeCall, course: Course, inside: Context) -> None:
        from opentelemetry.trace import SpanKind, Status, StatusCode, set_span_in_context

        start = int(course.at * 1e9)
        made: Span = self._tracer.start_span(f"node {call.name}", inside, SpanKind.INTERNAL, start_time=start)
        made.set_attributes(_told(_of_node(call, course)))
        if call.reason is not None:
            made.set_status(Status(StatusCode.ERROR))
        _spans_of_hops(self._tracer, course, start, set_span_in_context(made, inside))
        made.end(start + int((call.ended_ms or 0.0) * 1e6))


def _spans_of_hops(tracer: Any, course: Course, start: int, inside: Context) -> None:
    """The spans of a call's hops; the model that the answer says it is of is that of the last one."""
    for hop in course.hops:
        _hop_span(tracer, course, hop, start, inside, course.model if hop is course.hops[-1] else None)


def _hop_span(tracer: Any, course: Course, hop: Hop, start: int, inside: Context, response_model: str | None) -> None:
    from opentelemetry.trace import SpanKind, Status, StatusCode

    world = course.world
    i = world.snapshot.index[hop.candidate]
    provider, model = world.snapshot.provider(i), world.served_models[i]
    address, port = _host(world.endpoints[i].url)
    begun = start + int(hop.started_ms * 1e6)
    made: Span = tracer.start_span(
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
    yield "policy_ir.trace", course.id
    yield "policy_ir.policy_name", course.plan.name
    yield "gen_ai.conversation.id", course.request.options.session
    yield from _of_decided(course, outcome, reason)
    yield from _of_body(course.request.body)


def _of_flow(flow: FlowCourse, outcome: str, reason: str | None) -> Iterator[tuple[str, Any]]:
    cost = flow.cost
    yield "policy_ir.trace", flow.id
    yield "policy_ir.outcome", outcome
    yield "error.type", reason
    yield "policy_ir.flow", flow.plan.admitted.fingerprint
    yield "policy_ir.flow_name", flow.plan.name
    yield "policy_ir.failed_node", None if flow.failed is None else flow.failed.node
    yield "policy_ir.seed", flow.seed
    yield "policy_ir.attempts", flow.attempts
    yield "policy_ir.candidate", flow.chosen
    yield "policy_ir.cost_usd", cost.usd
    yield "policy_ir.cost_basis", cost.basis
    yield "gen_ai.conversation.id", flow.request.options.session
    yield from _of_body(flow.request.body)


def _of_node(call: NodeCall, course: Course) -> Iterator[tuple[str, Any]]:
    yield "policy_ir.node", call.name
    yield "policy_ir.passed", call.passed or None
    yield from _of_decided(course, call.outcome, call.reason)


def _of_decided(course: Course, outcome: str, reason: str | None) -> Iterator[tuple[str, Any]]:
    """What there is to say of a call that was decided, be it of a node or not."""
    choice, cost = course.choice, course.cost
    program = choice.bound.effective
    eligible, refused, cut = choice.counts()
    yield "policy_ir.outcome", outcome
    yield "error.type", reason
    yield "policy_ir.policy", program.policy_fingerprint
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
