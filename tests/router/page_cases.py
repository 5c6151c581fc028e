"""Calls of every kind, and pages of them, for the tests of the router's pages."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import attrs

import policy_ir
from policy_ir.admission import admit_policy
from policy_ir.catalogs import shipped_snapshot
from policy_ir.decision import Decision, decide
from policy_ir.diagnostics import Refused, to_json
from policy_ir.explanation import explain
from policy_ir.facts import read_facts
from policy_ir.flow.reading import parse_flow
from policy_ir.flow.tree import Flow
from policy_ir.presets import flow_preset
from policy_ir.report.answer import Answer
from policy_ir.report.gather import answer_of
from policy_ir.router.pages import (
    Filters,
    Form,
    Standing,
    Stated,
    Visit,
    error_page,
    first_call,
    flow_page,
    models_page,
    standings,
    trace_page,
    traces_page,
    tried,
    try_page,
)
from policy_ir.router.state import Row
from policy_ir.snapshot import Candidate, CandidateList, Snapshot
from policy_ir.syntax import parse
from policy_ir.trace.record import Cost, Hop, Trace, new_id
from policy_ir.trace.replay import Difference, Replayed
from policy_ir.vocabulary import vocabulary

STANDARD = vocabulary("standard")
PRESETS = Path(policy_ir.__file__).parent / "data" / "presets"
AT = 1_793_500_000.25
HERE = Visit(key="support-team", sandbox=True)

NO_CANDIDATE = "policy { filter price_out <= 0.0001 and supports_vision and context >= 900_000 }"
HOSTILE = "<script>alert(1)</script>\"'`&\u202e/\x1b[31m\x00\ud800é"
"""A name that means something in HTML, in an attribute, in prose, in a terminal, and to a reader of right-to-left."""


# --- decisions ------------------------------------------------------------------------------------------------


@cache
def large_snapshot(size: int = 2500) -> Snapshot:
    return Snapshot.take(
        CandidateList(
            [
                Candidate(
                    id=f"provider-{i % 17}/model-{i}",
                    provider=f"provider-{i % 17}",
                    family=f"model-{i // 5}",
                    fields={
                        "price_in": 0.1 + i % 50,
                        "price_out": 0.3 + (i * 7) % 90,
                        "context": 8000 + 1000 * (i % 300),
                        "bench_coding": (i % 100) / 100,
                    },
                    capabilities=["supports_tools"] if i % 3 else [],
                )
                for i in range(size)
            ]
        ),
        STANDARD,
    )


@cache
def decision(preset: str = "agents", text: str | None = None, large: bool = False) -> Decision:
    source = (PRESETS / f"{preset}.policy").read_text("utf-8") if text is None else text
    document = parse(source, name=f"{preset}.policy")
    assert document.term is not None
    admitted = admit_policy(document.term, STANDARD, document=document)
    facts = read_facts({"needs": ["tools"], "min_context": 4500,
                        "fields": {"prompt_tokens": 4000, "completion_tokens": 500}}, STANDARD)  # fmt: skip
    return decide(admitted, large_snapshot() if large else shipped_snapshot(), facts)


@cache
def answer(preset: str = "agents", text: str | None = None, large: bool = False) -> Answer:
    return answer_of(explain(decision(preset, text, large)))


# --- traces ---------------------------------------------------------------------------------------------------


def spent(usd: float, prompt: int = 4012, completion: int = 311, basis: Any = "usage") -> Cost:
    return Cost(usd=usd, basis=basis, prompt_tokens=prompt, completion_tokens=completion)


def hop(number: int, candidate: str, started: float, ended: float, **given: Any) -> Hop:
    defaults: dict[str, Any] = {
        "position": number,
        "provider": candidate.partition("/")[0],
        "outcome": "ok",
        "first_byte_ms": 0.4 * ended,
        "first_token_ms": 0.5 * ended,
        "status": 200,
        "cost": spent(0.00213),
    }
    if given.get("outcome") == "failed":
        defaults |= {"first_byte_ms": 0.9 * ended, "first_token_ms": None, "cost": Cost()}
    return Hop(number=number, candidate=candidate, started_ms=started, ended_ms=ended, **(defaults | given))


def trace(number: int = 0, of: Decision | None = None, **given: Any) -> Trace:
    decided = decision() if of is None else of
    ids = [entry.id for entry in decided.ordered]
    at = AT - 37.5 * number
    hops = given.get("hops", (hop(0, ids[0], 0.8, 1240.0),) if ids else ())
    defaults: dict[str, Any] = {
        "id": new_id(int(at * 1000), number.to_bytes(10)),
        "at": at,
        "key": "support-team",
        "policy_name": "support",
        "session": "ticket-4711",
        "policy": decided.policy,
        "policy_part": "blake3:" + "0" * 64,
        "effective": decided.effective,
        "vocabulary": decided.vocabulary,
        "catalogue": decided.snapshot.catalogue_fingerprint,
        "state": decided.snapshot.state_fingerprint,
        "snapshot": decided.snapshot_fingerprint,
        "facts": decided.environment.facts.to_json()
        if hasattr(decided.environment.facts, "to_json")
        else dict(decided.environment.facts.record()),
        "seed": 42,
        "decision": decided.fingerprint,
        "chosen": ids[0] if ids else None,
        "winner": ids[0] if ids else None,
        "eligible": len(decided.ordered),
        "refused": len(decided.rejected),
        "cut": len(decided.cut),
        "hops": hops,
        "outcome": "ok",
        "status": 200,
        "stream": True,
        "ended_ms": max([1.5, *(one.started_ms + one.ended_ms + 0.7 for one in hops)]),
        "cost": Cost.total(one.cost for one in hops),
    }
    return Trace(**(defaults | given))


def failing(number: int, candidate: str, started: float, ended: float, reason: str, **given: Any) -> Hop:
    return hop(number, candidate, started, ended, **({"outcome": "failed", "reason": reason, "status": 503} | given))


def failed_over() -> Trace:
    ids = [entry.id for entry in decision().ordered]
    return trace(
        1,
        chosen=ids[2],
        hops=(
            failing(0, ids[0], 0.9, 181.0, "rate_limit", status=429, message="Rate limit reached for requests.",
                    action="retry_same/again", waited_ms=500.0),
            failing(1, ids[0], 682.0, 95.0, "rate_limit", status=429, position=0, retries=1,
                    action="retry_same/then, next_candidate/advance"),
            failing(2, ids[1], 777.4, 12.0, "network_error", status=None, position=1, first_byte_ms=None,
                    message="the connection was reset", action="next_candidate/advance"),
            hop(3, ids[2], 790.0, 1830.0, position=2),
        ),
    )  # fmt: skip


def eight_hops() -> Trace:
    ids = [entry.id for entry in decision().ordered]
    reasons = ["overloaded", "timeout", "server_error", "bad_response", "auth_error", "model_not_found", "overloaded",
               "server_error"]  # fmt: skip
    hops = tuple(
        failing(
            i,
            ids[i],
            300.0 * i,
            200.0,
            reason,
            action=f"next_candidate/{'advance' if i < 7 else 'stop'}",
            waited_ms=100.0 if i < 7 else 0.0,
        )
        for i, reason in enumerate(reasons)
    )
    return trace(2, chosen=None, hops=hops, outcome="failed", status=502, reason="server_error")


def uneven() -> Trace:
    """Hops of 0 ms beside one of a minute."""
    ids = [entry.id for entry in decision().ordered]
    lost: dict[str, Any] = {"status": None, "first_byte_ms": None, "action": "next_candidate/advance"}
    return trace(
        3,
        chosen=ids[3],
        hops=(
            failing(0, ids[0], 0.0, 0.0, "network_error", **lost),
            failing(1, ids[1], 0.0, 60_000.0, "timeout", **lost),
            failing(2, ids[2], 60_000.0, 0.0, "network_error", **lost),
            hop(3, ids[3], 60_000.2, 0.0),
        ),
    )  # fmt: skip


def interrupted() -> Trace:
    ids = [entry.id for entry in decision().ordered]
    cut = failing(0, ids[0], 1.0, 2900.0, "stream_interrupted", status=200, first_byte_ms=240.0, first_token_ms=310.0,
                  cost=spent(0.0011, basis="estimate"), message="the stream has no end")  # fmt: skip
    return trace(4, hops=(cut,), outcome="interrupted", reason="stream_interrupted")


def cancelled() -> Trace:
    ids = [entry.id for entry in decision().ordered]
    gone = hop(0, ids[0], 1.0, 830.0, outcome="cancelled", cost=spent(0.0004, basis="estimate"))
    return trace(5, hops=(gone,), outcome="cancelled", status=499)


def no_candidate() -> Trace:
    return trace(
        6, decision(text=NO_CANDIDATE), outcome="no_candidate", status=422, hops=(), policy_name=None, stream=False
    )


def refused() -> Trace:
    filter = '["and", ["is", "disable"], ["cmp", "price_ot", "le", 15]]'
    text = f'["policy", {filter}, ["zero"], ["argmax"], ["id"], ["always", {{"action": "abort"}}]]'
    try:
        document = parse(text)
        assert document.term is not None
        admit_policy(document.term, STANDARD, document=document)
    except Refused as wrong:
        found = tuple(to_json(attrs.evolve(one, span=None, source=None)) for one in wrong.diagnostics)
    id = new_id(int(AT * 1000), bytes(10))
    return Trace(id=id, at=AT, key="support-team", outcome="refused", status=400, diagnostics=found, ended_ms=0.9)


def large() -> Trace:
    return trace(7, decision(large=True))


KINDS: dict[str, Any] = {
    "ok": trace,
    "failed-over": failed_over,
    "eight-hops": eight_hops,
    "uneven": uneven,
    "interrupted": interrupted,
    "cancelled": cancelled,
    "no-candidate": no_candidate,
    "refused": refused,
    "large": large,
}


def history(count: int = 50) -> list[Trace]:
    made = []
    kinds = [trace, trace, failed_over, trace, interrupted, trace, eight_hops, trace, cancelled, trace, no_candidate,
             refused, trace, uneven]  # fmt: skip
    for i in range(count):
        one = kinds[i % len(kinds)]()
        at = AT - 41.3 * i
        id = new_id(int(at * 1000), i.to_bytes(10))
        faster = one.ended_ms * (0.4 + 0.13 * (i * 7 % 11)) if one.ended_ms < 20_000 else one.ended_ms
        name = one.policy_name and ("support", "agents", "compliance")[i % 3]
        made.append(attrs.evolve(one, id=id, at=at, ended_ms=faster, policy_name=name))
    return made


# --- flows ----------------------------------------------------------------------------------------------------


def flow_tree() -> Flow:
    document = parse_flow(flow_preset("fan-out-and-fuse").text)
    assert document.flow is not None
    return document.flow


def node_trace(name: str, begun: float, ended: float, **given: Any) -> Trace:
    """The call of a node, so many milliseconds after its flow."""
    ids = [entry.id for entry in decision().ordered]
    hops = given.pop("hops", (hop(0, ids[0], 0.4, ended - 1),))
    told = {"node": name, "policy_name": None, "stream": False, "ended_ms": ended, "hops": hops}
    return attrs.evolve(trace(**told), at=AT + begun / 1000, **given)


def flow_trace(kind: str = "ok", number: int = 60) -> Trace:
    ids = [entry.id for entry in decision().ordered]
    lost: dict[str, Any] = {"outcome": "failed", "status": 503, "reason": "overloaded", "chosen": None}
    down = (failing(0, ids[0], 0.4, 300.0, "overloaded", action="next_candidate/advance"),
            failing(1, ids[1], 300.9, 80.0, "overloaded", action="next_candidate/stop"))  # fmt: skip
    quick = node_trace("quick", 0.4, 1210.0)
    thinker = node_trace("thinker", 0.5, 381.0, hops=down, passed=True, **lost)
    fuse = node_trace("fuse", 1211.0, 2405.0)
    id = new_id(int(AT * 1000), number.to_bytes(10))
    whole: dict[str, Any] = {"id": id, "at": AT, "key": "support-team", "flow": "blake3:" + "a" * 64, "flow_part": None,
                             "flow_name": "fan-out-and-fuse", "vocabulary": quick.vocabulary, "seed": 42}  # fmt: skip
    match kind:
        case "failed":
            gone = attrs.evolve(quick, outcome="cancelled", status=499, chosen=None, ended_ms=380.0)
            failed = attrs.evolve(thinker, passed=False)
            whole |= {"nodes": (gone, failed), "outcome": "failed", "status": 503, "reason": "overloaded",
                      "failed_node": "thinker", "ended_ms": 383.0}  # fmt: skip
        case "refused":
            whole |= {"flow": None, "outcome": "refused", "status": 400, "ended_ms": 0.6}
            whole |= {"diagnostics": refused().diagnostics}
        case _:
            whole |= {"nodes": (quick, thinker, fuse), "outcome": "ok", "status": 200, "chosen": fuse.chosen,
                      "ended_ms": 3620.0}  # fmt: skip
    made = Trace(**whole)
    return attrs.evolve(made, cost=Cost.total(call.cost for call in made.nodes))


def flow_page_of(kind: str, **given: Any) -> str:
    told = {"quick": answer(), "fuse": answer()} if kind != "refused" else {}
    flow = flow_tree() if kind != "refused" else None
    return flow_page(flow_trace(kind), flow=flow, answers=told, visit=HERE, **given)


def flow_replayed() -> Replayed:
    one = flow_trace()
    wrong = Difference("seed", "1", "2")
    nodes = tuple(Replayed(trace=call, decision=decision(), differences=(wrong,)) for call in one.nodes)
    return Replayed(trace=one, nodes=nodes)


FLOW_KINDS = ("ok", "failed", "refused")


# --- pages ----------------------------------------------------------------------------------------------------


def trace_page_of(kind: str, **given: Any) -> str:
    told = {
        "no-candidate": lambda: answer(text=NO_CANDIDATE),
        "refused": lambda: None,
        "large": lambda: answer(large=True),
    }
    return trace_page(KINDS[kind](), answer=told.get(kind, answer)(), visit=HERE, **given)


def replayed(kind: str) -> Replayed:
    one = trace()
    if kind == "same":
        return Replayed(trace=one, decision=decision())
    if kind == "undecided":
        return Replayed(trace=refused())
    if kind == "damaged":
        wrong = Refused.because(_part_code(), "the catalogue `blake3:ab` is missing")
        return Replayed(trace=one, findings=wrong.diagnostics)
    differences = (Difference("snapshot", one.snapshot, "blake3:" + "f" * 64), Difference("winner", one.winner, None))
    return Replayed(trace=one, decision=decision(), differences=differences)


def _part_code() -> Any:
    from policy_ir.diagnostics import codes

    return codes.TRACE_PART


def rows() -> list[Row]:
    ids = shipped_snapshot().ids
    closed: dict[str, Any] = {
        "breaker": "closed",
        "breaker_ms": 0.0,
        "failures": 0,
        "account": "closed",
        "account_ms": 0.0,
    }
    seen: dict[str, Any] = {"latency_ms": 412.0, "success_rate": 0.994, "tok_s": 87.3}
    none: dict[str, Any] = {"latency_ms": None, "success_rate": None, "tok_s": None}
    return [
        Row(id=ids[3], **closed | seen),
        Row(id=ids[4], **closed | seen | {"failures": 2, "success_rate": 0.7}),
        Row(
            id=ids[9],
            **closed | seen | {"breaker": "open", "breaker_ms": 23_400.0, "failures": 5, "success_rate": 0.31},
        ),
        Row(id=ids[12], **closed | none | {"breaker": "half-open", "failures": 5}),
        Row(id=ids[15], **closed | none | {"breaker": "probing", "failures": 5}),
        Row(id=ids[20], **closed | none | {"account": "open", "account_ms": 58_000.0}),
    ]


def models(find: str = "", size: int | None = None) -> str:
    snapshot = shipped_snapshot() if size is None else large_snapshot(size)
    endpoints = [snapshot.provider(i) for i in range(snapshot.size)]
    sent = [one.rpartition("/")[2] for one in snapshot.ids]
    stated = [
        Stated.of(name, decision(name).program.policy, f"What we use for {name}.") for name in ("support", "agents")
    ]
    observed = rows() if size is None else []
    return models_page(standings(snapshot, endpoints, sent, observed), stated, find=find, visit=HERE)


GOOD = Form(policy=(PRESETS / "support.policy").read_text("utf-8"), message="My parcel has not come. What now?",
            facts='{"needs": ["tools"]}')  # fmt: skip
BAD = Form(
    policy="policy {\n  filter   supports_toolz and price_ot <= 15\n  rank     0.7 * neg(normalize(price_out))\n}\n",
    facts='{"needs": ["teleport"]}',
    seed="x",
)


def try_page_of(form: Form | None) -> str:
    if form is None:
        return try_page(Form(), policies=["support", "agents"], visit=HERE)
    came = tried(form, vocabulary=STANDARD, snapshot=shipped_snapshot())
    return try_page(form, came, policies=["support", "agents"], visit=HERE)


def all_pages() -> dict[str, str]:
    """Every page in every state that looks different, by a path."""
    command = first_call("http://127.0.0.1:8080", "policy:support", keyed=True)
    calls = history()
    pages = {
        "/": traces_page(calls, filters=Filters(), older=calls[-1].id, policies=["support", "agents"],
                         candidates=shipped_snapshot().ids, visit=HERE),
        "/few": traces_page(calls[:3], filters=Filters(policy="support", before=calls[9].id), visit=Visit()),
        "/none": traces_page([], filters=Filters(), first=command, visit=Visit(sandbox=True)),
        "/none-like-that": traces_page([], filters=Filters(outcome="failed"), first=command, visit=HERE),
        "/bad-time": traces_page([], filters=Filters(since="yesterday"), found=bad_time(), visit=HERE),
        "/ui/try": try_page_of(None),
        "/ui/try/good": try_page_of(GOOD),
        "/ui/try/bad": try_page_of(BAD),
        "/ui/try/flow": try_page_of(Form(policy=flow_preset("fan-out-and-fuse").text, message="Hello", seed="7")),
        "/ui/try/no-flow": try_page_of(Form(policy="flow { input ask }")),
        "/ui/models": models(),
        "/ui/models/find": models("no such"),
        "/401": error_page(401, "a key is due"),
        "/404": error_page(404, "there is no trace `tr_0`", visit=HERE),
    }  # fmt: skip
    pages |= {f"/ui/traces/{kind}": trace_page_of(kind) for kind in KINDS}
    pages |= {
        f"/ui/traces/replayed-{kind}": trace_page_of("ok", replayed=replayed(kind))
        for kind in ("same", "different", "damaged")
    }
    pages |= {f"/ui/traces/flow-{kind}": flow_page_of(kind) for kind in FLOW_KINDS}
    pages["/ui/traces/flow-replayed"] = flow_page_of("ok", replayed=flow_replayed())
    pages["/ui/traces/flow-untold"] = flow_page(flow_trace(), missing=replayed("damaged").findings, visit=HERE)
    pages["/ui/traces/node"] = trace_page(flow_trace().nodes[1], answer=answer(), visit=HERE)
    pages["/ui/traces/untold"] = trace_page(trace(), missing=replayed("damaged").findings, visit=HERE)
    pages["/ui/traces/kept"] = trace_page(
        trace(request={"messages": [{"role": "user", "content": "Hello " * 60}]}, response={"id": "chatcmpl-1"}),
        answer=answer(), visit=HERE)  # fmt: skip
    return pages


def bad_time() -> Any:
    from policy_ir.trace.moments import moment

    try:
        moment("yesterday", AT)
    except Refused as wrong:
        return wrong.diagnostics
    raise AssertionError


# --- names that mean something else ---------------------------------------------------------------------------


def hostile_trace() -> Trace:
    """A trace with a hostile name in every field that holds a text."""
    cost = spent(0.1)
    bad = Hop(number=0, position=0, candidate=HOSTILE, provider=HOSTILE, outcome="failed", reason=HOSTILE,
              message=HOSTILE, action=HOSTILE, ended_ms=3.0, waited_ms=2.0, cost=cost)  # fmt: skip
    told = {"code": HOSTILE, "severity": HOSTILE, "message": HOSTILE, "pointer": HOSTILE, "expected": HOSTILE,
            "help": HOSTILE, "found": HOSTILE, "source": HOSTILE, "span": None}  # fmt: skip
    return Trace(
        id=HOSTILE, at=1e300, key=HOSTILE, policy_name=HOSTILE, session=HOSTILE, policy=HOSTILE, policy_part=HOSTILE,
        effective=HOSTILE + "2", floor=HOSTILE, vocabulary=HOSTILE, catalogue=HOSTILE, state=HOSTILE, snapshot=HOSTILE,
        facts={"needs": [HOSTILE], HOSTILE: HOSTILE, "fields": {HOSTILE: HOSTILE}}, seed=1, decision=HOSTILE,
        chosen=HOSTILE, winner=HOSTILE + "3", eligible=1, refused=1, cut=1, hops=(bad, attrs.evolve(bad, number=1)),
        outcome="ok", status=200, reason=HOSTILE, ended_ms=4.0, cost=cost, diagnostics=(told,),
        request={HOSTILE: HOSTILE}, response={HOSTILE: [HOSTILE]},
    )  # fmt: skip


def hostile_answer() -> Answer:
    """A decision among candidates with hostile names, by a policy that holds them."""
    named = HOSTILE.replace("\ud800", "")
    written = named.encode("unicode_escape").decode("ascii").replace("\\x", "\\u00").replace('"', '\\"')
    text = f'policy {{ filter provider != "{written}" or price_out <= 3 rank zero }}'
    snapshot = Snapshot.take(
        CandidateList(
            [
                Candidate(
                    id=f"{named}{i}", provider=named, family=named, fields={"price_in": float(i), "price_out": float(i)}
                )
                for i in range(5)
            ]
        ),
        STANDARD,
    )
    document = parse(text, name=named)
    assert document.term is not None
    return answer_of(explain(decide(admit_policy(document.term, STANDARD, document=document), snapshot)))


def hostile_pages() -> dict[str, str]:
    """Pages with hostile names wherever anybody can put one."""
    one = hostile_trace()
    visit = Visit(key=HOSTILE, sandbox=True)
    filters = Filters(policy=HOSTILE, flow=HOSTILE, outcome=HOSTILE, candidate=HOSTILE, since=HOSTILE, before=HOSTILE)
    form = Form(policy=HOSTILE, message=HOSTILE, facts=HOSTILE, seed=HOSTILE)
    names = [HOSTILE, HOSTILE + "4"]
    standing = Standing(id=HOSTILE, endpoint=HOSTILE, sent=HOSTILE + "5", row=attrs.evolve(rows()[1], id=HOSTILE))
    stated = Stated(name=HOSTILE, about=HOSTILE, text=HOSTILE, fingerprint=HOSTILE)
    command = first_call("http://127.0.0.1:8080", HOSTILE, keyed=True)
    flow = attrs.evolve(one, hops=(), flow=HOSTILE, flow_name=HOSTILE, flow_part=HOSTILE, failed_node=HOSTILE,
                        outcome="failed", nodes=(attrs.evolve(one, node=HOSTILE, passed=True),))  # fmt: skip
    different = Replayed(trace=one, decision=decision(), differences=(Difference("winner", HOSTILE, HOSTILE),))
    again = attrs.evolve(different, trace=flow.nodes[0])
    return {
        "/hostile": traces_page([one], filters=filters, older=HOSTILE, policies=names, flows=names,
                                candidates=names, visit=visit),
        "/hostile/none": traces_page([], filters=Filters(), first=command, visit=visit),
        "/hostile/trace": trace_page(one, answer=hostile_answer(), replayed=different, visit=visit),
        "/hostile/flow": flow_page(flow, flow=flow_tree(), answers={HOSTILE: hostile_answer()}, visit=visit,
                                   replayed=Replayed(trace=flow, nodes=(again,))),
        "/hostile/node": trace_page(flow.nodes[0], answer=hostile_answer(), visit=visit),
        "/hostile/try": try_page(form, tried(form, vocabulary=STANDARD, snapshot=shipped_snapshot()), policies=names,
                                 visit=visit),
        "/hostile/models": models_page([standing], [stated], find="", visit=visit),
        "/hostile/find": models_page([standing], [], find=HOSTILE, visit=visit),
        "/hostile/404": error_page(404, HOSTILE, visit=visit),
    }  # fmt: skip
