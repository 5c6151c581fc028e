"""Secrets: what is used and never shown."""

from __future__ import annotations

import copy
import json
import logging
import pickle

import attrs
import pytest

from policy_ir.router.config import Endpoint
from policy_ir.router.secrets import HIDDEN, Secret

PLANTED = "sk-planted-0123456789"


def test_a_secret_gives_its_text_away_only_when_asked() -> None:
    assert Secret(PLANTED).reveal() == PLANTED


@pytest.mark.parametrize(
    "show",
    [repr, str, "{}".format, "{:>40}".format, "{!r}".format, "%s".__mod__, lambda secret: f"{secret!s:.50}"],
)  # fmt: skip
def test_a_secret_shows_as_stars_in_every_format(show: object) -> None:
    shown = show(Secret(PLANTED))  # type: ignore[operator]
    assert PLANTED not in shown
    assert HIDDEN in shown


def test_an_endpoint_shows_neither_its_key_nor_its_secret_headers() -> None:
    endpoint = Endpoint(name="a", url="https://a.example", key=Secret(PLANTED), headers={"x-key": Secret(PLANTED)})
    assert PLANTED not in repr(endpoint)
    assert PLANTED not in repr(attrs.asdict(endpoint))
    assert [secret.reveal() for secret in endpoint.secrets] == [PLANTED, PLANTED]


def test_a_secret_cannot_be_written_down(caplog: pytest.LogCaptureFixture) -> None:
    secret = Secret(PLANTED)
    for write in (pickle.dumps, json.dumps, vars):
        with pytest.raises(TypeError):
            write(secret)
    logging.getLogger("test").warning("the key is %s, %r", secret, secret)
    assert PLANTED not in caplog.text


def test_a_secret_that_is_copied_is_the_same_one() -> None:
    secret = Secret(PLANTED)
    assert copy.copy(secret) is secret
    assert copy.deepcopy({"key": secret})["key"] is secret


def test_secrets_are_equal_by_their_text_and_are_no_keys_of_tables() -> None:
    assert Secret("a") == Secret("a") != Secret("b")
    assert Secret("a") != "a"
    assert Secret("é\ud800") == Secret("é\ud800")
    with pytest.raises(TypeError):
        hash(Secret("a"))
