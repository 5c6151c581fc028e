"""Who may run which flow, how it is named, looked up, validated and estimated, and what is refused before it runs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from flow_cases import flow, llm, only, pair
from routers import QUESTION, a_router
from running import run
from test_keys import APP, OTHER, bearer, floor, keys

from policy_ir.diagnostics import Refused, Severity
from policy_ir.flow.admission import AdmittedFlow, admit_flow
from policy_ir.flow.loading import load_flow
from policy_ir.flow.reading import parse_flow
from policy_ir.router.config import Config, Limits, NamedFlow, Traces, read_config
from policy_ir.router.plan import Keeper
from policy_ir.router.sandbox_world import sandbox_vocabulary
from policy_ir.router.world import FLOWS, World
from policy_ir.trace.replay import replay

from worlds import config  # isort: skip

FILTERING = only("north/large")
FILTERING[4] = ["filter_text", ["RedactPII"]]


def admitted(term: object) -> AdmittedFlow:
    return admit_flow(load_flow(term), sandbox_vocabulary())


def named(**terms: object) -> dict[str, NamedFlow]:
    return {name: NamedFlow(name=name, admitted=admitted(term)) for name, term in terms.items()}


# --- by name -------------------------------------------------------------------------------------------------------


@run
async def test_a_flow_of_the_configuration_is_asked_for_by_its_name(tmp_path: Path) -> None:
    async with a_router(tmp_path, flows=named(mine=pair())) as router:
        got = await router.chat("flow:mine")
        assert (got.status, got.account["flow_name"]) == (200, "mine")
        trace = router.trace(got)
        assert (trace.flow_name, trace.policy_name, trace.is_flow) == ("mine", None, True)
        metrics = (await router.get("/metrics")).text
        assert 'policy_ir_calls_total{outcome="ok",policy="flow:mine"} 1.0' in metrics
        assert 'policy_ir_flow_nodes_total{outcome="ok"} 2.0' in metrics


@run
async def test_an_unknown_flow_is_not_found_and_a_near_name_is_shown(tmp_path: Path) -> None:
    async with a_router(tmp_path, flows=named(checked=pair())) as router:
        got = await router.chat("flow:checkd")
        assert (got.status, got.error["code"]) == (404, "model_not_found")
        assert "`flow:checked`" in got.error["diagnostics"][0]["help"]
        trace = router.trace(got)
        assert (trace.outcome, trace.flow_name, trace.policy_name) == ("refused", "checkd", None)


@run
async def test_a_refused_flow_that_came_with_its_call_is_traced_and_counted_as_a_flow(tmp_path: Path) -> None:
    async with a_router(tmp_path) as router:
        got = await router.chat("flow:*", flow_ir=["flow", {}])
        trace = router.trace(got)
        assert (got.status, trace.outcome, trace.is_flow, trace.name_of_flow) == (400, "refused", True, None)
        assert replay(router.store, trace).verdict == "undecided"
        assert 'policy_ir_calls_total{outcome="refused",policy="flow:*"} 1.0' in (await router.get("/metrics")).text
        page = (await router.get(f"/ui/traces/{trace.id}")).text
        assert "The flow was refused" in page
        assert "flow:*" not in page


@run
async def test_flows_are_listed_with_the_models(tmp_path: Path) -> None:
    async with a_router(tmp_path, flows=named(mine=pair())) as router:
        listed = [model["id"] for model in (await router.get("/v1/models")).json["data"]]
        assert "flow:mine" in listed
        assert (await router.get("/v1/models/flow:mine")).json["id"] == "flow:mine"


@run
async def test_a_reload_brings_other_flows(tmp_path: Path) -> None:
    async with a_router(tmp_path, flows=named(old=pair())) as router:
        router.running.service.reload(router.sandbox.config(flows=named(new=pair())))
        assert (await router.chat("flow:new")).status == 200
        assert (await router.chat("flow:old")).status == 404


# --- in the body ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"model": "flow:*"}, "/flow_ir"),
        ({"model": "policy:*", "flow_ir": pair()}, "/policy_ir"),
        ({"model": "policy:resilient", "flow_ir": pair()}, "/model"),
        ({"model": "flow:*", "flow_ir": pair(), "policy_ir": only("x")}, "/model"),
        ({"model": "flow:*", "flow_ir": pair(), "policy_options": {"flow_budget": -1}}, "/policy_options/flow_budget"),
    ],
)
def test_a_body_that_does_not_fit_together_is_refused(tmp_path: Path, body: dict[str, Any], pointer: str) -> None:
    @run
    async def checked() -> None:
        async with a_router(tmp_path) as router:
            got = await router.ask("POST", "/v1/chat/completions", json={"messages": QUESTION, **body})
            assert (got.status, got.error["code"], got.error["param"]) == (400, "invalid_request", pointer)

    checked()


@run
async def test_a_key_that_stands_twice_in_a_flow_is_refused(tmp_path: Path) -> None:
    text = '{"model": "flow:*", "messages": [], "flow_ir": ["flow", {"a": ["input"], "a": ["input"]}]}'
    async with a_router(tmp_path) as router:
        got = await router.ask("POST", "/v1/chat/completions", data=text)
        assert got.error["diagnostics"][0]["code"] == "PIR0114"


@run
async def test_a_flow_that_is_not_sound_is_refused_with_every_finding(tmp_path: Path) -> None:
    given = flow("a", a=llm("b"), b=llm("a", policy=["policy", ["top"]]))
    async with a_router(tmp_path) as router:
        got = await router.chat("flow:*", flow_ir=given)
        assert (got.status, got.error["code"]) == (400, "policy_refused")
        assert router.trace(got).outcome == "refused"
        assert router.sandbox.calls() == 0
        got = await router.chat("flow:*", flow_ir=flow("a", a=llm("b"), b=llm("a")))
        assert [one["code"] for one in got.error["diagnostics"]] == ["PIR1025"]


@pytest.mark.parametrize(
    ("term", "code"),
    [
        (7, "PIR1001"),
        ("flow { }", "PIR1001"),
        ({"flow": {}}, "PIR1001"),
        (["policy"], "PIR1001"),
        (["flow", {"a" * 1_100_000: ["input"]}], "PIR0004"),
    ],
)
def test_what_is_no_flow_is_refused_without_places_in_a_text_that_nobody_has(
    tmp_path: Path, term: object, code: str
) -> None:
    @run
    async def checked() -> None:
        async with a_router(tmp_path) as router:
            got = await router.chat("flow:*", flow_ir=term)
            assert (got.status, got.error["code"]) == (400, "policy_refused")
            assert [one["code"] for one in got.error["diagnostics"]] == [code]
            assert "span" not in got.text.replace('"span":null', "")
            assert len(got.text) < 5000

    checked()


@run
async def test_what_the_router_does_not_carry_out_is_refused_at_each_node(tmp_path: Path) -> None:
    async with a_router(tmp_path) as router:
        got = await router.chat("flow:*", flow_ir=pair(FILTERING, FILTERING))
        assert [(one["code"], one["pointer"]) for one in got.error["diagnostics"]] == [
            ("PIR0925", "/1/draft/1/policy/4"),
            ("PIR0925", "/1/verify/1/policy/4"),
        ]
        checked = await router.ask("POST", "/policy/validate", json={"flow_ir": pair(FILTERING)})
        assert [one["pointer"] for one in checked.json["diagnostics"]] == ["/1/draft/1/policy/4"]


@run
async def test_a_body_that_no_facts_can_be_derived_from_costs_nothing(tmp_path: Path) -> None:
    async with a_router(tmp_path) as router:
        got = await router.chat("flow:*", flow_ir=pair(), messages="hello")
        assert (got.status, got.error["code"]) == (400, "invalid_request")
        got = await router.chat("flow:*", flow_ir=pair(), tools=[{"type": 7}], messages=[{"role": "user"}, 7])
        assert got.status == 400
        assert router.sandbox.calls() == 0


@run
async def test_a_large_flow_is_run_like_any_other_and_known_again(tmp_path: Path) -> None:
    nodes = {f"n{i}": llm("ask", system=f"{i} " + "x" * 1000, policy=only("north/large")) for i in range(31)}
    async with a_router(tmp_path) as router:
        given = flow("fuse", **nodes, fuse=llm(*nodes))
        assert len(json.dumps(given)) > 32_000
        for _ in range(2):
            got = await router.chat("flow:*", flow_ir=given)
            assert (got.status, got.account["attempts"]) == (200, 32)
        assert len(router.running.service.world._flows) == len(router.running.service.config.flows) + 1


# --- keys and floors -----------------------------------------------------------------------------------------------


@run
async def test_a_key_may_use_the_flows_that_it_lists(tmp_path: Path) -> None:
    flows = named(one=pair(), two=pair())
    mine = keys(policies=frozenset({"resilient", "flow:one"}), inline=False)
    async with a_router(tmp_path, keys=mine, flows=flows) as router:
        assert (await router.chat("flow:one", bearer(APP))).status == 200
        for model, more in (("flow:two", {}), ("flow:*", {"flow_ir": pair()})):
            got = await router.chat(model, bearer(APP), **more)
            assert (got.status, got.error["code"]) == (403, "policy_not_allowed")
        assert (await router.chat("flow:two", bearer(OTHER))).status == 200
        listed = (await router.get("/v1/models", **bearer(APP))).json["data"]
        assert [model["id"] for model in listed] == ["policy:resilient", "flow:one"]


@run
async def test_every_node_is_held_to_the_floor_of_the_key(tmp_path: Path) -> None:
    anybody: list[Any] = ["policy", ["top"], *only("x")[2:]]
    held = keys(floor=floor(["tag_in", "id", ["south/large"]]))
    async with a_router(tmp_path, keys=held) as router:
        got = await router.chat("flow:*", bearer(APP), flow_ir=pair(anybody, anybody))
        assert {node["candidate"] for node in got.account["nodes"].values()} == {"south/large"}
        free = await router.chat("flow:*", bearer(OTHER), flow_ir=pair(anybody, anybody))
        assert {node["candidate"] for node in free.account["nodes"].values()} == {"north/large"}
        assert free.account["flow"] == got.account["flow"]
        assert {node.floor for node in router.trace(got).nodes} != {None}


# --- what it would cost, and whether it is sound -------------------------------------------------------------------


@run
async def test_an_estimate_is_given_and_nothing_is_sent(tmp_path: Path) -> None:
    async with a_router(tmp_path) as router:
        body = {"model": "flow:*", "flow_ir": pair(only("west/tiny")), "messages": QUESTION}
        body["policy_options"] = {"seed": 3}
        decided = await router.ask("POST", "/policy/decide", json=body)
        dry = await router.chat(**{**body, "policy_options": {"seed": 3, "dry_run": True}})
        assert decided.json == dry.json
        assert decided.json["object"] == "policy_ir.flow_estimate"
        assert [(node["node"], node["candidate"]) for node in decided.json["nodes"]] == [
            ("draft", "west/tiny"),
            ("verify", "north/large"),
        ]
        assert decided.json["usd"] == pytest.approx(sum(node["usd"] for node in decided.json["nodes"]))
        assert decided.json["most_usd"] >= decided.json["usd"]
        assert router.sandbox.calls() == 0


@run
async def test_a_flow_is_validated_in_either_syntax(tmp_path: Path) -> None:
    text = "flow { input a\n llm b(a) { policy { filter meets_req } }\n output c(b) }"
    fingerprint = admit_flow(parse_flow(text).flow, sandbox_vocabulary()).fingerprint  # type: ignore[arg-type]
    async with a_router(tmp_path) as router:
        got = await router.ask("POST", "/policy/validate", data=text, headers={"Content-Type": "text/plain"})
        assert (got.json["valid"], got.json["fingerprint"]) == (True, fingerprint)
        for body in (pair(), {"flow_ir": pair()}):
            got = await router.ask("POST", "/policy/validate", json=body)
            assert (got.json["valid"], got.json["fingerprint"]) == (True, admitted(pair()).fingerprint)
        got = await router.ask("POST", "/policy/validate", json=flow("b", a=llm("ask"), b=llm("ask")))
        assert (got.json["valid"], [one["code"] for one in got.json["diagnostics"]]) == (False, ["PIR1027"])
        unused = flow("b", a=llm("ask"), b=llm("ask", "a", template="only $2"))
        got = await router.ask("POST", "/policy/validate", json={"flow_ir": unused})
        assert [one["code"] for one in got.json["diagnostics"]] == ["PIR1045"]


# --- traces --------------------------------------------------------------------------------------------------------


@run
async def test_the_decisions_of_a_trace_can_be_computed_again(tmp_path: Path) -> None:
    async with a_router(tmp_path, "north/small=overloaded") as router:
        given = pair(only("north/small"), ["policy", ["top"], *only("x")[2:]], on_error="input")
        got = await router.chat("flow:*", flow_ir=given, policy_options={"seed": 5})
        trace = router.trace(got)
        assert replay(router.store, trace).verdict == "same"
        again = await router.ask("POST", f"/traces/{trace.id}/replay")
        assert again.json["verdict"] == "same"


@run
async def test_what_was_said_is_in_no_trace_but_the_flow_is(tmp_path: Path) -> None:
    secret = "the patient's name is Ada"
    async with a_router(tmp_path, "north/small=bad_request") as router:
        given = pair(only("north/small"), on_error="input")
        got = await router.chat("flow:*", flow_ir=given, messages=[{"role": "user", "content": secret}])
        assert got.status == 200
        trace = router.trace(got)
        assert secret not in json.dumps(trace.to_json())
        assert trace.flow_part is not None
        assert router.store.part("flow", trace.flow_part) is not None
    async with a_router(tmp_path / "kept" if (tmp_path / "kept").mkdir() is None else tmp_path,
                        traces=Traces(prompts=True)) as router:  # fmt: skip
        got = await router.chat("flow:*", flow_ir=pair(), messages=[{"role": "user", "content": secret}])
        assert secret in json.dumps(router.trace(got).to_json())


# --- configuration -------------------------------------------------------------------------------------------------

BASE = """
catalogue = "sandbox.json"
[providers.north]
url = "http://127.0.0.1:9/v1"
"""


def configured(text: str, folder: Path) -> Config:
    from importlib import resources

    shipped = resources.files("policy_ir").joinpath("data", "catalogs", "sandbox.json").read_text("utf-8")
    (folder / "sandbox.json").write_text(shipped)
    return read_config(BASE + text, str(folder / "router.toml"))


def test_flows_come_from_files_from_the_configuration_itself_and_from_the_package(tmp_path: Path) -> None:
    (tmp_path / "pair.policy").write_text(json.dumps(pair()))
    text = """
[flows.file]
file = "pair.policy"
[flows.here]
about = "asks once"
flow = '''
flow {
  input a
  llm b(a) { policy { filter meets_req } }
  output c(b)
}
'''
[flows.shipped]
preset = "plan-then-act"
[limits]
flow_nodes = 3
"""
    made = configured(text, tmp_path)
    assert list(made.flows) == ["file", "here", "shipped"]
    assert made.flows["file"].admitted.fingerprint == admitted(pair()).fingerprint
    assert (made.flows["here"].about, made.flows["here"].admitted.last) == ("asks once", "b")
    assert made.flows["shipped"].about
    assert made.limits.flow_nodes == 3


@pytest.mark.parametrize(
    ("text", "code", "pointer"),
    [
        ("[flows.a]\n", "PIR0903", "/flows/a"),
        ('[flows.a]\nfile = "x"\nflow = "y"\n', "PIR0906", "/flows/a/flow"),
        ('[flows.a]\npreset = "plan-then-acts"\n', "PIR0907", "/flows/a/preset"),
        ('[flows.a]\npreset = "plan-then-act"\nfle = "x"\n', "PIR0902", "/flows/a/fle"),
        ("[flows.a]\nflow = 7\n", "PIR0904", "/flows/a/flow"),
        ("[limits]\nflow_nodes = 0\n", "PIR0905", "/limits/flow_nodes"),
        ("flows = 7\n", "PIR0902", "/providers/north/flows"),
    ],
)
def test_what_is_wrong_with_a_flow_of_the_configuration_is_found_at_its_place(
    tmp_path: Path, text: str, code: str, pointer: str
) -> None:
    with pytest.raises(Refused) as refused:
        configured(text, tmp_path)
    found = [one for one in refused.value.diagnostics if one.severity is Severity.ERROR]
    assert (str(found[0].code), found[0].pointer) == (code, pointer)


def test_a_key_can_be_held_to_flows_and_to_none_that_there_are_not(tmp_path: Path) -> None:
    digest = "blake3:" + "0" * 64
    text = '[flows.a]\npreset = "plan-then-act"\n[keys.app]\ndigest = "{}"\npolicies = ["flow:{}"]\n'
    assert configured(text.format(digest, "a"), tmp_path).keys["app"].policies == {"flow:a"}
    with pytest.raises(Refused, match="flow:b"):
        configured(text.format(digest, "b"), tmp_path)


def test_a_cycle_in_a_flow_of_the_configuration_is_shown_where_it_is_written(tmp_path: Path) -> None:
    text = """
[flows.a]
flow = '''
flow {
  input q
  llm b(q, c) { policy { filter meets_req } }
  llm c(b) { policy { filter meets_req } }
  output o(c)
}
'''
"""
    with pytest.raises(Refused) as refused:
        configured(text, tmp_path)
    [found] = (one for one in refused.value.diagnostics if one.severity is Severity.ERROR)
    assert str(found.code) == "PIR1025"
    assert found.span is not None
    assert (BASE + text)[found.span.start :].startswith("llm b(q, c)")


def test_a_configured_flow_that_is_not_carried_out_keeps_the_router_from_starting() -> None:
    with pytest.raises(Refused) as refused:
        World(config(flows=named(a=pair(FILTERING))), clock=lambda: 0.0)
    assert [str(one.code) for one in refused.value.diagnostics] == ["PIR0925"]


# --- what is kept --------------------------------------------------------------------------------------------------


class Sized:
    def __init__(self, size: int, *, own: bool = False) -> None:
        self.size, self.own = size, own


def test_what_is_kept_is_bounded_by_number_and_by_size_and_the_oldest_goes_first() -> None:
    kept: Keeper[Sized] = Keeper(3, 10, lambda one: one.size)
    own = Sized(100, own=True)
    kept.get("own", lambda: own)
    for name, size in (("a", 4), ("b", 4), ("c", 4)):
        kept.get(name, lambda size=size: Sized(size))  # type: ignore[misc]
    assert len(kept) == 3
    assert kept.get("own", lambda: Sized(0)) is own
    kept.get("large", lambda: Sized(50))
    assert len(kept) == 2


def test_callers_cannot_push_the_operators_flows_out() -> None:
    world = World(config(flows=named(mine=pair())), clock=lambda: 0.0)
    plan = world._named_flow("mine", None)
    for i in range(FLOWS + 5):
        world.flow_term(flow("a", a=llm("ask", system=str(i))), None)
    assert len(world._flows) == FLOWS
    assert world._named_flow("mine", None) is plan


def test_what_the_catalogue_makes_too_much_work_says_which_policy_or_flow_it_is() -> None:
    with pytest.raises(Refused) as caught:
        World(config(flows=named(review=pair()), limits=Limits(work=1)), clock=lambda: 0.0)
    places = {(str(one.code), one.source, one.pointer) for one in caught.value.diagnostics}
    assert ("PIR0309", "flows.review", "/1/draft/1/policy") in places
    assert ("PIR0309", "policies.cheapest", "") in places
