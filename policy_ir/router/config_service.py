"""Whether the endpoints of a configuration and the candidates of its catalogue fit together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import attrs

from policy_ir.candidate import Candidate, shows_capability
from policy_ir.diagnostics import codes, did_you_mean, quoted
from policy_ir.router.config import Endpoint
from policy_ir.router.config_findings import Findings
from policy_ir.syntax.places import step
from policy_ir.vocabulary import Vocabulary

__all__ = ["check_service"]


def check_service(
    findings: Findings,
    endpoints: Mapping[str, Endpoint],
    candidates: Sequence[Candidate],
    vocabulary: Vocabulary,
    *,
    named: bool,
) -> None:
    """Note what does not fit; `named` is whether the file itself names the catalogue of these candidates."""
    service = _Service(findings, candidates, vocabulary)
    for endpoint in endpoints.values():
        service.check(endpoint)
    unserved = [one for one in candidates if not {one.id, one.served_by} & service.owner.keys()]
    if unserved and named:
        service.unserved(unserved)


@attrs.define
class _Service:
    """The endpoints of one configuration, one after the other; `owner` says which serves a name."""

    findings: Findings
    candidates: Sequence[Candidate]
    vocabulary: Vocabulary
    owner: dict[str, str] = attrs.field(factory=dict)

    def check(self, endpoint: Endpoint) -> None:
        at = step("/providers", endpoint.name)
        given = self.findings.file.value["providers"][endpoint.name]
        self.check_served(endpoint, at, given)
        if "capabilities" in given:
            self.check_capabilities(_texts(given["capabilities"]), at)

    def check_served(self, endpoint: Endpoint, at: str, given: Mapping[str, object]) -> None:
        routes = {one.served_by for one in self.candidates}
        known = routes | {one.id for one in self.candidates}
        listed = [(endpoint.name, at)]
        if "serves" in given:
            listed = [(name, f"{at}/serves/{index}") for index, name in enumerate(_texts(given["serves"]))]
        for name, here in listed:
            if "serves" in given and name not in known:
                self.findings.unknown_name(name, here, known, "no candidate has the id or `served_by`")
            elif self.owner.setdefault(name, endpoint.name) != endpoint.name:
                self.findings.refuse(
                    codes.SERVED_TWICE,
                    f"{quoted(name)} is served by {quoted(self.owner[name])} already",
                    here,
                    help="a candidate has one endpoint: say with `serves` which candidates each has",
                )
        served = [one for one in self.candidates if {one.id, one.served_by} & endpoint.serves]
        if served:
            self.check_models(endpoint, at, served)
        elif "serves" not in given or given["serves"] == []:
            self.findings.refuse(
                codes.IDLE_ENDPOINT,
                f"no candidate is served by {quoted(endpoint.name)}",
                at,
                expected="the `served_by` of a candidate as its name, or `serves`",
                help=did_you_mean(endpoint.name, routes, "say with `serves` which candidates are called here"),
            )

    def check_models(self, endpoint: Endpoint, at: str, served: Sequence[Candidate]) -> None:
        known = {one.id for one in served} | {one.served_model for one in served}
        for model in endpoint.models:
            if model not in known:
                here = step(f"{at}/models", model)
                self.findings.unknown_name(model, here, known, "no candidate here has the id or `served_model`")

    def check_capabilities(self, given: Sequence[str], at: str) -> None:
        known = {name for name, field in self.vocabulary.fields.items() if shows_capability(field)}
        known |= set(self.vocabulary.needs.values())
        known |= {name for candidate in self.candidates for name in candidate.capabilities}
        for index, name in enumerate(given):
            if name not in known:
                self.findings.refuse(
                    codes.UNKNOWN_CAPABILITY,
                    f"no candidate could have the capability {quoted(name)}",
                    f"{at}/capabilities/{index}",
                    found=quoted(name),
                    help=did_you_mean(name, known, "`policy-ir fields supports` shows those of the vocabulary"),
                )

    def unserved(self, unserved: Sequence[Candidate]) -> None:
        routes = list(dict.fromkeys(one.served_by for one in unserved))
        shown = ", ".join(map(quoted, routes[:3])) + (f" and {len(routes) - 3} more" if len(routes) > 3 else "")
        self.findings.refuse(
            codes.UNSERVED,
            f"{len(unserved)} of {len(self.candidates)} candidates are served by no endpoint",
            "/catalogue",
            found=f"candidates with the `served_by` {shown}",
            help=f"calls never go there: those with the `served_by` {shown}",
        )


def _texts(value: object) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []
