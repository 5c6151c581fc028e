"""The authoring syntax: text for people, `.policy` files, with comments.

`parse_authoring` reads it, `print_authoring` writes it. Specification: chapter "Authoring syntax".
"""

from policy_ir.syntax.authoring.printing import print_authoring
from policy_ir.syntax.authoring.reading import parse_authoring

__all__ = ["parse_authoring", "print_authoring"]
