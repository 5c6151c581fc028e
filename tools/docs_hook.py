"""What the site does beyond Markdown: pages made from the package, rules that can be linked, links to both.

In a chapter, the id of a rule (see `docs_rules`) becomes an anchor. Anywhere, the id of a rule or a diagnostic code in
backticks becomes a link to where it is defined.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import docs_lexer
from docs_hero import hero
from docs_pages import MADE, decision_files
from docs_rules import chapters, with_anchors

from policy_ir.diagnostics import CODES

MARK = re.compile(r"^<!-- made: ([a-z-]+) -->$", re.MULTILINE)
LEFT_ALONE = r"<a\b.*?</a>|<pre\b.*?</pre>|<h[1-6]\b.*?</h[1-6]>"
MENTION = re.compile(LEFT_ALONE + r"|<code>(?P<id>[a-z][a-z0-9_-]*(?:/[a-z0-9_-]+)+|PIR\d{4})</code>", re.DOTALL)

_homes: dict[str, str] = {}


def on_config(config: Any) -> None:
    docs_lexer.register()
    _homes.clear()
    for chapter, ids in chapters(Path(config.docs_dir, "spec")).items():
        _homes.update(dict.fromkeys(ids, f"spec/{chapter}"))
    _homes.update(dict.fromkeys(CODES, "reference/diagnostics.md"))
    section = next(part["Decisions"] for part in config.nav if "Decisions" in part)
    section += [f"decisions/{path.name}" for path in decision_files() if f"decisions/{path.name}" not in section]


def on_page_markdown(markdown: str, page: Any, config: Any, files: Any) -> str:
    markdown = MARK.sub(lambda mark: MADE[mark.group(1)](), markdown)
    return with_anchors(markdown) if page.file.src_uri.startswith("spec/") else markdown


def on_page_context(context: Any, page: Any, config: Any, nav: Any) -> Any:
    if page.is_homepage:
        context["hero"] = hero()
    return context


def on_page_content(html: str, page: Any, config: Any, files: Any) -> str:
    def link(mention: re.Match[str]) -> str:
        home = _homes.get(mention["id"] or "")
        target = files.get_file_from_path(home) if home else None
        if target is None:
            return mention.group()
        place = "" if target is page.file else target.url_relative_to(page.file)
        return f'<a class="mention" href="{place}#{mention["id"]}">{mention.group()}</a>'

    return MENTION.sub(link, html)
