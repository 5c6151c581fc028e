"""What routers are run with: a catalogue whose candidates are all served by the simulated provider, a policy, a file.

The catalogue has candidates of the shipped one, with their prices, capabilities and limits, so that a policy has what
to decide about. The prices of what is simulated are paid by nobody.
"""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Any, Final

import attrs

from policy_ir import shipped_snapshot
from policy_ir.catalogs import catalog_json
from policy_ir.snapshot import Candidate

__all__ = ["BODY", "CANDIDATES", "PRESET", "candidates", "litellm", "router", "streamed", "write_catalogue"]

CANDIDATES: Final = 100

PRESET: Final = "support"
"""The policy, one that the package has: what a small team would begin with."""

BODY: Final[dict[str, Any]] = {
    "messages": [
        {"role": "system", "content": "You answer briefly, and in plain words."},
        {
            "role": "user",
            "content": "Which way is it from the station to the castle, and how long does it take on foot?",
        },
    ],
    "max_tokens": 300,
    "temperature": 0.2,
}


def streamed(body: dict[str, Any], stream: bool) -> dict[str, Any]:
    """A body that asks for a stream, or does not."""
    return body | {"stream": True} if stream else body


def candidates(count: int = CANDIDATES) -> list[Candidate]:
    """So many candidates of the shipped catalogue, always the same ones, served by the simulated provider."""
    full = shipped_snapshot()
    chosen = sorted(Random(5).sample(range(full.size), count))
    return [attrs.evolve(full.candidate(i), served_by="sim") for i in chosen]


def write_catalogue(path: Path, listed: list[Candidate]) -> None:
    """A catalogue file."""
    path.write_text(catalog_json(listed, shipped_snapshot().vocabulary.name), "utf-8")


def router(folder: Path, upstream: int, *, count: int = CANDIDATES) -> Path:
    """The configuration of a router, with its catalogue beside it; traces go to a store in the folder."""
    write_catalogue(folder / "catalogue.json", candidates(count))
    lines = [
        'catalogue = "catalogue.json"',
        f'[providers.sim]\nurl = "http://127.0.0.1:{upstream}/v1"',
        f'[policies.bench]\npreset = "{PRESET}"',
        f"[traces]\nurl = {json.dumps(str(folder / 'traces.db'))}",
    ]
    path = folder / "router.toml"
    path.write_text("\n\n".join(lines) + "\n", "utf-8")
    return path


def litellm(folder: Path, upstream: int) -> Path:
    """The configuration of LiteLLM's proxy: one model, no retries, no database, no key."""
    served = {"model": "openai/sim", "api_base": f"http://127.0.0.1:{upstream}/v1", "api_key": "none", "max_retries": 0}
    value = {
        "model_list": [{"model_name": "sim", "litellm_params": served}],
        "litellm_settings": {"num_retries": 0},
        "router_settings": {"num_retries": 0},
        "general_settings": {"dangerously_permit_weak_or_unset_master_key": True},
    }
    path = folder / "litellm.yaml"
    path.write_text(json.dumps(value, indent=2), "utf-8")  # every JSON text is YAML
    return path
