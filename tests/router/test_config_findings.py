"""What is found wrong in a configuration: all of it, each at its place, and never a secret with it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from policy_ir.diagnostics import Refused, render_human, to_json
from policy_ir.router.config import load_config, read_config
from policy_ir.router.config_keys import SECTIONS

ENVIRONMENT = {"OPENAI_API_KEY": "sk-example", "ANTHROPIC_API_KEY": "sk-ant", "GEMINI_API_KEY": "gm", "BAD_KEY": "a\nb"}
OPENAI = '[providers.openai]\nkind = "openai"\n'
DIGEST = "blake3:" + "0" * 64


def refusal(text: str) -> Refused:
    with pytest.raises(Refused) as refused:
        read_config(text, "router.toml", ENVIRONMENT)
    return refused.value


def found_in(text: str) -> list[tuple[str, str | None, int | None]]:
    """Code, pointer and line of each finding."""
    refused = refusal(text)
    shown = [to_json(one, refused.texts) for one in refused.diagnostics]
    return [(one["code"], one["pointer"], (one["span"] or {}).get("line")) for one in shown]


# --- one slip at a time ---------------------------------------------------------------------------------------

SLIPS = [
    ("host = 127.0.0.1", "PIR0901", None, 1),
    (OPENAI + "[limits\n", "PIR0901", None, 3),
    (OPENAI + "a = " + "[" * 5000, "PIR0310", None, None),
    ("hots = 'localhost'\n" + OPENAI, "PIR0902", "/hots", 1),
    (OPENAI + "host = 'localhost'\n", "PIR0902", "/providers/openai/host", 3),
    (OPENAI + "[provider.x]\nkind = 'openai'\n", "PIR0902", "/provider", 3),
    (OPENAI + "[breaker]\nfailure = 3\n", "PIR0902", "/breaker/failure", 4),
    (OPENAI + "[telemetry]\nurl = 'http://x'\n", "PIR0902", "/telemetry/url", 4),
    (OPENAI + "headers = { x = { e = 1, env = 'OPENAI_API_KEY' } }\n", "PIR0902", "/providers/openai/headers/x/e", 3),
    ("port = 80\n", "PIR0903", "", 1),
    ("[providers]\n", "PIR0903", "/providers", 1),
    ("[providers.openai]\nkey_env = 'OPENAI_API_KEY'\n", "PIR0903", "/providers/openai", 1),
    (OPENAI + "[policies.p]\nabout = 'x'\n", "PIR0903", "/policies/p", 3),
    (OPENAI + "[keys.app]\nrate = 3\n", "PIR0903", "/keys/app", 3),
    (OPENAI + f"[keys.app]\ndigest = '{DIGEST}'\nburst = 3\n", "PIR0903", "/keys/app", 3),
    (OPENAI + "headers = { x = {} }\n", "PIR0903", "/providers/openai/headers/x", 3),
    ("providers = 3\n", "PIR0904", "/providers", 1),
    ("port = '80'\n" + OPENAI, "PIR0904", "/port", 1),
    ("port = 80.0\n" + OPENAI, "PIR0904", "/port", 1),
    ("port = true\n" + OPENAI, "PIR0904", "/port", 1),
    ("floor = 3\n" + OPENAI, "PIR0904", "/floor", 1),
    (OPENAI + "stream_usage = 1\n", "PIR0904", "/providers/openai/stream_usage", 3),
    (OPENAI + "serves = 'openai'\n", "PIR0904", "/providers/openai/serves", 3),
    (OPENAI + "serves = ['openai', 3]\n", "PIR0904", "/providers/openai/serves", 3),
    (OPENAI + "headers = { x = 3 }\n", "PIR0904", "/providers/openai/headers/x", 3),
    (OPENAI + "models = { a = 3 }\n", "PIR0904", "/providers/openai/models/a", 3),
    (OPENAI + "[limits]\nidle_ms = '3s'\n", "PIR0904", "/limits/idle_ms", 4),
    (OPENAI + "[policies]\np = 'support'\n", "PIR0904", "/policies/p", 4),
    (OPENAI + "[traces]\nprompts = 'no'\n", "PIR0904", "/traces/prompts", 4),
    ("port = 65536\n" + OPENAI, "PIR0905", "/port", 1),
    ("host = ''\n" + OPENAI, "PIR0905", "/host", 1),
    ("[providers.openai]\nkind = 'opena'\n", "PIR0905", "/providers/openai/kind", 2),
    (OPENAI + "[limits]\nidle_ms = nan\n", "PIR0905", "/limits/idle_ms", 4),
    (OPENAI + "[limits]\ntotal_ms = inf\n", "PIR0905", "/limits/total_ms", 4),
    (OPENAI + "headers = { x = \"a\\nb\" }\n", "PIR0905", "/providers/openai/headers/x", 3),
    (OPENAI + "headers = { 'x y' = 'a' }\n", "PIR0905", "/providers/openai/headers/x y", 3),
    (OPENAI + "headers = { Host = 'a' }\n", "PIR0905", "/providers/openai/headers/Host", 3),
    (OPENAI + "[policies.'a b']\npreset = 'support'\n", "PIR0905", "/policies/a b", 3),
    (OPENAI + "[traces]\nkeep_days = 0\n", "PIR0905", "/traces/keep_days", 4),
    (OPENAI + "[policies.p]\npreset = 'support'\nfile = 'x'\n", "PIR0906", "/policies/p/file", 5),
    ("floor = 'x'\nfloor_text = 'filter true'\n" + OPENAI, "PIR0906", "/floor_text", 2),
    (OPENAI + "[traces]\nurl = 'x'\nurl_env = 'Y'\n", "PIR0906", "/traces/url_env", 5),
    (OPENAI + "[policies.p]\npreset = 'suport'\n", "PIR0907", "/policies/p/preset", 4),
    (OPENAI + "serves = ['opnai']\n", "PIR0907", "/providers/openai/serves/0", 3),
    (OPENAI + "models = { a = 'b' }\n", "PIR0907", "/providers/openai/models/a", 3),
    (OPENAI + f"[keys.app]\ndigest = '{DIGEST}'\npolicies = ['p']\n", "PIR0907", "/keys/app/policies/0", 5),
    (OPENAI + "[telemetry]\notlp = 'collector:4318'\n", "PIR0910", "/telemetry/otlp", 4),
    ("[providers.openai]\nkind = 'openai'\nkey_env = 'OPENAI_KEY'\n", "PIR0911", "/providers/openai/key_env", 3),
    (OPENAI + "headers = { x = { env = 'BAD_KEY' } }\n", "PIR0911", "/providers/openai/headers/x/env", 3),
    (OPENAI + "[traces]\nurl_env = 'TRACES'\n", "PIR0911", "/traces/url_env", 4),
    (OPENAI + "[traces]\nurl = 'postgresql://a:b@c/d'\n", "PIR0912", "/traces/url", 4),
    (OPENAI + "token = 'x'\n", "PIR0912", "/providers/openai/token", 3),
    (OPENAI + "headers = { Authorization = 'Bearer x' }\n", "PIR0912", "/providers/openai/headers/Authorization", 3),
    (OPENAI + "[keys.app]\nkey = 'pir_x'\n" + f"digest = '{DIGEST}'\n", "PIR0912", "/keys/app/key", 4),
    ("token = 'x'\n" + OPENAI, "PIR0912", "/token", 1),
    ("[providers.openai]\nkind = 3\n", "PIR0904", "/providers/openai/kind", 2),
    ("host = '::'\n" + OPENAI, "PIR0913", "/host", 1),
    (OPENAI + "capabilities = ['supports_tool']\n", "PIR0915", "/providers/openai/capabilities/0", 3),
    (OPENAI + "[providers.b]\nurl = 'http://b'\nserves = ['openai']\n", "PIR0916", "/providers/b/serves/0", 5),
    ("[providers.b]\nurl = 'http://b'\nserves = ['openai']\n" + OPENAI, "PIR0916", "/providers/openai", 4),
    (OPENAI + f"[keys.app]\ndigest = '{DIGEST[:-1]}'\n", "PIR0917", "/keys/app/digest", 4),
    (OPENAI + f"[keys.a]\ndigest = '{DIGEST}'\n[keys.b]\ndigest = '{DIGEST}'\n", "PIR0919", "/keys/b/digest", 6),
    ("vocabulary = 'standrd'\n" + OPENAI, "PIR0702", "/vocabulary", 1),
    ("catalogue = 'nowhere.json'\n" + OPENAI, "PIR0001", "/catalogue", 1),
    ("floor = 'nowhere.policy'\n" + OPENAI, "PIR0001", "/floor", 1),
    (OPENAI + "[policies.p]\nfile = 'nowhere.policy'\n", "PIR0001", "/policies/p/file", 4),
    (OPENAI + "[policies.p]\npolicy = ''\n", "PIR0005", "/policies/p/policy", 4),
    (OPENAI + "[policies.p]\npolicy = '[\"top\"]'\n", "PIR0213", "/policies/p/policy", 4),
    ("floor_text = 'rank zero'\n" + OPENAI, "PIR0203", "/floor_text", 1),
]  # fmt: skip


@pytest.mark.parametrize(("text", "code", "pointer", "line"), SLIPS, ids=range(len(SLIPS)))
def test_a_slip_is_found_at_its_place_and_nothing_follows_from_it(
    text: str, code: str, pointer: str | None, line: int | None
) -> None:
    assert found_in(text) == [(code, pointer, line)]


@pytest.mark.parametrize(
    "url",
    ["", "localhost:8000", "ftp://a/v1", "https://", "https://u:p@a/v1", "https://u@a/v1", "https://a/v1?key=x",
     "https://a/v1#x", "https://a b/", "https://[::1/v1", "https://a:99999/v1", "https://a:0/", "file:///etc/passwd",
     "https://api.openai.com/v1/chat/completions", "https://a/v1?"],
)  # fmt: skip
def test_an_address_that_calls_cannot_go_to_is_refused(url: str) -> None:
    (found,) = found_in(f"[providers.a]\nurl = '{url}'\nserves = ['openai']\n")
    assert found == ("PIR0910" if url else "PIR0905", "/providers/a/url", 2)


def test_a_key_under_the_wrong_table_is_said_to_belong_above_all() -> None:
    (found,) = refusal(OPENAI + "port = 80\n").diagnostics
    assert found.help is not None
    assert "move it up" in found.help


@pytest.mark.parametrize(
    ("text", "near"),
    [("hots = 'x'\n" + OPENAI, "host"), (OPENAI + "[policies.p]\npreset = 'suport'\n", "support"),
     (OPENAI + "capabilities = ['supports_tool']\n", "supports_tools"), (OPENAI + "serves = ['opnai']\n", "openai"),
     ("[providers.openai]\nkind = 'openai'\nkey_env = 'OPENAI_KEY'\n", "OPENAI_API_KEY"),
     ("vocabulary = 'standrd'\n" + OPENAI, "standard"), ("[providers.openai]\nkind = 'antropic'\n", "anthropic")],
)  # fmt: skip
def test_a_misspelt_name_is_told_what_it_is_like(text: str, near: str) -> None:
    (found,) = refusal(text).diagnostics
    assert found.help == f"did you mean `{near}`?"


# --- several at once ------------------------------------------------------------------------------------------


def test_everything_is_found_at_once_in_the_order_of_the_text_and_then_of_other_files(tmp_path: Path) -> None:
    tmp_path.joinpath("support.policy").write_text("policy {\n  filter price_ou <= 5 and tier >= gold\n}\n", "utf-8")
    path = tmp_path / "router.toml"
    path.write_text(
        """\
host = "0.0.0.0"
[providers.openai]
kind = "openai"
api_key = "sk-proj-1234567890abcdefghijkl"
time_outs = { connect_ms = 100 }
[policies.support]
file = "support.policy"
[policies.again]
file = "support.policy"
[policies.cheap]
policy = '''
policy {
  filter pric_in <= 5
  rank   neg(price_in) +
}
'''
[limits]
attempts = "many"
concurent = 4
""",
        "utf-8",
    )
    with pytest.raises(Refused) as refused:
        load_config(path, ENVIRONMENT)
    shown = [to_json(one, refused.value.texts) for one in refused.value.diagnostics]
    placed = [(Path(one["source"]).name, one["code"], one["span"]["line"]) for one in shown]
    assert placed[:4] == [
        ("router.toml", "PIR0913", 1),
        ("router.toml", "PIR0912", 4),
        ("router.toml", "PIR0902", 5),
        ("router.toml", "PIR0102", 14),
    ]
    assert placed[4:] == [
        ("router.toml", "PIR0904", 18),
        ("router.toml", "PIR0902", 19),
        ("support.policy", "PIR0401", 2),
        ("support.policy", "PIR0403", 2),
    ]


def test_a_policy_in_the_file_is_marked_in_its_line_even_where_it_is_written_with_escapes() -> None:
    verbatim = refusal(OPENAI + "[policies.p]\npolicy = 'policy { filter pric_in <= 5 }'\n")
    escaped = refusal(OPENAI + '[policies.p]\npolicy = "policy {\\n filter pric_in <= 5 }"\n')
    for refused, marked in ((verbatim, "pric_in"), (escaped, '"policy {\\n filter pric_in <= 5 }"')):
        (found,) = refused.diagnostics
        assert found.span is not None
        document = refused.documents["router.toml"]
        assert document.text[found.span.start : found.span.end] == marked


def test_the_shipped_catalogue_under_a_vocabulary_that_it_does_not_fit_is_one_finding() -> None:
    (found,) = refusal("vocabulary = 'core'\n" + OPENAI).diagnostics
    assert (found.code.code, found.pointer) == ("PIR0604", "/vocabulary")


def test_a_broken_vocabulary_hides_nothing_else_and_nothing_follows_from_it() -> None:
    codes = [
        code for code, _, _ in found_in("vocabulary = 'x'\nport = ''\n" + OPENAI + "[policies.p]\npreset = 'rag'\n")
    ]
    assert codes == ["PIR0702", "PIR0904"]


# --- warnings -------------------------------------------------------------------------------------------------


def test_an_endpoint_that_serves_nobody_is_a_warning() -> None:
    config = read_config("[providers.open-ai]\nkind = 'openai'\n", "router.toml", ENVIRONMENT)
    (found,) = config.warnings
    assert (found.code.code, found.pointer, found.help) == ("PIR0914", "/providers/open-ai", "did you mean `openai`?")
    assert config.document is not None
    assert "router.toml:1:1" in render_human(config.warnings, config.document)


def test_candidates_of_a_named_catalogue_that_nobody_serves_are_one_warning(tmp_path: Path) -> None:
    rows = [{"id": f"{route}/m", "provider": route, "family": "m"} for route in ("openai", "a", "b", "c", "d")]
    catalogue = {"catalog": 1, "vocabulary": "standard", "candidates": rows}
    tmp_path.joinpath("house.json").write_text(json.dumps(catalogue), "utf-8")
    tmp_path.joinpath("router.toml").write_text('catalogue = "house.json"\n' + OPENAI, "utf-8")
    (found,) = load_config(tmp_path / "router.toml", ENVIRONMENT).warnings
    assert (found.code.code, found.message) == ("PIR0918", "4 of 5 candidates are served by no endpoint")
    assert found.found == "candidates with the `served_by` `a`, `b`, `c` and 1 more"


# --- secrets --------------------------------------------------------------------------------------------------

PLANTED = "sk-proj-Zq8vN2xW7mT4yR1p"
HEX = "9f86d081884c7d659a2feaa0c55ad015"
PLACES = [
    "[providers.openai]\nkind = 'openai'\napi_key = '{}'\n",
    "[providers.openai]\nkind = 'openai'\nkey = \"{}\"\n",
    "[providers.openai]\nkind = 'openai'\nkey_env = '{}'\n",
    "[providers.openai]\nkind = '{}'\n",
    "[providers.openai]\nkind = 'openai'\nkey_envv = '{}'\n",
    "[providers.openai]\nkind = 'openai'\nurl = 'https://user:{}@a.example/v1'\n",
    "[providers.openai]\nkind = 'openai'\nurl = 'https://{}@a.example/v1'\n",
    "[providers.openai]\nkind = 'openai'\nurl = 'https://a.example/v1?key={}'\n",
    "[providers.openai]\nkind = 'openai'\nheaders = {{ Authorization = 'Bearer {}' }}\n",
    "[providers.openai]\nkind = 'openai'\nheaders = {{ x-api-key = '{}', x = 3 }}\n",
    "[providers]\nopenai = '{}'\n",
    OPENAI + "[keys.app]\ndigest = '{}'\n",
    OPENAI + "[keys]\napp = '{}'\n",
    OPENAI + "[keys.app]\nbearer_token = '''\n{}\n'''\n",
    OPENAI + "[traces]\nurl = 'postgresql://router:{}@db/traces'\n",
    OPENAI + "[traces]\nurl_env = 'postgresql://router:{}@db/traces'\n",
    OPENAI + "api_key = {}\n",
    OPENAI + "headers = {{ authorization = {} }}\n",
    OPENAI + "secrets = {{ a = ['{}'], b = 3 }}\n",
    "port = {{ api_key = '{}' }}\n" + OPENAI,
]


@pytest.mark.parametrize(
    ("place", "secret"),
    [(place, PLANTED) for place in PLACES]
    # Under another key, nothing tells these digits from a misspelt word.
    + [(place, HEX) for place in PLACES if not re.search("kind = '{}'|key_envv", place)],
)
def test_a_secret_that_stands_in_the_file_is_in_no_finding_and_in_no_line_that_is_shown(
    place: str, secret: str
) -> None:
    refused = refusal(place.format(secret))
    shown = render_human(refused.diagnostics, refused.texts) + repr(refused) + repr(refused.diagnostics)
    shown += json.dumps([to_json(one, refused.texts) for one in refused.diagnostics])
    assert secret not in shown
    assert secret[6:] not in shown


def test_a_secret_of_the_environment_is_in_no_finding() -> None:
    environment = {"OPENAI_API_KEY": f"{PLANTED}\r\nx: y"}
    with pytest.raises(Refused) as refused:
        read_config(OPENAI, "router.toml", environment)
    assert PLANTED not in render_human(refused.value.diagnostics, refused.value.texts)


# --- any text at all ------------------------------------------------------------------------------------------

_KEYS = sorted({key for section in SECTIONS for key in section.options} | {"x", "openai"})
_VALUES = st.recursive(
    st.none().map(lambda _: True) | st.integers(-3, 2**70) | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(_KEYS), inner, max_size=4),
    max_leaves=12,
)


def _toml(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {_toml(part)}" for key, part in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    if isinstance(value, str):
        return json.dumps(value).replace("\\ud", "\\u0")
    return str(value).lower()


def outcome(text: str) -> Refused | None:
    try:
        read_config(text, "router.toml", ENVIRONMENT)
    except Refused as refused:
        return refused
    return None


@settings(max_examples=150)
@given(st.dictionaries(st.sampled_from(_KEYS), _VALUES, min_size=1, max_size=6))
def test_any_content_is_read_or_refused_with_places(content: dict[str, object]) -> None:
    refused = outcome("".join(f"{key} = {_toml(value)}\n" for key, value in content.items()))
    if refused is not None:
        assert all(found.span is not None for found in refused.diagnostics)
        assert render_human(refused.diagnostics, refused.texts)


@given(st.text(max_size=200))
def test_any_text_is_refused_or_read(text: str) -> None:
    refused = outcome(text)
    assert refused is None or refused.diagnostics
