"""Making bearer keys."""

from __future__ import annotations

import tomllib

import pytest
from commands import command, fine

from policy_ir.router.auth import Keyring, digest_of
from policy_ir.router.config import read_config

PROVIDER = '[providers.openai]\nkind = "openai"\n'
ENVIRONMENT = {"OPENAI_API_KEY": "sk-example"}


def test_a_new_key_comes_with_the_lines_that_make_a_router_know_it() -> None:
    shown = fine("key", "new", "app").out
    key, _, rest = shown.partition("\n")
    lines = rest[rest.index("[keys.") :]
    assert tomllib.loads(lines) == {"keys": {"app": {"digest": digest_of(key)}}}
    config = read_config(PROVIDER + lines, "router.toml", ENVIRONMENT)
    known = Keyring(config.keys).who(f"Bearer {key}")
    assert known is not None
    assert known.name == "app"
    assert key not in lines


def test_the_lines_say_what_the_key_may_do() -> None:
    made = fine("key", "new", "ops.team", "--rate", 90, "--admin", "--format", "json").json
    assert set(made) == {"name", "key", "digest", "toml"}
    config = read_config(PROVIDER + made["toml"], "router.toml", ENVIRONMENT)
    known = config.keys["ops.team"]
    assert (known.digest, known.rate, known.burst, known.admin) == (digest_of(made["key"]), 90.0, 15, True)


def test_no_two_keys_are_alike() -> None:
    assert len({fine("key", "new", "a", "--format", "json").json["key"] for _ in range(5)}) == 5


@pytest.mark.parametrize("name", ["", "a b", "-", ".", "é", "x" * 65, 'a"]\n[limits', "a/b"])
def test_what_the_file_cannot_have_as_a_name_is_wrong_usage(name: str) -> None:
    ended = command("key", "new", "--", name)
    assert ended.code == 2
    assert ended.out == ""


@pytest.mark.parametrize("rate", ["0", "-1", "nan", "many", "1e9"])
def test_a_rate_that_is_none_is_wrong_usage(rate: str) -> None:
    assert command("key", "new", "app", f"--rate={rate}").code == 2
