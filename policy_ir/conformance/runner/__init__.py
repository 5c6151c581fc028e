"""The runner: asks a program about vectors, and says which of its answers are the ones that are due.

`process` starts and ends the program and moves lines, `messages` reads them, `running` asks and judges, `known` reads
the list of failures that are expected. Specification: chapter "Conformance", section "The protocol".
"""

from policy_ir.conformance.runner.known import read_known
from policy_ir.conformance.runner.running import STATUSES, TIME_LIMIT, Outcome, Run, Status, run
from policy_ir.conformance.runner.subject_error import SubjectError

__all__ = ["STATUSES", "TIME_LIMIT", "Outcome", "Run", "Status", "SubjectError", "read_known", "run"]
