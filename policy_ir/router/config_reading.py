"""From a TOML file to a router's configuration, or every reason why not.

Whatever a file gets wrong is said at once, with its place; what follows only from an earlier finding is not said.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Any, Final

import attrs

from policy_ir.router import config_keys as keys
from policy_ir.router.body import FLOW
from policy_ir.router.config import (
    DEFAULT_HOST,
    Breaker,
    Config,
    Limits,
    Telemetry,
    Traces,
    open_address,
)
from policy_ir.router.config_access import read_keys
from policy_ir.router.config_files import Files
from policy_ir.router.config_findings import Findings
from policy_ir.router.config_providers import Providers, address, from_environment
from policy_ir.router.config_service import check_service
from policy_ir.router.config_text import ConfigText
from policy_ir.syntax.source import check_text, read_text

__all__ = ["MAX_BYTES", "load", "read"]

MAX_BYTES: Final = 256 * 1024
"""The most bytes of a configuration file."""


def load(path: str | os.PathLike[str], environ: Mapping[str, str]) -> Config:
    """The configuration in a file. Raises `Refused` with every finding."""
    name, text = read_text(path, limit=MAX_BYTES)
    return read(text, name, environ)


def read(text: str, name: str, environ: Mapping[str, str]) -> Config:
    """The configuration in the text of a file of this name; other files are looked for beside it."""
    check_text(text, name, limit=MAX_BYTES)
    file = ConfigText.read(text, name)
    return _Reader(Findings(file), environ).read(file.value)


_PASSWORD: Final = re.compile(r"://[^/@]*:[^/@]+@|[?&]password=")


@attrs.define
class _Reader:
    """One reading of one file."""

    findings: Findings
    environ: Mapping[str, str]

    def read(self, value: Mapping[str, Any]) -> Config:
        findings = self.findings
        top = findings.table(value, "", keys.TOP)
        files = Files(findings, os.path.dirname(findings.file.name))
        vocabulary = files.vocabulary(top.get("vocabulary"))
        catalogue = files.catalogue(top.get("catalogue"), vocabulary)
        floor = files.floor(top, "", vocabulary)
        limits = Limits(**findings.table(top.get("limits", {}), "/limits", keys.LIMITS))
        breaker = Breaker(**findings.table(top.get("breaker", {}), "/breaker", keys.BREAKER))
        providers = Providers(findings, self.environ, limits.timeouts).read(top.get("providers", {}))
        policies = files.policies(top.get("policies", {}), vocabulary)
        flows = files.flows(top.get("flows", {}), vocabulary)
        names = {*top.get("policies", {}), *(FLOW + name for name in top.get("flows", {}))}
        callers = read_keys(findings, files, top.get("keys", {}), vocabulary, names)
        traces = self.traces(top.get("traces", {}))
        telemetry = self.telemetry(top.get("telemetry", {}))
        host = top.get("host", DEFAULT_HOST)
        if not value.get("keys"):
            self.open_to_all(host)
        if "providers" in top and not top["providers"]:
            findings.missing("providers", "/providers", "one table for each endpoint, `[providers.NAME]`")
        if vocabulary is not None and catalogue is not None:
            check_service(findings, providers, catalogue.listed, vocabulary, named="catalogue" in top)
        if findings.refusing or vocabulary is None or catalogue is None:
            raise findings.refusal()
        return Config(
            vocabulary=vocabulary,
            catalogue=catalogue,
            providers=providers,
            host=host,
            **({"port": top["port"]} if "port" in top else {}),
            floor=floor,
            policies=policies,
            flows=flows,
            keys=callers,
            limits=limits,
            breaker=breaker,
            traces=traces,
            telemetry=telemetry,
            warnings=tuple(findings.refusal().diagnostics),
            document=findings.file.document(),
        )

    def open_to_all(self, host: str) -> None:
        """Without keys, an address that others reach is refused."""
        found = open_address(host, pointer="/host", source=self.findings.file.name)
        if found is not None:
            self.findings.found.append(found)

    def traces(self, value: Mapping[str, object]) -> Traces:
        findings, at = self.findings, "/traces"
        made = findings.table(value, at, keys.TRACES)
        way = findings.one_way(("url", "url_env"), value, at)
        url = made.get("url")
        if way == "url_env" and "url_env" in made:
            secret = from_environment(findings, self.environ, made["url_env"], f"{at}/url_env")
            url = None if secret is None else secret.reveal()
        elif url is not None and "://" not in url:
            url = os.path.join(os.path.dirname(findings.file.name), url)
        elif url is not None and _PASSWORD.search(url):
            findings.literal(f"{at}/url")
        return Traces(url=url, prompts=made.get("prompts", False), keep_days=made.get("keep_days"))

    def telemetry(self, value: Mapping[str, object]) -> Telemetry:
        made = self.findings.table(value, "/telemetry", keys.TELEMETRY)
        if "otlp" not in made:
            return Telemetry()
        return Telemetry(otlp=address(self.findings, made["otlp"], "/telemetry/otlp"))
