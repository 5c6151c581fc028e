"""What a call cost: tokens by the provider's own account or by estimate, and the price of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from policy_ir.chat import BYTES_PER_TOKEN
from policy_ir.trace.costs import usd_of
from policy_ir.trace.record import Basis, Cost

if TYPE_CHECKING:
    from policy_ir.facts import Facts

__all__ = ["cost_of", "estimated_tokens", "tokens_of"]

MOST_TOKENS: Final = 10**9
"""More tokens than any call has: an account that says so is none."""


def tokens_of(usage: dict[str, Any] | None) -> tuple[int, int] | None:
    """Tokens of the prompt and of the answer by a provider's `usage`; None where that is no sound account."""
    if usage is None:
        return None
    counts = usage.get("prompt_tokens"), usage.get("completion_tokens", 0)
    if any(type(count) is not int or not 0 <= count < MOST_TOKENS for count in counts):
        return None
    return counts  # type: ignore[return-value]


def estimated_tokens(facts: Facts, content_bytes: int) -> tuple[int, int]:
    """Tokens by the estimate of the facts and by the length of the answer."""
    prompt = facts.fields.get("prompt_tokens", 0)
    return int(prompt) if isinstance(prompt, int | float) else 0, -(-content_bytes // BYTES_PER_TOKEN)


def cost_of(tokens: tuple[int, int], basis: Basis, prices: tuple[float, float] | None) -> Cost:
    """The cost of a prompt and an answer, by prices in USD per million tokens; 0 USD and no basis without prices."""
    prompt, completion = tokens
    if prices is None:
        return Cost(usd=0.0, basis="none", prompt_tokens=prompt, completion_tokens=completion)
    return Cost(usd=usd_of(prompt, completion, prices), basis=basis, prompt_tokens=prompt, completion_tokens=completion)
