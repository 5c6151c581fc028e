"""What the router counts, for Prometheus.

The metrics are listed in `METRICS`, and on the page "Metrics and spans". The values of a label are bounded: policies
are those of the configuration, providers are its endpoints, reasons and outcomes those of the language and of traces;
what is none of them, and what comes after the first `MOST_VALUES`, counts as `other`. Nothing that a caller sends
becomes a label. All of it runs in the thread of one event loop.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final, Generic, Literal, TypeAlias, TypeVar

import attrs
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from policy_ir.diagnostics import CODES
from policy_ir.failover import ROUTER_REASONS
from policy_ir.router.body import FLOW, FLOW_INLINE

if TYPE_CHECKING:
    from policy_ir.router.state import Row, State
    from policy_ir.trace.record import Hop, Trace
    from policy_ir.trace.writer import Writer

__all__ = ["METRICS", "MOST_VALUES", "Described", "Metrics"]

Kind: TypeAlias = Literal["counter", "gauge", "histogram"]

MOST_VALUES: Final = 256
"""The most values that a label may have."""

MOST_SERIES: Final = 8192
"""The most series of a metric."""

MOST_CANDIDATES: Final = 1000
"""The most candidates whose circuits are shown; those that are not closed come first."""

OTHER: Final = "other"
NONE: Final = "none"
INLINE: Final = "inline"
CANDIDATE: Final = "candidate"

CALL_S: Final = (0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60, 120, 300, 600)
FIRST_S: Final = (0.05, 0.1, 0.2, 0.4, 0.8, 1.5, 3, 6, 12, 30, 60)
ADDED_S: Final = (0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.1, 0.5, 2)


@attrs.frozen(slots=True)
class Described:
    """A metric: its name, kind and labels, what it means, and the upper bounds of a histogram, in its unit."""

    name: str
    kind: Kind
    labels: tuple[str, ...]
    about: str
    buckets: tuple[float, ...] = ()


def _counter(name: str, labels: str, about: str) -> Described:
    return Described(name, "counter", tuple(labels.split()), about)


def _gauge(name: str, labels: str, about: str) -> Described:
    return Described(name, "gauge", tuple(labels.split()), about)


def _histogram(name: str, labels: str, about: str, buckets: tuple[float, ...]) -> Described:
    return Described(name, "histogram", tuple(labels.split()), about, buckets)


METRICS: Final[tuple[Described, ...]] = (
    _counter("policy_ir_calls_total", "policy outcome", "calls that have ended, by the outcome of their trace"),
    _gauge("policy_ir_calls_in_flight", "", "calls that are being served"),
    _histogram("policy_ir_call_seconds", "policy", "time from the arrival of a call to its end", CALL_S),
    _histogram("policy_ir_added_seconds", "", "time from the arrival of a call to its first hop", ADDED_S),
    _counter("policy_ir_refused_total", "code", "calls that were refused undecided, by their first diagnostic"),
    _counter("policy_ir_no_candidate_total", "reason", "calls with nobody left to try, by the most frequent reason"),
    _counter("policy_ir_flow_nodes_total", "outcome", "nodes of flows that were called; `passed`: failed and gone on"),
    _counter("policy_ir_hops_total", "provider outcome reason", "calls to providers that have ended"),
    _histogram("policy_ir_first_token_seconds", "provider", "time from the start of a hop to its first token", FIRST_S),
    _counter("policy_ir_tokens_total", "provider type", "tokens of prompts (`input`) and of answers (`output`)"),
    _counter("policy_ir_cost_usd_total", "provider basis", "what hops cost in USD, by the basis of the amount"),
    _gauge("policy_ir_breaker_open", "candidate", "1 while the breaker of a candidate keeps calls away"),
    _gauge("policy_ir_candidate_disabled", "candidate", "1 while the account of a candidate keeps calls away"),
    _counter("policy_ir_traces_total", "outcome", "traces that were `kept` or `lost`"),
    _gauge("policy_ir_trace_queue", "", "traces that wait to be committed"),
)
"""All metrics, in the order of the page that describes them."""

REFUSALS: Final = frozenset(
    {
        *("bot", "cmp", "is", "known", "missing_capability", "model_family", "provider_id", "served_by", "tag", "tier"),
        *("min_context", "min_tier", "min_tok_s", "no_log", "tee_required", "scope", "test", "not", "or"),
    }
)
"""What the reasons of refused candidates begin with, up to their first colon (chapter "Semantics")."""

M = TypeVar("M", Counter, Gauge, Histogram)


class _Children(Generic[M]):
    """The series of one metric by the values of its labels, at most `MOST_SERIES`, and one for all others."""

    __slots__ = ("_known", "_metric")

    def __init__(self, metric: M) -> None:
        self._metric: Any = metric
        self._known: dict[object, M] = {}

    def of(self, *values: str) -> M:
        known = self._known.get(values)
        return self._first(values) if known is None else known

    def _first(self, values: tuple[str, ...]) -> M:
        shown = values if len(self._known) < MOST_SERIES else (OTHER,) * len(values)
        made: M = self._metric.labels(*shown)
        if shown is values:
            self._known[values] = made
        return made


@attrs.frozen(slots=True, eq=False)
class _OfProvider:
    """The series of one provider, and the name that stands for it."""

    name: str
    first_token: Histogram
    input: Counter
    output: Counter
    cost: Mapping[str, Counter]


class Metrics:
    """Counts calls. `policies` are the names that stand for themselves; `name_policies` replaces them on a reload."""

    def __init__(self, policies: Iterable[str] = ()) -> None:
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        made = {one.name: _made(one, self._registry) for one in METRICS}
        self._calls = _Children[Counter](made["policy_ir_calls_total"])
        self._call_seconds = _Children[Histogram](made["policy_ir_call_seconds"])
        self._refused = _Children[Counter](made["policy_ir_refused_total"])
        self._no_candidate = _Children[Counter](made["policy_ir_no_candidate_total"])
        self._hops = _Children[Counter](made["policy_ir_hops_total"])
        self._of_nodes = _Children[Counter](made["policy_ir_flow_nodes_total"])
        self._first_token: Histogram = made["policy_ir_first_token_seconds"]
        self._tokens: Counter = made["policy_ir_tokens_total"]
        self._cost: Counter = made["policy_ir_cost_usd_total"]
        self._breaker: Gauge = made["policy_ir_breaker_open"]
        self._disabled: Gauge = made["policy_ir_candidate_disabled"]
        self._queue: Gauge = made["policy_ir_trace_queue"]
        self._providers: dict[str, _OfProvider] = {}
        self._policies: frozenset[str] = frozenset()
        self.name_policies(policies)
        # What is called for each call, without a way around.
        self.in_flight: Callable[[float], None] = made["policy_ir_calls_in_flight"].set
        self.trace_kept: Callable[[], None] = made["policy_ir_traces_total"].labels("kept").inc
        self.trace_lost: Callable[[], None] = made["policy_ir_traces_total"].labels("lost").inc
        self._added: Callable[[float], None] = made["policy_ir_added_seconds"].observe

    def name_policies(self, policies: Iterable[str]) -> None:
        """Count calls of these policies under their names from now on, at most `MOST_VALUES`."""
        self._policies = frozenset(sorted(policies)[:MOST_VALUES])

    # --- for each call ----------------------------------------------------------------------------------------

    def call(self, trace: Trace) -> None:
        """Count a call that has ended, and its hops."""
        policy = self._policy(trace)
        self._calls.of(policy, trace.outcome).inc()
        self._call_seconds.of(policy).observe(trace.ended_ms / 1000)
        hops = trace.hops
        if hops:
            self._added(hops[0].started_ms / 1000)
            for hop in hops:
                self._hop(hop)
        elif trace.nodes:
            self._nodes(trace)
        elif trace.diagnostics:
            code = str(trace.diagnostics[0].get("code"))
            self._refused.of(code if code in CODES else OTHER).inc()

    def _policy(self, trace: Trace) -> str:
        name = trace.policy_name
        if name is None:
            if not trace.is_flow:
                return INLINE
            name = FLOW_INLINE if trace.flow_name is None else FLOW + trace.flow_name
            return name if name in self._policies or name == FLOW_INLINE else OTHER
        if name in self._policies:
            return name
        # A call that was decided by no policy of the configuration has named its candidate.
        return OTHER if trace.decision is None else CANDIDATE

    def _nodes(self, trace: Trace) -> None:
        """Count the calls of the nodes of a flow."""
        first = trace.nodes[0]
        if first.hops:
            self._added(first.at - trace.at + first.hops[0].started_ms / 1000)
        for node in trace.nodes:
            self._of_nodes.of("passed" if node.passed else node.outcome).inc()
            for hop in node.hops:
                self._hop(hop)

    def _hop(self, hop: Hop) -> None:
        reason = hop.reason
        known = NONE if reason is None else reason if reason in ROUTER_REASONS else OTHER
        provider = self._providers.get(hop.provider) or self._provider(hop.provider)
        self._hops.of(provider.name, hop.outcome, known).inc()
        if hop.first_token_ms is not None:
            provider.first_token.observe(hop.first_token_ms / 1000)
        cost = hop.cost
        if cost.prompt_tokens:
            provider.input.inc(cost.prompt_tokens)
        if cost.completion_tokens:
            provider.output.inc(cost.completion_tokens)
        if cost.usd > 0:
            provider.cost[cost.basis].inc(cost.usd)

    def _provider(self, name: str) -> _OfProvider:
        shown = name if len(self._providers) < MOST_VALUES else OTHER
        made = _OfProvider(
            shown,
            self._first_token.labels(shown),
            self._tokens.labels(shown, "input"),
            self._tokens.labels(shown, "output"),
            {basis: self._cost.labels(shown, basis) for basis in ("usage", "estimate", "none")},
        )
        if shown is name:
            self._providers[name] = made
        return made

    def no_candidate(self, refused: Mapping[str, int]) -> None:
        """Count a call that nobody was left for, by how many candidates were refused for each reason."""
        reason = max(sorted(refused), key=lambda one: refused[one], default=NONE).partition(":")[0]
        self._no_candidate.of(reason if reason in REFUSALS or reason == NONE else OTHER).inc()

    # --- for each time that somebody asks ---------------------------------------------------------------------

    def observe(self, state: State, writer: Writer) -> None:
        """Take over what others know: whom calls are kept from, and how many traces wait."""
        self._queue.set(writer.queued)
        self._breaker.clear()
        self._disabled.clear()
        for row in sorted(state.rows(), key=_closed)[:MOST_CANDIDATES]:
            self._breaker.labels(row.id).set(_is_shut(row.breaker))
            self._disabled.labels(row.id).set(_is_shut(row.account))

    def text(self) -> tuple[bytes, str]:
        """All metrics in the text format of Prometheus, and its content type."""
        return generate_latest(self._registry), CONTENT_TYPE_LATEST


def _made(one: Described, registry: CollectorRegistry) -> Any:
    match one.kind:
        case "counter":
            return Counter(one.name, one.about, one.labels, registry=registry)
        case "gauge":
            return Gauge(one.name, one.about, one.labels, registry=registry)
        case "histogram":
            return Histogram(one.name, one.about, one.labels, registry=registry, buckets=one.buckets)


def _closed(row: Row) -> bool:
    return row.breaker == row.account == "closed"


def _is_shut(phase: str) -> int:
    return phase in ("open", "probing")
