"""Running the router as an operator does: as a process, by a file, with signals."""

from __future__ import annotations

import json
import signal
import socket
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from commands import command
from serving import policy_ir, serving

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there are no such signals")

ANYWHERE = ("--port", 0)
SLOW = ("--fault", "north/large=slow_first_token:ms=700", "--fault", "north/small=slow_first_token:ms=700")


def test_the_first_call_needs_one_command_and_can_be_looked_up_from_elsewhere_while_it_runs_and_after(
    tmp_path: Path,
) -> None:
    store = tmp_path / "traces.db"
    with serving("--sandbox", "--pace", 0, *ANYWHERE, store=store) as router:
        status, answer = router.call()
        assert status == 200
        assert answer["choices"][0]["message"]["content"]
        id = answer["policy_ir"]["trace"]
        while_running = policy_ir("trace", "list", "--format", "json", store=store)
        assert id in while_running.stdout
        again = policy_ir("replay", id, "--format", "json", store=store)
        assert again.returncode == 0
        assert answer["policy_ir"]["decision"] in again.stdout
        router.signal(signal.SIGTERM)
        assert router.ended() == 0
    assert "curl http://127.0.0.1:" in router.said
    assert "traces.db" in router.said
    assert id in policy_ir("trace", "list", "--format", "json", store=store).stdout
    assert policy_ir("replay", id, store=store).returncode == 0


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("stream", [False, True])
def test_a_signal_lets_a_call_on_its_way_finish_and_keeps_its_trace(tmp_path: Path, ending: int, stream: bool) -> None:
    store = tmp_path / "traces.db"
    with serving("--sandbox", "--pace", 0, *ANYWHERE, *SLOW, store=store) as router:
        waiting = router.asked(stream=stream)
        time.sleep(0.25)  # for the call to be at the provider
        router.signal(ending)
        response = waiting.getresponse()
        text = response.read().decode()
        waiting.close()
        assert response.status == 200
        assert "[DONE]" in text if stream else json.loads(text)["policy_ir"]["attempts"] == 1
        assert router.ended() == 0
    assert "Traceback" not in router.said
    listed = policy_ir("trace", "list", "--format", "json", store=store)
    (trace,) = json.loads(listed.stdout)["traces"]
    assert trace["outcome"] == "ok"
    assert trace["id"] == response.headers["x-policy-ir-trace"]


def test_an_idle_connection_does_not_hold_up_the_end(tmp_path: Path) -> None:
    with serving("--sandbox", "--pace", 0, *ANYWHERE, store=tmp_path / "traces.db") as router:
        kept = router.asked()
        kept.getresponse().read()
        with socket.create_connection((kept.host, kept.port)):  # and one that never says anything
            began = time.monotonic()
            router.signal(signal.SIGTERM)
            assert router.ended() == 0
            assert time.monotonic() - began < 5
        kept.close()


def test_a_port_in_use_is_told_kindly(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = policy_ir("serve", "--sandbox", "--port", port, store=tmp_path / "traces.db")
    assert ended.returncode == 2
    assert ended.stderr.startswith("error: the router cannot listen there: ")
    assert str(port) in ended.stderr
    assert "in use" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "which configuration?"),
        (("file.toml", "--sandbox"), "both a configuration and --sandbox are given"),
        (("file.toml", "--fault", "north/large=reset"), "--fault is for simulated providers"),
        (("--sandbox", "--port", "70000"), "--port"),
        (("--sandbox", "--port", "-1"), "--port"),
        (("--sandbox", "--pace", "-1"), "--pace"),
        (("--sandbox", "--nonsense"), "--nonsense"),
    ],
)
def test_wrong_usage_is_told(arguments: tuple[str, ...], said: str) -> None:
    ended = command("serve", *arguments)
    assert ended.code == 2
    assert said in ended.err


def test_a_missing_file_is_a_finding_and_not_a_traceback(tmp_path: Path) -> None:
    ended = command("serve", tmp_path / "none.toml")
    assert ended.code != 0
    assert "none.toml" in ended.err
    assert "Traceback" not in ended.err


def test_a_fault_that_is_none_is_refused_before_anything_listens(tmp_path: Path) -> None:
    ended = command(
        "serve", "--sandbox", "--fault", "north/lage=resett", environment={"POLICY_IR_TRACES": str(tmp_path / "t.db")}
    )
    assert ended.code == 1
    assert "PIR094" in ended.err


def test_a_public_address_without_keys_is_refused(tmp_path: Path) -> None:
    file = configuration(tmp_path, "http://127.0.0.1:9/v1")
    ended = command("serve", file, "--host", "0.0.0.0", "--check", environment={"NORTH_KEY": "sk-planted-0123456789"})
    assert ended.code == 1
    assert "PIR0913" in ended.err


def test_a_store_that_cannot_be_opened_is_a_finding(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("", "utf-8")
    ended = command("serve", "--sandbox", "--port", "0", "--store", f"sqlite:///{blocked}/traces.db")
    assert ended.code == 1
    assert "PIR0930" in ended.err


# --- with a configuration ---------------------------------------------------------------------------------------

CATALOGUE = {
    "catalog": 1,
    "vocabulary": "standard",
    "candidates": [
        {
            "id": f"north/{size}",
            "provider": "north",
            "served_by": "north",
            "family": f"sim-{size}",
            "served_model": f"sim-{size}",
            "fields": {"price_in": 1, "price_out": 3, "context": 100000},
        }
        for size in ("large", "small")
    ],
}

LARGE = '["policy", ["tag_in", "id", ["north/large"]], ["zero"], ["argmax"], ["id"], ["always", {"action": "abort"}]]'
SMALL = LARGE.replace("large", "small")


def configuration(folder: Path, url: str, *, policy: str = LARGE, more: str = "", head: str = "") -> Path:
    (folder / "catalogue.json").write_text(json.dumps(CATALOGUE), "utf-8")
    (folder / "one.json").write_text(policy, "utf-8")
    file = folder / "router.toml"
    lines = [head, 'catalogue = "catalogue.json"', more, "[policies.one]", 'file = "one.json"']
    lines += ["[providers.north]", f'url = "{url}"', 'key_env = "NORTH_KEY"']
    file.write_text("\n".join(lines) + "\n", "utf-8")
    return file


@pytest.fixture
def simulated(tmp_path: Path) -> Iterator[str]:
    """The base of a simulated provider that listens in this process."""
    import asyncio
    import threading

    from policy_ir.router.sandbox import Sandbox, read_faults

    loop = asyncio.new_event_loop()
    made = Sandbox(pace=0, faults=read_faults(["north/large=slow_tokens:ms=60"]))
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    asyncio.run_coroutine_threadsafe(made.__aenter__(), loop).result(10)
    yield made.endpoints["north"].url
    asyncio.run_coroutine_threadsafe(made.__aexit__(None, None, None), loop).result(10)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)
    loop.close()


def test_check_says_what_the_file_comes_to_with_its_warnings_and_does_not_listen(tmp_path: Path) -> None:
    file = configuration(tmp_path, "http://127.0.0.1:9/v1", more="")
    extra = '[providers.nobody]\nurl = "http://127.0.0.1:9/v1"\nserves = []\n'
    file.write_text(file.read_text("utf-8") + extra, "utf-8")
    ended = command("serve", file, "--check", environment={"NORTH_KEY": "sk-planted-0123456789"})
    assert ended.code == 0
    assert "2 providers, 1 named policy, no keys" in ended.out
    assert "warning" in ended.err
    assert "PIR0914" in ended.err
    assert "planted" not in ended.out + ended.err


def test_all_findings_of_a_file_are_told_at_their_places(tmp_path: Path) -> None:
    file = configuration(tmp_path, "ftp://127.0.0.1/v1", head="prot = 80")
    ended = command("serve", file, "--check")
    assert ended.code == 1
    assert {"PIR0902", "PIR0910", "PIR0911"} <= set(ended.err.replace("[", " ").replace("]", " ").split())
    assert "router.toml:1" in ended.err


def test_a_router_by_a_file_calls_its_provider(tmp_path: Path, simulated: str) -> None:
    file = configuration(tmp_path, simulated, policy=SMALL)
    with serving(file, *ANYWHERE, store=tmp_path / "traces.db", NORTH_KEY="sk-planted-0123456789") as router:
        status, answer = router.call(model="policy:one")
        assert (status, answer["policy_ir"]["candidate"]) == (200, "north/small")
        router.signal(signal.SIGTERM)
        assert router.ended() == 0
    assert "planted" not in router.said


def test_sighup_reads_the_file_anew_for_calls_to_come_and_drops_none(tmp_path: Path, simulated: str) -> None:
    file = configuration(tmp_path, simulated)
    with serving(file, *ANYWHERE, store=tmp_path / "traces.db", NORTH_KEY="sk-planted-0123456789") as router:
        slow = router.asked(model="policy:one", stream=True, max_tokens=16)
        response = slow.getresponse()  # its headers come with the first content
        configuration(tmp_path, simulated, policy=SMALL, head="port = 1\n", more='[traces]\nurl = "other.db"')
        router.signal(signal.SIGHUP)
        router.until("the configuration was read anew")
        assert "traces.url" in router.until("after a restart only")
        status, answer = router.call(model="policy:one")
        assert (status, answer["policy_ir"]["candidate"]) == (200, "north/small")
        text = response.read().decode()
        slow.close()
        assert text.rstrip().endswith("data: [DONE]")
        assert '"candidate":"north/large"' in text
        assert response.headers["x-policy-ir-policy"] != answer["policy_ir"]["policy"]
        router.signal(signal.SIGTERM)
        assert router.ended() == 0


def test_a_broken_file_changes_nothing_and_says_why(tmp_path: Path, simulated: str) -> None:
    file = configuration(tmp_path, simulated, policy=SMALL)
    with serving(file, *ANYWHERE, store=tmp_path / "traces.db", NORTH_KEY="sk-planted-0123456789") as router:
        configuration(tmp_path, simulated, policy='["policy"]', head="prot = 80\n")
        router.signal(signal.SIGHUP)
        router.until("the router goes on with the configuration it had")
        assert "PIR0902" in router.said
        assert "did you mean `port`?" in router.said
        assert router.call(model="policy:one")[1]["policy_ir"]["candidate"] == "north/small"
        file.unlink()
        router.said = ""
        router.signal(signal.SIGHUP)
        router.until("the router goes on with the configuration it had")
        assert router.call(model="policy:one")[0] == 200
        configuration(tmp_path, simulated, policy=SMALL)
        router.said = ""
        router.signal(signal.SIGHUP)
        router.until("the configuration was read anew")
        assert "restart" not in router.said


# --- without the extra ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("missing", ["aiohttp", "sqlalchemy"])
def test_without_the_extra_the_verb_says_how_to_get_it(missing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, missing, None)
    ended = command("serve", "--sandbox")
    assert ended.code == 2
    assert 'pip install "policy-ir[router]"' in ended.err
    assert missing in ended.err


def test_a_store_whose_extra_is_missing_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    ended = command("serve", "--sandbox", "--store", "postgresql://127.0.0.1:1/traces")
    assert (ended.code, ended.err) == (2, 'error: a trace store needs more: pip install "policy-ir[postgres]"\n')
