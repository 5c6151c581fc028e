"""What terms mean: the small-step rules, chapter by chapter, and the machine that applies them.

`rules` lists the ids; `scores`, `environment` and `draws` are what the rules compute with; `predicates`, `scorers`,
`selectors`, `policies`, `transforms` and `plans` are the rules; `machine` runs them; `work` bounds it. Specification:
chapter "Semantics".
"""

from policy_ir.semantics.configuration import Draft, Outcome, Reject
from policy_ir.semantics.environment import Environment
from policy_ir.semantics.machine import Observer, Step
from policy_ir.semantics.rules import RULES, Rule
from policy_ir.semantics.work import STEPS_PER_WORK, WORK_LIMIT, Meter, check_work, work

__all__ = [
    "RULES",
    "STEPS_PER_WORK",
    "WORK_LIMIT",
    "Draft",
    "Environment",
    "Meter",
    "Observer",
    "Outcome",
    "Reject",
    "Rule",
    "Step",
    "check_work",
    "work",
]
