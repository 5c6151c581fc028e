"""Pages that say why there is no page."""

from __future__ import annotations

from typing import Final

from policy_ir.report.markup import escape
from policy_ir.report.pieces import prose
from policy_ir.router.pages.frame import Visit, document

_TITLES: Final = {
    400: "That cannot be read",
    401: "Sign in",
    403: "Not from there",
    404: "Nothing is here",
    429: "Too many calls",
    500: "A fault of policy-ir",
    503: "Not now",
}

_SIGN_IN: Final = (
    "<p>Your browser asks for a name and a password. The password is a key of this router; the name is not looked at."
    "</p><p>Keys are made with <code>policy-ir key new NAME</code>: it shows the key once, and the lines that go into "
    "the configuration file. A key that is not an administrator’s sees its own calls only.</p>"
)


def error_page(status: int, message: str, *, visit: Visit | None = None) -> str:
    """A page with a status of 400 or more. `message` is plain text with names in `backticks`."""
    title = _TITLES.get(status, "That did not work")
    more = _SIGN_IN if status == 401 else '<p><a href="/">Recent traces</a></p>' if status == 404 else ""
    head = (
        f'<header id="content" class="error"><p class="eyebrow">{status}</p><h1>{escape(title)}</h1>'
        f'<div class="why"><p>{prose(_sentence(message))}</p>{more}</div></header>'
    )
    return document(title, [head], here="", visit=visit or Visit())


def _sentence(message: str) -> str:
    """A message as a sentence: those of diagnostics have no capital and no period."""
    end = "" if message.endswith((".", "?", "!")) else "."
    return message[:1].upper() + message[1:] + end
