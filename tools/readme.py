"""Runs the examples of README.md and writes what they print back into it.

    python tools/readme.py            rewrites README.md
    python tools/readme.py --check    ends with 3 if that would change anything

A comment before a fenced block says what the block is: `<!-- file: NAME -->` a file to write, `<!-- run -->` commands
whose output follows them, `<!-- run: 12 -->` the same with at most twelve lines of output shown, `<!-- python -->` a
program, and `<!-- output -->` what the program before it prints. Everything runs in one empty folder, in the order of
the text.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

README = Path(__file__).parents[1] / "README.md"
BLOCK = re.compile(
    r"^<!-- (?P<what>file|run|python|output)(?:: (?P<how>[^\n]*?))? -->\n(?P<open>```[^\n]*\n)(?P<body>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
SCRIPTS = sysconfig.get_path("scripts")
SECONDS = 60


class Session:
    """A folder in which the examples run one after the other."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.printed = ""
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("LC_", "POLICY_IR"))},
            "PATH": SCRIPTS + os.pathsep + os.environ["PATH"],
            "COLUMNS": "100",
            "NO_COLOR": "1",
            "LC_ALL": "C.UTF-8",
        }

    def block(self, found: re.Match[str]) -> str:
        """A block with what it says brought up to date."""
        what, how, body = found["what"], found["how"], found["body"]
        match what:
            case "file":
                self.folder.joinpath(how).write_text(body, "utf-8")
            case "run":
                body = "".join(self.command(line, int(how) if how else None) for line in body.splitlines())
            case "python":
                self.printed = self.execute([sys.executable, "-c", body])
            case _:
                body = self.printed
        mark = f"<!-- {what}: {how} -->" if how else f"<!-- {what} -->"
        return f"{mark}\n{found['open']}{body}```"

    def command(self, line: str, limit: int | None) -> str:
        """A command line with its output; nothing for a line of old output."""
        if not line.startswith("$ "):
            return ""
        lines = self.execute(["bash", "-c", line[2:]]).splitlines()
        shown = lines if limit is None or len(lines) <= limit else [*lines[:limit], "..."]
        return "".join(f"{text.rstrip()}\n" for text in [line, *shown])

    def execute(self, command: list[str]) -> str:
        ended = subprocess.run(
            command,
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=SECONDS,
            check=False,
        )
        output = ended.stdout.decode("utf-8")
        if "Traceback" in output or ended.returncode not in (
            0,
            1,
            3,
        ):  # a refusal, or a check that does not hold, may be shown
            raise RuntimeError(f"{command[-1]}: exit code {ended.returncode}\n{output}")
        return output


def up_to_date(text: str) -> str:
    """The text with every output as it is now."""
    with tempfile.TemporaryDirectory() as folder:
        return BLOCK.sub(Session(Path(folder)).block, text)


def main() -> int:
    old = README.read_text("utf-8")
    new = up_to_date(old)
    if "--check" in sys.argv[1:]:
        return 0 if new == old else 3
    README.write_text(new, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
