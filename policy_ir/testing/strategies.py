"""The Hypothesis strategies of the language, in one place.

Terms by sort over all operations, their parameters, wrong input of every kind, and the world that a policy is decided
over. All read the signature and the vocabulary `standard`.
"""

from policy_ir.signature import located, size_of
from policy_ir.testing.pools import EDGE_NUMBERS, EDGE_TEXTS, integers, numbers, texts
from policy_ir.testing.term_strategies import (
    actions,
    chains,
    depth_of,
    names,
    parameters,
    policies,
    recipes,
    relations,
    terms,
)
from policy_ir.testing.world_strategies import candidates, catalogues, chat_bodies, facts_values, observations, seeds
from policy_ir.testing.wrong_input import (
    ill_parameters,
    ill_sorted_values,
    integral,
    mangled_text,
    mangled_values,
    replaced,
    wire_values,
)

__all__ = [
    "EDGE_NUMBERS",
    "EDGE_TEXTS",
    "actions",
    "candidates",
    "catalogues",
    "chains",
    "chat_bodies",
    "depth_of",
    "facts_values",
    "ill_parameters",
    "ill_sorted_values",
    "integers",
    "integral",
    "located",
    "mangled_text",
    "mangled_values",
    "names",
    "numbers",
    "observations",
    "parameters",
    "policies",
    "recipes",
    "relations",
    "replaced",
    "seeds",
    "size_of",
    "terms",
    "texts",
    "wire_values",
]
