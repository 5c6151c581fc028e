"""Runs as JUnit XML, as test tools and CI servers read it: a suite for each subject, a case for each vector."""

from __future__ import annotations

import re
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from policy_ir.conformance.report.results import Judged, Results
from policy_ir.conformance.runner import Outcome

_NO_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""The characters that XML 1.0 cannot hold, not even escaped."""


def to_junit(results: Results) -> str:
    """The document, ending in a newline.

    A known failure is a skipped case, as pytest has it for an expected failure; a known failure that passes is a failed
    one.
    """
    suites = "".join(map(_suite, results.subjects))
    tests = sum(len(one.run.outcomes) for one in results.subjects)
    failures = sum(one.failing for one in results.subjects)
    seconds = sum(one.run.seconds for one in results.subjects)
    head = (
        f'<testsuites name="policy-ir conformance" tests="{tests}" failures="{failures}" errors="0" '
        f'time="{seconds:.3f}">'
    )
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{head}\n{suites}</testsuites>\n'


def _suite(one: Judged) -> str:
    said = [("implementation", one.title), ("command", " ".join(one.run.command))]
    properties = "".join(f"<property name={_quoted(name)} value={_quoted(value)}/>\n" for name, value in said)
    cases = "".join(map(_case, one.run.outcomes))
    counts = one.counts
    head = (
        f'<testsuite name={_quoted(one.name)} tests="{len(one.run.outcomes)}" failures="{one.failing}" errors="0" '
        f'skipped="{counts["skip"] + counts["known"]}" time="{one.run.seconds:.3f}">'
    )
    return f"{head}\n<properties>\n{properties}</properties>\n{cases}</testsuite>\n"


def _case(outcome: Outcome) -> str:
    vector = outcome.vector
    path, _, name = vector.id.rpartition("/")
    head = f'<testcase classname={_quoted(path.replace("/", "."))} name={_quoted(name)} time="{outcome.seconds:.4f}"'
    match outcome.status:
        case "pass":
            return f"{head}/>\n"
        case "skip":
            inside = f"<skipped message={_quoted(outcome.message)}/>"
        case "known":
            inside = f'<skipped type="known" message={_quoted("known failure: " + outcome.message)}/>'
        case _:
            text = "\n".join(
                [outcome.message, vector.comment, f"rules: {', '.join(vector.rules) or 'none'}",
                 f"policy-ir conformance show {vector.id}"]
            )  # fmt: skip
            inside = f'<failure type="{outcome.status}" message={_quoted(outcome.message)}>{_text(text)}</failure>'
    return f"{head}>{inside}</testcase>\n"


def _text(text: str) -> str:
    return escape(_held(text))


def _quoted(text: str) -> str:
    return quoteattr(_held(text))


def _held(text: str) -> str:
    return _NO_XML.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
