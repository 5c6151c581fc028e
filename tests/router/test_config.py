"""What a configuration file makes of a router."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from policy_ir.candidate import Candidate
from policy_ir.diagnostics import Refused
from policy_ir.presets import PRESETS, preset
from policy_ir.router.config import Config, Limits, Timeouts, load_config, loopback, read_config
from policy_ir.router.secrets import Secret

ENVIRONMENT = {"OPENAI_API_KEY": "sk-example", "ANTHROPIC_API_KEY": "sk-ant", "GEMINI_API_KEY": "gm", "OTHER": "other"}
OPENAI = '[providers.openai]\nkind = "openai"\n'
DIGEST = "blake3:" + "0" * 64


def read(text: str) -> Config:
    return read_config(text, "router.toml", ENVIRONMENT)


# --- what a file need not say ---------------------------------------------------------------------------------


def test_one_provider_is_enough() -> None:
    config = read(OPENAI)
    assert (config.host, config.port, config.keys, config.policies, config.floor) == ("127.0.0.1", 8080, {}, {}, None)
    assert config.limits == Limits()
    assert config.vocabulary.name == "standard"
    assert len(config.catalogue.listed) == 590
    assert (config.traces.url, config.traces.prompts, config.traces.keep_days, config.telemetry.otlp) == (
        None, False, None, None,
    )  # fmt: skip
    assert config.warnings == ()


@pytest.mark.parametrize(
    ("kind", "url", "key"),
    [
        ("openai", "https://api.openai.com/v1", "sk-example"),
        ("anthropic", "https://api.anthropic.com/v1", "sk-ant"),
        ("gemini", "https://generativelanguage.googleapis.com/v1beta/openai", "gm"),
    ],
)
def test_a_kind_comes_with_its_address_and_the_variable_of_its_key(kind: str, url: str, key: str) -> None:
    endpoint = read(f'[providers.{kind}]\nkind = "{kind}"\n').providers[kind]
    assert (endpoint.url, endpoint.key) == (url, Secret(key))
    assert endpoint.capabilities is not None
    assert {"supports_tools", "supports_vision"} <= endpoint.capabilities
    assert endpoint.serves == {kind}


def test_what_a_compatible_endpoint_ignores_it_does_not_honour() -> None:
    endpoint = read('[providers.anthropic]\nkind = "anthropic"\n').providers["anthropic"]
    ignored = {"json_mode", "structured_outputs", "logprobs", "seed", "audio", "prompt_cache"}
    assert endpoint.capabilities is not None
    assert not endpoint.capabilities & {f"supports_{name}" for name in ignored}


def test_any_other_server_needs_an_address_only() -> None:
    config = read('[providers.local]\nurl = "http://localhost:8000/v1/"\nserves = ["openai"]\n')
    endpoint = config.providers["local"]
    assert (endpoint.url, endpoint.key, endpoint.capabilities) == ("http://localhost:8000/v1", None, None)
    assert (endpoint.kind, endpoint.headers, endpoint.models, endpoint.stream_usage) == ("compatible", {}, {}, False)


# --- what it can say ------------------------------------------------------------------------------------------


def test_an_endpoint_can_be_told_everything() -> None:
    endpoint = read(
        """
[limits]
idle_ms = 1000

[providers.openai]
kind = "openai"
url = "https://gateway.example/openai/v1/"
key_env = "OTHER"
capabilities = ["supports_tools"]
serves = ["azure", "openai/gpt-5.2"]
stream_usage = true
timeouts = { connect_ms = 100, total_ms = 2.5e3 }
[providers.openai.headers]
x-title = "house"
x-api-key = { env = "ANTHROPIC_API_KEY" }
[providers.openai.models]
"openai/gpt-5.2" = "house-large"
"""
    ).providers["openai"]
    assert (endpoint.url, endpoint.key) == ("https://gateway.example/openai/v1", Secret("other"))
    assert endpoint.headers == {"x-title": "house", "x-api-key": Secret("sk-ant")}
    assert (endpoint.capabilities, endpoint.serves) == ({"supports_tools"}, {"azure", "openai/gpt-5.2"})
    assert endpoint.models == {"openai/gpt-5.2": "house-large"}
    assert endpoint.timeouts == Timeouts(connect_ms=100, first_token_ms=60_000, idle_ms=1000, total_ms=2500)
    assert endpoint.stream_usage


def test_a_candidate_goes_to_the_endpoint_that_lists_it_before_that_of_its_route() -> None:
    config = read(
        OPENAI + '[providers.house]\nurl = "http://house.example/v1"\nserves = ["openai/gpt-5.2"]\n'
    )  # fmt: skip
    listed = {one.id: one for one in config.catalogue.listed}
    assert _name(config, listed["openai/gpt-5.2"]) == "house"
    assert _name(config, next(one for one in config.catalogue.listed if one.id.startswith("openai/gpt-4"))) == "openai"
    assert config.endpoint_of(Candidate(id="a/b", provider="a", family="b")) is None


def _name(config: Config, candidate: Candidate) -> str | None:
    endpoint = config.endpoint_of(candidate)
    return None if endpoint is None else endpoint.name


def test_a_bearer_key_can_be_held_to_less() -> None:
    keys = read(
        f"""
[providers.openai]
kind = "openai"
[policies.support]
preset = "support"
[keys.app]
digest = "{DIGEST}"
floor_text = "filter price_out <= 10"
rate = 30
policies = ["support"]
inline = false
[keys.ops]
digest = "{DIGEST[:-1]}1"
admin = true
"""
    ).keys
    app, ops = keys["app"], keys["ops"]
    assert (app.rate, app.burst, app.policies, app.inline, app.admin) == (30.0, 5, {"support"}, False, False)
    assert app.floor is not None
    assert app.floor.vocabulary is not None
    assert (ops.rate, ops.policies, ops.inline, ops.admin, ops.floor) == (None, None, True, True, None)


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_can_be_a_named_policy(name: str) -> None:
    policy = read(OPENAI + f'[policies.house]\npreset = "{name}"\n').policies["house"]
    assert policy.about == preset(name).title
    assert policy.admitted.sort == "Policy"


def test_a_policy_can_be_written_in_the_file_in_either_syntax() -> None:
    policies = read(
        OPENAI
        + """
[policies.authoring]
policy = '''
policy {
  filter meets_req
  rank   neg(price_in)
}
'''
about = "the cheapest that fits"
[policies.wire]
policy = '["policy", ["meets_req"], ["zero"], ["argmax"], ["id"], ["always", {"action": "abort"}]]'
"""
    ).policies
    assert policies["authoring"].about == "the cheapest that fits"
    assert {policy.admitted.vocabulary.name for policy in policies.values()} == {"standard"}
    document = policies["authoring"].admitted.document
    assert document is not None
    assert document.name == "policies.authoring"


def test_files_are_looked_for_beside_the_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir("/")
    catalogue = {"catalog": 1, "vocabulary": "house", "candidates": [{"id": "a/b", "provider": "a", "family": "b"}]}
    house = {"vocabulary": 1, "name": "house", "extends": "standard", "tiers": ["fallback", "marketplace", "partner"]}
    files = {
        "router.toml": 'vocabulary = "house.json"\ncatalogue = "catalogue.json"\nfloor = "floor.policy"\n'
        '[providers.a]\nurl = "http://a.example"\n[policies.p]\nfile = "p.policy"\n[traces]\nurl = "traces.db"\n',
        "house.json": json.dumps(house),
        "catalogue.json": json.dumps(catalogue),
        "floor.policy": "filter price_in <= 5\n",
        "p.policy": preset("support").text,
    }
    for name, text in files.items():
        tmp_path.joinpath(name).write_text(text, "utf-8")
    config = load_config(tmp_path / "router.toml", {})
    assert config.vocabulary.name == "house"
    assert [one.id for one in config.catalogue.listed] == ["a/b"]
    assert config.floor is not None
    assert config.policies["p"].admitted.vocabulary is config.vocabulary
    assert config.traces.url == str(tmp_path / "traces.db")
    assert config.warnings == ()


def test_the_url_of_a_store_with_a_password_comes_from_the_environment() -> None:
    text = OPENAI + '[traces]\nurl_env = "TRACES"\nprompts = true\nkeep_days = 30\n'
    config = read_config(text, "router.toml", {**ENVIRONMENT, "TRACES": "postgresql://router:hunter2@db/traces"})
    assert config.traces.url == "postgresql://router:hunter2@db/traces"
    assert (config.traces.prompts, config.traces.keep_days) == (True, 30.0)
    assert "hunter2" not in repr(config.traces)


def test_the_environment_is_that_of_the_process_where_none_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", " sk-from-outside\n")
    path = tmp_path / "router.toml"
    path.write_text(OPENAI, "utf-8")
    assert load_config(path).secrets == (Secret("sk-from-outside"),)


def test_line_ends_of_another_system_change_nothing() -> None:
    text = OPENAI + "[policies.p]\npolicy = '''\npolicy {\n  filter meets_req\n}\n'''\n"
    plain, other = read(text), read(text.replace("\n", "\r\n"))
    assert plain.policies["p"].admitted.fingerprint == other.policies["p"].admitted.fingerprint


# --- who can reach it -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.8.9.1", "::1", "0:0:0:0:0:0:0:1"])
def test_loopback_is_this_machine_only(host: str) -> None:
    assert loopback(host)
    assert read(f'host = "{host}"\n{OPENAI}').host == host


@pytest.mark.parametrize(
    "host",
    ["0.0.0.0", "::", "10.0.0.1", "192.168.1.5", "house.example", "localhost.example", "127.1", "2130706433",
     "0x7f.0.0.1", "::ffff:127.0.0.1", "[::1]", "::2", "128.0.0.1", " 127.0.0.1"],
)  # fmt: skip
def test_without_keys_every_other_address_is_refused(host: str) -> None:
    assert not loopback(host)
    with pytest.raises(Refused) as refused:
        read(f'host = "{host}"\n{OPENAI}')
    assert [found.code.code for found in refused.value.diagnostics] == ["PIR0913"]
    assert read(f'host = "{host}"\n{OPENAI}[keys.app]\ndigest = "{DIGEST}"\n').host == host


def test_an_address_from_the_command_line_is_held_to_the_same() -> None:
    config = read(OPENAI)
    assert (config.listening("127.0.0.2", 0).host, config.listening("127.0.0.2", 0).port) == ("127.0.0.2", 0)
    assert (config.listening().host, config.listening().port) == ("127.0.0.1", 8080)
    with pytest.raises(Refused, match="PIR0913"):
        config.listening("0.0.0.0")
    keyed = read(f'{OPENAI}[keys.app]\ndigest = "{DIGEST}"\n')
    assert keyed.listening("0.0.0.0").host == "0.0.0.0"
