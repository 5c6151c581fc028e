"""The kinds of endpoints, with what each comes with: its address, the variable of its key, and what it honours.

An endpoint that is compatible with OpenAI's may ignore what its own interface would honour, and says nothing of it. So
capabilities are declared per endpoint, and what is not documented as honoured is left out: an operator who knows better
says so with `capabilities`.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import attrs

from policy_ir.router.config import Kind

__all__ = ["KINDS", "Preset"]


@attrs.frozen(slots=True, kw_only=True)
class Preset:
    """What a kind of endpoint comes with; None where the operator has to say it, or need not."""

    url: str | None = None
    key_env: str | None = None
    capabilities: frozenset[str] | None = None


_ALIKE: Final = ("tools", "vision")
"""What all three honour."""


def _honours(*names: str) -> frozenset[str]:
    return frozenset(f"supports_{name}" for name in (*_ALIKE, *names))


KINDS: Final[Mapping[Kind, Preset]] = MappingProxyType(
    {
        # The reference of chat completions, platform.openai.com/docs/api-reference/chat, looked up on 2026-11-23. Video
        # and image output, and the use of a computer, are of other endpoints.
        "openai": Preset(
            url="https://api.openai.com/v1",
            key_env="OPENAI_API_KEY",
            capabilities=_honours(
                *("audio", "audio_output", "file", "json_mode", "logprobs", "parallel_tools", "prompt_cache"),
                *("reasoning", "seed", "structured_outputs", "web_search"),
            ),
        ),
        # platform.claude.com/docs/en/api/openai-sdk, looked up on 2026-11-23: `response_format`, `logprobs`, `seed`,
        # `reasoning_effort`, `strict` and audio are ignored without an error, and there are neither files nor a prompt
        # cache.
        "anthropic": Preset(
            url="https://api.anthropic.com/v1",
            key_env="ANTHROPIC_API_KEY",
            capabilities=_honours("parallel_tools"),
        ),
        # ai.google.dev/gemini-api/docs/openai and ai.google.dev/api/compatibility, looked up on 2026-11-23: the fields
        # of its request have no `seed`, no `logprobs` and no `parallel_tool_calls`, and its examples no files.
        "gemini": Preset(
            url="https://generativelanguage.googleapis.com/v1beta/openai",
            key_env="GEMINI_API_KEY",
            capabilities=_honours("audio", "json_mode", "prompt_cache", "reasoning", "structured_outputs"),
        ),
        "compatible": Preset(),
    }
)
"""The kinds by name."""
