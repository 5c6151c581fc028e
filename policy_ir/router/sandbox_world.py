"""What the sandbox is made of, as data in the package: simulated providers, their models, policies and flows to try."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Final

from policy_ir.admission import admit_policy
from policy_ir.catalogs import CatalogFile, read_catalog
from policy_ir.flow.admission import admit_document
from policy_ir.flow.reading import parse_flow
from policy_ir.presets import FlowPreset, flow_presets, preset
from policy_ir.router.config import NamedFlow, NamedPolicy
from policy_ir.router.sandbox_faults import Fault, faults_of
from policy_ir.router.sandbox_problems import Dialect
from policy_ir.syntax import parse
from policy_ir.vocabulary import Vocabulary, vocabulary

POLICIES: Final = ("resilient", "cheapest", "fastest", "best", "canary", "spread", "private")
"""The policies that are made for the sandbox, by name, in the order in which they are listed."""

PRESETS: Final = ("support", "agents", "batch")
"""The presets that find candidates in the sandbox, and ask for nothing that a router does not carry out."""

DIALECTS: Final[Mapping[str, Dialect]] = MappingProxyType(
    {"north": "coded", "south": "typed", "east": "listed", "west": "flat"}
)
"""How each simulated provider tells its errors; others tell them as `coded`."""


@cache
def sandbox_vocabulary() -> Vocabulary:
    """The vocabulary of the sandbox: the standard one."""
    return vocabulary("standard")


@cache
def sandbox_catalogue() -> CatalogFile:
    """The simulated candidates."""
    text = resources.files("policy_ir").joinpath("data", "catalogs", "sandbox.json").read_text("utf-8")
    return read_catalog(text, "sandbox", sandbox_vocabulary())


@cache
def sandbox_policies() -> Mapping[str, NamedPolicy]:
    """The named policies of the sandbox, its own ones first."""
    folder = resources.files("policy_ir").joinpath("data", "sandbox")
    texts = {name: folder.joinpath(f"{name}.policy").read_text("utf-8") for name in POLICIES}
    texts |= {name: preset(name).text for name in PRESETS}
    return MappingProxyType({name: _named(name, text) for name, text in texts.items()})


@cache
def sandbox_flows() -> Mapping[str, NamedFlow]:
    """The named flows of the sandbox: those of the package."""
    return MappingProxyType({one.name: _flow(one) for one in flow_presets()})


def _flow(shipped: FlowPreset) -> NamedFlow:
    admitted = admit_document(parse_flow(shipped.text, name=f"{shipped.name}.policy"), sandbox_vocabulary())
    return NamedFlow(name=shipped.name, admitted=admitted, about=shipped.title)


def _named(name: str, text: str) -> NamedPolicy:
    document = parse(text, name=f"{name}.policy", syntax="authoring")
    assert document.term is not None
    about = text.partition("\n")[0].partition(":")[2].strip().removesuffix(".")
    return NamedPolicy(name=name, admitted=admit_policy(document.term, sandbox_vocabulary()), about=about)


def read_faults(texts: Iterable[str], catalogue: CatalogFile | None = None) -> dict[str, tuple[Fault, ...]]:
    """The faults by candidate of texts such as `north/large=rate_limit:once`, by default of the sandbox's candidates.

    Raises `Refused` with all findings: `PIR0940`, `PIR0941`, `PIR0942`.
    """
    listed = (sandbox_catalogue() if catalogue is None else catalogue).listed
    return faults_of(texts, [candidate.id for candidate in listed])
