"""The router's web pages as HTML: recent traces, one of them, a form to try a policy, what there is to choose from.

Pure functions: the same data gives the same text. Everything works without a script, no page loads anything, and all
that anybody wrote is escaped. A page is served with `CONTENT_SECURITY_POLICY`.
"""

from policy_ir.router.pages.errors import error_page
from policy_ir.router.pages.frame import CONTENT_SECURITY_POLICY, Visit
from policy_ir.router.pages.models import Standing, Stated, models_page, standings
from policy_ir.router.pages.one_flow import TOLD, flow_page
from policy_ir.router.pages.one_trace import trace_page
from policy_ir.router.pages.retold import answer_to
from policy_ir.router.pages.traces import Filters, first_call, traces_page
from policy_ir.router.pages.trial import Form, Tried, read_form, tried
from policy_ir.router.pages.try_page import try_page

__all__ = [
    "CONTENT_SECURITY_POLICY",
    "TOLD",
    "Filters",
    "Form",
    "Standing",
    "Stated",
    "Tried",
    "Visit",
    "answer_to",
    "error_page",
    "first_call",
    "flow_page",
    "models_page",
    "read_form",
    "standings",
    "trace_page",
    "traces_page",
    "tried",
    "try_page",
]
