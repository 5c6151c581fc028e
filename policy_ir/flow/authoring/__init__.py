"""The authoring syntax of flows: text for people, `.policy` files whose first words are `flow {`.

`parse_authoring_flow` reads it, `print_authoring_flow` writes it. Specification: chapter "Flows", section "Authoring
syntax".
"""

from policy_ir.flow.authoring.printing import print_authoring_flow
from policy_ir.flow.authoring.reading import parse_authoring_flow

__all__ = ["parse_authoring_flow", "print_authoring_flow"]
