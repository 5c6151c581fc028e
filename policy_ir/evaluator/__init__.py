"""The evaluator: the meaning of the small-step machine, compiled, bound to a catalogue, and decided over arrays.

The names below are the public interface; each is imported from its module when it is first used, so that importing this
package loads no NumPy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from policy_ir.evaluator.bound import Bound
    from policy_ir.evaluator.choice import Choice
    from policy_ir.evaluator.evaluator import Evaluator
    from policy_ir.evaluator.loading import load_policy
    from policy_ir.evaluator.overlay import Overlay

__all__ = ["Bound", "Choice", "Evaluator", "Overlay", "load_policy"]

_HOMES = {
    "Bound": "bound",
    "Choice": "choice",
    "Evaluator": "evaluator",
    "Overlay": "overlay",
    "load_policy": "loading",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import importlib

    value = getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
