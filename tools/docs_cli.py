"""What the site shows of the command line: its reference, by typer's own documentation generator, and the presets.

Run it to see the reference page.
"""

from __future__ import annotations

import re
import sys

import typer
import typer.cli

import policy_ir.presets
from policy_ir.cli.app import application


def reference() -> str:
    """Every verb with its arguments and options, Markdown; the page's own title is left to the page."""
    command = typer.main.get_command(application())
    context = typer.Context(command, info_name="policy-ir", obj={})
    text = typer.cli.get_docs_for_click(obj=command, ctx=context, name="policy-ir")
    return _sections(text.partition("\n")[2])


def _sections(text: str) -> str:
    """The verbs as sections with short anchors, in the site's heading levels."""
    text = re.sub(r"^## `policy-ir (\w+)`$", r"## \1 {#\1}", text, flags=re.MULTILINE)
    text = re.sub(r"^### `policy-ir (\w+) (\w+)`$", r"### \1 \2 {#\1-\2}", text, flags=re.MULTILINE)
    return text.strip() + "\n"


def presets() -> str:
    """Every preset with its policy and the request it is shown with."""
    out = []
    for preset in policy_ir.presets.presets():
        out += [
            f"## {preset.name.capitalize()} {{#{preset.name}}}",
            "",
            f"{preset.title[:1].upper()}{preset.title[1:]}.",
            "",
        ]
        out += [f'```policy title="{preset.name}.policy"', preset.text.rstrip(), "```", ""]
        out += [f'```json title="{preset.name}.facts.json"', preset.facts_text.rstrip(), "```", ""]
    return "\n".join(out)


def flow_presets() -> str:
    """Every ready flow with its request."""
    out = []
    for flow in policy_ir.presets.flow_presets():
        title = f"{flow.title[:1].upper()}{flow.title[1:]}."
        out += [f"## {flow.name.replace('-', ' ').capitalize()} {{#{flow.name}}}", "", title, ""]
        out += [f'```policy title="{flow.name}.policy"', flow.text.rstrip(), "```", ""]
        out += [f'```json title="{flow.name}.chat.json"', flow.chat_text.rstrip(), "```", ""]
    return "\n".join(out)


if __name__ == "__main__":
    sys.stdout.write(reference())
