"""The web page of a running router: flows that were run, each of their nodes, and flows that somebody tries."""

from __future__ import annotations

from pathlib import Path

from routers import a_router
from running import run

FUSE = "flow:fan-out-and-fuse"


@run
async def test_a_flow_that_was_run_has_a_page_with_its_graph_and_each_decision(tmp_path: Path) -> None:
    async with a_router(tmp_path, "north/thinker=server_error") as router:
        trace = (await router.chat(FUSE)).account["trace"]
        page = await router.get(f"/ui/traces/{trace}")
        assert page.status == 200
        assert 'class="flow"' in page.text
        assert "passed on: server_error" in page.text
        for name in ("thinker", "quick", "fuse"):
            assert f'<section id="node-{name}">' in page.text
        assert f'href="/ui/traces/{trace}"' in (await router.get("/")).text


@run
async def test_a_node_has_a_page_of_its_own_with_the_whole_decision(tmp_path: Path) -> None:
    async with a_router(tmp_path) as router:
        trace = (await router.chat(FUSE)).account["trace"]
        page = await router.get(f"/ui/traces/{trace}?node=quick")
        assert (page.status, "Why this order" in page.text) == (200, True)
        assert f'<a href="/ui/traces/{trace}">the flow</a>' in page.text
        again = await router.ask("POST", f"/ui/traces/{trace}?node=quick", data={})
        assert "The same decision again" in again.text


@run
async def test_a_node_that_a_flow_does_not_have_leads_to_the_flow(tmp_path: Path) -> None:
    async with a_router(tmp_path) as router:
        trace = (await router.chat(FUSE)).account["trace"]
        page = await router.get(f"/ui/traces/{trace}?node=nobody")
        assert 'class="flow"' in page.text


@run
async def test_a_flow_is_replayed_on_its_page(tmp_path: Path) -> None:
    async with a_router(tmp_path) as router:
        trace = (await router.chat(FUSE)).account["trace"]
        page = await router.ask("POST", f"/ui/traces/{trace}", data={})
        assert "The same decision again" in page.text
        assert "of each node was computed again" in page.text


@run
async def test_a_flow_that_was_refused_has_a_page_with_what_is_wrong(tmp_path: Path) -> None:
    async with a_router(tmp_path) as router:
        await router.chat("flow:*", flow_ir=["flow", {}])
        (trace,) = (await router.get("/traces")).json["data"]
        page = await router.get(f"/ui/traces/{trace['id']}")
        assert "PIR1020" in page.text


@run
async def test_traces_are_listed_by_their_flow(tmp_path: Path) -> None:
    async with a_router(tmp_path) as router:
        await router.chat()
        await router.chat(FUSE)
        page = await router.get("/?flow=fan-out-and-fuse")
        assert page.text.count("<tr data-id=") == 1
        assert "flow:fan-out-and-fuse" in page.text


@run
async def test_a_named_flow_is_taken_into_the_form_and_tried(tmp_path: Path) -> None:
    async with a_router(tmp_path) as router:
        form = await router.get("/ui/try?flow=draft-and-verify")
        assert "llm verify(question, draft)" in form.text
        text = router.running.service.config.flows["draft-and-verify"].admitted.document
        assert text is not None
        page = await router.ask("POST", "/ui/try", data={"policy": text.text, "message": "Hello"})
        assert "2 calls would cost about" in page.text
        assert "north/thinker" in page.text
        assert (await router.get("/traces")).json["data"] == []


@run
async def test_a_flow_that_this_router_does_not_carry_out_is_refused_in_the_form(tmp_path: Path) -> None:
    text = 'flow { input a llm b(a) { policy { mutate filter_text("RedactPII") } } output c(b) }'
    async with a_router(tmp_path) as router:
        page = await router.ask("POST", "/ui/try", data={"policy": text})
        assert "PIR0925" in page.text
