"""Make the catalogue that the package ships, from a LiteLLM price file and the Aider polyglot leaderboard.

    python tools/make_catalog.py DATA [--check]

DATA is the folder with `litellm-model-prices-2026-11.json` and `aider-polyglot-leaderboard.yml`. The output depends
on nothing else; with `--check` nothing is written, and the exit code is 1 if the shipped file would change. What is
chosen, renamed, classed and matched by hand is in the tables below, and nowhere else.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from policy_ir.candidate import Candidate
from policy_ir.catalogs import catalog_json, litellm
from policy_ir.catalogs.importing import family_of
from policy_ir.vocabulary import vocabulary

PRICES = "litellm-model-prices-2026-11.json"
LEADERBOARD = "aider-polyglot-leaderboard.yml"
DATE = "2026-11-01"
OUTPUT = Path(__file__).resolve().parent.parent / "policy_ir" / "data" / "catalogs" / "standard-2026-11.json"

ABOUT = (
    "Chat models of OpenAI, Anthropic and Google, of other laboratories, and open weights on several hosts, as known "
    "on the first of November 2026. Prices, limits, capabilities and regions are those of LiteLLM's price file; "
    "`bench_coding` is the share of Aider's polyglot tasks solved after two tries, the best published run of the same "
    "model. `tier` is the editors' own: `partner` where the model's maker, or a cloud that offers it with the maker, "
    "answers the call; `marketplace` where a host serves published weights. What no source states is left out."
)
SOURCES = [
    "LiteLLM, model_prices_and_context_window.json, November 2026, MIT licence",
    "Aider, polyglot leaderboard, Apache-2.0 licence",
]

PARTNERS = (
    "anthropic", "azure", "bedrock_converse", "dashscope", "deepseek", "gemini", "minimax", "mistral", "moonshot",
    "openai", "xai", "zai",
)  # fmt: skip
"""Providers of the tier `partner`."""

HOSTS = (
    "cerebras", "deepinfra", "fireworks_ai", "groq", "nebius", "novita", "ovhcloud", "sambanova", "scaleway",
    "together_ai",
)  # fmt: skip
"""Providers of the tier `marketplace`: hosts of open weights."""

EU_ONLY = ("azure", "bedrock_converse")
"""Clouds from which only the rows are taken whose key states the region `eu`."""

OPEN_WEIGHTS = ("codestral", "deepseek", "devstral", "gemma", "glm", "gpt-oss", "kimi", "llama", "magistral",
                "minimax", "ministral", "mistral", "mixtral", "qwen", "qwq")  # fmt: skip
"""How the families begin that are taken from hosts."""

LEFT_OUT = {
    "openai/container": "a price for a sandbox, not a model",
}
"""Rows that are left out one by one, and why."""

NOT_CHAT = re.compile(
    r"^ft:|guard|embed|(?:^|/)lyria|-tts$|robotics|computer-use|deep-research|"
    r"-spot$|^spot-|-us$|-gv2$|-beta|experimental|-exp-[0-9]"
)
"""Names of models that are not asked to chat, fine-tunes that need a name of their own, other routes, experiments."""

SPELLINGS = [
    (re.compile(r"^meta-llama-"), "llama-"),
    (re.compile(r"^llama-v(?=[0-9])"), "llama-"),
    (re.compile(r"(?<=[0-9])_(?=[0-9])"), "."),
    (re.compile(r"^deepseek_"), "deepseek-"),
    (re.compile(r"^qwen-(?=[0-9])"), "qwen"),
]
"""One spelling for families that hosts spell in several ways."""

SAME_MODEL = {
    "gpt-4o-mini-2024-07-18": ("gpt-4o-mini", "gpt-4o-mini-2024-07-18"),
    "gpt-4o-2024-11-20": ("gpt-4o-2024-11-20",),
    "gpt-4o-2024-08-06": ("gpt-4o", "gpt-4o-2024-08-06"),
    "gpt-4.1": ("gpt-4.1", "gpt-4.1-2025-04-14"),
    "gpt-4.1-nano": ("gpt-4.1-nano", "gpt-4.1-nano-2025-04-14"),
    "o1-2024-12-17 (high)": ("o1", "o1-2024-12-17"),
    "o1-mini-2024-09-12": ("o1-mini", "o1-mini-2024-09-12"),
    "o3-mini (medium)": ("o3-mini", "o3-mini-2025-01-31"),
    "o3-mini (high)": ("o3-mini", "o3-mini-2025-01-31"),
    "o4-mini (high)": ("o4-mini", "o4-mini-2025-04-16"),
    "gpt-4.1-mini": ("gpt-4.1-mini", "gpt-4.1-mini-2025-04-14"),
    "o3": ("o3", "o3-2025-04-16"),
    "o3 (high)": ("o3", "o3-2025-04-16"),
    "o3-pro (high)": ("o3-pro", "o3-pro-2025-06-10"),
    "gpt-5 (high)": ("gpt-5", "gpt-5-2025-08-07"),
    "gpt-5 (medium)": ("gpt-5", "gpt-5-2025-08-07"),
    "gpt-5 (low)": ("gpt-5", "gpt-5-2025-08-07"),
    "gpt-oss-120b (high)": ("gpt-oss-120b",),
    "claude-opus-4-20250514 (no think)": ("claude-opus-4-20250514",),
    "claude-opus-4-20250514 (32k thinking)": ("claude-opus-4-20250514",),
    # Google released these previews unchanged as the stable models.
    "gemini-2.5-pro-preview-06-05 (default think)": ("gemini-2.5-pro",),
    "gemini-2.5-pro-preview-06-05 (32k think)": ("gemini-2.5-pro",),
    "gemini-2.5-flash-preview-05-20 (no think)": ("gemini-2.5-flash",),
    "gemini-2.5-flash-preview-05-20 (24k think)": ("gemini-2.5-flash",),
    "gemma-3-27b-it": ("gemma-3-27b-it",),
    "DeepSeek Chat V3 (prev)": ("deepseek-v3",),
    "DeepSeek V3 (0324)": ("deepseek-v3-0324",),
    "DeepSeek R1": ("deepseek-r1",),
    "DeepSeek R1 (0528)": ("deepseek-r1-0528",),
    "DeepSeek-V3.2-Exp (Reasoner)": ("deepseek-v3.2-exp",),
    "DeepSeek-V3.2-Exp (Chat)": ("deepseek-v3.2-exp",),
    "Kimi K2": ("kimi-k2-instruct",),
    "Llama 4 Maverick": ("llama-4-maverick-17b-128e-instruct",),
    "Qwen2.5-Coder-32B-Instruct": ("qwen2.5-coder-32b-instruct",),
    "Qwen3 32B": ("qwen3-32b",),
    "Qwen3 235B A22B diff, no think, Alibaba API": ("qwen3-235b-a22b",),
    "QwQ-32B": ("qwq-32b",),
}
"""The leaderboard's models, and the served models (spelt as families are, dates kept) that are the same. Several runs
of one model differ in how long it may think: the best counts, since a candidate's score is what it can do."""

MOVING = ("deepseek",)
"""Providers whose names are aliases that move from model to model: no score is carried to them."""

RETIRED = "it is no longer offered by a provider of this catalogue"
PAIR = "two models work together"
OTHER = "no served model is this preview"
NOT_CARRIED = {
    "Gemini 2.0 Pro exp-02-05": OTHER,
    "claude-3-5-sonnet-20241022": RETIRED,
    "claude-3-5-haiku-20241022": RETIRED,
    "claude-sonnet-4-20250514 (32k thinking)": RETIRED,
    "claude-sonnet-4-20250514 (no thinking)": RETIRED,
    "claude-3-7-sonnet-20250219 (32k thinking tokens)": RETIRED,
    "claude-3-7-sonnet-20250219 (no thinking)": RETIRED,
    "gpt-4.5-preview": RETIRED,
    "chatgpt-4o-latest (2025-02-15)": RETIRED,
    "chatgpt-4o-latest (2025-03-29)": RETIRED,
    "DeepSeek Chat V2.5": RETIRED,
    "DeepSeek R1 + claude-3-5-sonnet-20241022": PAIR,
    "QwQ-32B + Qwen 2.5 Coder Instruct": PAIR,
    "o3 (high) + gpt-4.1": PAIR,
    "gemini-2.0-flash-exp": OTHER,
    "gemini-exp-1206": OTHER,
    "gemini-2.0-flash-thinking-exp-01-21": OTHER,
    "Gemini 2.5 Pro Preview 03-25": OTHER,
    "Gemini 2.5 Pro Preview 05-06": OTHER,
    "gemini-2.5-flash-preview-04-17 (default)": OTHER,
    "yi-lightning": RETIRED,
    "Codestral 25.01": RETIRED,
    "qwen-max-2025-01-25": RETIRED,
    "command-a-03-2025-quality": RETIRED,
    "Quasar Alpha": OTHER,
    "Optimus Alpha": OTHER,
    "Grok 3 Beta": OTHER,
    "Grok 3 Mini Beta (low)": OTHER,
    "Grok 3 Mini Beta (high)": OTHER,
    "grok-4 (high)": RETIRED,
    "openhands-lm-32b-v0.1": RETIRED,
}
"""The leaderboard's models that are the same as none of the catalogue's, and why."""


def scores(leaderboard: str) -> dict[str, float]:
    """The best score of each served model that is on the leaderboard, 0..1."""
    best: dict[str, float] = {}
    for entry in re.split(r"(?m)^- ", leaderboard)[1:]:
        model = re.search(r"(?m)^ *model: (.+)$", entry)
        rate = re.search(r"(?m)^ *pass_rate_2: ([0-9.]+)$", entry)
        if model is None or rate is None:
            raise SystemExit(f"an entry without model or rate: {entry[:80]!r}")
        name = model[1].strip()
        if name not in SAME_MODEL and name not in NOT_CARRIED:
            raise SystemExit(f"decide what {name!r} of the leaderboard is: it is in neither table")
        score = float(f"{rate[1]}e-2")  # in decimal, so that 88.0 is the binary64 nearest to 0.88
        for served in SAME_MODEL.get(name, ()):
            best[served] = max(best.get(served, 0.0), score)
    return best


def spelt(candidate: Candidate) -> str:
    """A candidate's model as families are spelt, its date kept."""
    name = litellm.common_spelling(candidate.provider, candidate.served_model).rpartition("/")[2].lower()
    for pattern, replacement in SPELLINGS:
        name = pattern.sub(replacement, name)
    return name


def wanted(candidate: Candidate, row: dict[str, Any]) -> bool:
    """Whether a row of the price file belongs in the catalogue."""
    fields, provider = candidate.fields, candidate.provider
    name = spelt(candidate)
    if candidate.id in LEFT_OUT or row.get("deprecation_date", DATE) < DATE or NOT_CHAT.search(name):
        return False
    if fields.get("price_in") == 0 and fields.get("price_out") == 0:
        return False  # a free tier: its limits are not in the price file, and no ranking by price could see past it
    if provider in HOSTS:
        # Without a price and a context a row decides nothing; hosts also list weights that nobody tends.
        tended = "supports_tools" in candidate.capabilities or "supports_tools" in fields
        return name.startswith(OPEN_WEIGHTS) and tended and {"price_in", "price_out", "context"} <= fields.keys()
    return provider in PARTNERS and (provider not in EU_ONLY or fields.get("region") == "eu")


def shipped(candidate: Candidate, best: dict[str, float]) -> Candidate:
    """A candidate as it is shipped: named by provider and model, classed, and scored."""
    region = "eu/" if candidate.provider == "azure" else ""
    name = spelt(candidate)
    score = None if candidate.provider in MOVING else best.get(name)
    return Candidate(
        id=f"{candidate.provider}/{region}{candidate.served_model.rpartition('/')[2]}",
        provider=candidate.provider,
        family=family_of(name),
        served_model=candidate.served_model,
        tier="partner" if candidate.provider in PARTNERS else "marketplace",
        capabilities=candidate.capabilities,
        fields={**candidate.fields, "bench_coding": score},
    )


def without_dated_twins(candidates: list[Candidate]) -> list[Candidate]:
    """Leaves out a dated name where the same provider offers the same model undated, on the same terms."""
    undated = {_terms(candidate) for candidate in candidates if _is_undated(candidate)}
    return [candidate for candidate in candidates if _is_undated(candidate) or _terms(candidate) not in undated]


def _is_undated(candidate: Candidate) -> bool:
    return spelt(candidate) == candidate.family


def _terms(candidate: Candidate) -> str:
    bound = {key: value for key, value in candidate.fields.items() if key != "deprecated"}
    return repr((candidate.provider, candidate.family, candidate.capabilities, sorted(bound.items())))


def make(data: Path) -> tuple[str, Counter[str], int]:
    """The text of the catalogue, its size by provider, and how many candidates have a coding score."""
    text = (data / PRICES).read_text("utf-8")
    rows = json.loads(text)
    best = scores((data / LEADERBOARD).read_text("utf-8"))
    imported = litellm.read(text, vocabulary("standard"), name=PRICES)
    chosen: dict[str, tuple[str, Candidate]] = {}
    for candidate in imported.candidates:
        if wanted(candidate, rows[candidate.id]):
            made = shipped(candidate, best)
            # Of two keys for one route, the longer one has the provider's own name of the model.
            if made.id not in chosen or len(candidate.id) > len(chosen[made.id][0]):
                chosen[made.id] = (candidate.id, made)
    candidates = without_dated_twins([made for _, made in chosen.values()])
    candidates.sort(key=lambda candidate: candidate.id)
    scored = sum("bench_coding" in candidate.fields for candidate in candidates)
    by_provider = Counter(candidate.provider for candidate in candidates)
    return catalog_json(candidates, "standard", about=ABOUT, date=DATE, sources=SOURCES), by_provider, scored


def main() -> int:
    parser = argparse.ArgumentParser(description="Make the catalogue that the package ships.")
    parser.add_argument("data", type=Path, help=f"the folder with {PRICES} and {LEADERBOARD}")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if the file would change")
    options = parser.parse_args()
    text, by_provider, scored = make(options.data)
    for provider, count in sorted(by_provider.items()):
        print(f"{count:5} {provider}", file=sys.stderr)
    print(f"{by_provider.total():5} candidates, {scored} with a coding score", file=sys.stderr)
    if options.check:
        return int(OUTPUT.read_text("utf-8") != text)
    OUTPUT.parent.mkdir(parents=True, exist_ok=True)
    OUTPUT.write_text(text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
