"""The reference of the router's configuration, made from the tables that its reader reads by."""

from __future__ import annotations

from pathlib import Path

from policy_ir.router.config_keys import SECTIONS, Option
from policy_ir.router.config_kinds import KINDS

EXAMPLE = Path(__file__).parents[1] / "docs" / "guide" / "router.toml"


def configuration() -> str:
    """Every table with its keys."""
    out = []
    for section in SECTIONS:
        if section.header:
            out += [f"## `{section.header}` {{#{anchor(section.header)}}}", "", section.about, ""]
        else:
            out += [f"## {section.about}", ""]
        out += ["| key | holds | without it | what it is |", "|---|---|---|---|"]
        out += [_row(name, option) for name, option in section.options.items()]
        out.append("")
    return "\n".join(out)


def anchor(header: str) -> str:
    return header.strip("[]").replace(".", "-").lower()


def _row(name: str, option: Option) -> str:
    without = "**refused**" if option.required else option.default or "nothing"
    return f"| `{name}` | {option.type.words} | {without} | {option.about} |"


def kinds() -> str:
    """What each kind of endpoint comes with."""
    out = ["| kind | address | key from | honours |", "|---|---|---|---|"]
    for name, preset in KINDS.items():
        url = f"`{preset.url}`" if preset.url else "to be given"
        key = f"`{preset.key_env}`" if preset.key_env else "`key_env`, if it wants one"
        honours = "everything" if preset.capabilities is None else ", ".join(
            f"`{one.removeprefix('supports_')}`" for one in sorted(preset.capabilities)
        )  # fmt: skip
        out.append(f"| `{name}` | {url} | {key} | {honours} |")
    return "\n".join([*out, "", "Capabilities stand here without the `supports_` that they begin with.", ""])


def example() -> str:
    """The example file."""
    return f"```toml\n{EXAMPLE.read_text('utf-8')}```\n"
