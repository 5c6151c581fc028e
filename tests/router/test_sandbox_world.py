"""The catalogue and the policies of the sandbox: simulated by name, and made so that something happens."""

from __future__ import annotations

import json
from importlib import resources

import jsonschema
import pytest

import policy_ir
from policy_ir.catalogs import catalog_json, read_catalog
from policy_ir.lints import lint
from policy_ir.router.sandbox import Sandbox, sandbox_catalogue, sandbox_policies
from policy_ir.snapshot import Snapshot
from policy_ir.vocabulary import vocabulary

STANDARD = vocabulary("standard")
SNAPSHOT = Snapshot.take(sandbox_catalogue(), STANDARD)
BODY = {"messages": [{"role": "user", "content": "Hello"}]}


def order(name: str, **base: object) -> list[str]:
    """The candidates that a policy of the sandbox would try for a small request."""
    facts = policy_ir.facts_of_chat(BODY, STANDARD, base=base)
    return [ranked.id for ranked in policy_ir.decide(sandbox_policies()[name].admitted, SNAPSHOT, facts, 7).ordered]


def test_the_catalogue_fits_the_schema_and_is_written_as_it_would_be_printed() -> None:
    folder = resources.files("policy_ir").joinpath("data")
    text = folder.joinpath("catalogs", "sandbox.json").read_text("utf-8")
    jsonschema.validate(
        json.loads(text), json.loads(folder.joinpath("schemas", "catalog.schema.json").read_text("utf-8"))
    )
    catalogue = sandbox_catalogue()
    assert text == catalog_json(catalogue.listed, catalogue.vocabulary_name, about=catalogue.about, date=catalogue.date)


def test_every_model_says_that_it_is_simulated() -> None:
    assert all("sim-" in candidate.served_model for candidate in sandbox_catalogue().listed)


def test_a_family_is_at_two_providers_so_that_the_same_model_can_be_elsewhere() -> None:
    at = {
        family: {one.provider for one in sandbox_catalogue().listed if one.family == family}
        for family in ("sim-large", "sim-small")
    }
    assert at == {"sim-large": {"north", "south"}, "sim-small": {"north", "east"}}
    assert order("resilient")[:2] == ["north/large", "south/large"]


@pytest.mark.parametrize("name", sandbox_policies())
def test_a_policy_of_the_sandbox_has_a_title_no_warning_of_its_own_and_two_candidates_to_try(name: str) -> None:
    policy = sandbox_policies()[name]
    assert policy.about
    assert lint(policy.admitted) == []
    assert len(order(name)) >= 2


def test_the_policies_choose_otherwise_for_the_same_request() -> None:
    firsts = {name: order(name)[0] for name in ("resilient", "cheapest", "best", "private", "support")}
    assert firsts == {
        "resilient": "north/large",
        "cheapest": "west/tiny",
        "best": "north/thinker",
        "private": "west/private",
        "support": "north/small",
    }


def test_a_tenth_of_the_sessions_go_to_the_canary() -> None:
    assert order("canary", fields={"bucket": 0.05})[0] == "east/small"
    assert order("canary", fields={"bucket": 0.5})[0] == "south/mini"


def test_the_sandbox_serves_another_catalogue_too() -> None:
    catalogue = read_catalog(
        json.dumps(
            {
                "catalog": 1,
                "vocabulary": "standard",
                "candidates": [{"id": "here/one", "provider": "here", "served_model": "one", "served_by": "there"}],
            }
        ),
        "other",
    )
    simulated = Sandbox(catalogue)
    assert simulated.candidates == ("here/one",)
    assert [*simulated.models] == [("there", "one")]
