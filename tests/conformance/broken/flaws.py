"""The mistakes, by chapter. What each does wrong is one line; the text that is changed says how."""

from __future__ import annotations

from broken.flows import CALLS, FLOWS, SCHEDULES
from broken.identity import ENCODING, INTEROP, NORMAL_FORM
from broken.meaning import DECISIONS, SEMANTICS
from broken.observing import CATALOGUE, FACTS, LINTS
from broken.reading import ADMISSION, AUTHORING, SYNTAX, VOCABULARY

FLAWS = {
    flaw.name: flaw
    for chapter in (
        *(SYNTAX, AUTHORING, ADMISSION, VOCABULARY, NORMAL_FORM, ENCODING, INTEROP),
        *(CATALOGUE, FACTS, SEMANTICS, DECISIONS, LINTS, FLOWS, CALLS, SCHEDULES),
    )
    for flaw in chapter
}
"""Every mistake by its name, in the order of the chapters."""
