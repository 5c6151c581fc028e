"""What is around decisions: the kinds `lint`, `print`, `import` and `compare`."""

from __future__ import annotations

import json
from typing import Any, cast

from policy_ir.conformance.subject.parts import (
    Input,
    NotARequest,
    admitted,
    catalogue,
    given,
    member,
    one_of,
    place,
    snapshot_of,
    spelled,
    vocabulary_of,
)


def lint(input: Input) -> dict[str, Any]:
    """The warnings about an admitted term."""
    from policy_ir.lints import lint as warnings_of

    vocabulary = vocabulary_of(input)
    made = admitted(input, vocabulary)
    snapshot = snapshot_of(input, vocabulary) if "candidates" in input else None
    return {"warnings": [place(warning) for warning in warnings_of(made, snapshot)]}


def printing(input: Input) -> dict[str, Any]:
    """A text laid out in one of the syntaxes."""
    from policy_ir.syntax import fmt, parse

    text = member(input, "text", str)
    target = one_of(input, "to", ("wire", "authoring"))
    return {"text": fmt(parse(text), to=cast(Any, target))}


def importing(input: Input) -> dict[str, Any]:
    """The candidates of a price list, and what was left out of it."""
    from policy_ir.catalogs import FORMATS, import_catalog
    from policy_ir.catalogs.file import candidate_record

    form = member(input, "format", str)
    if form not in FORMATS:
        raise NotARequest(f"the member 'format' is none of {', '.join(FORMATS)}")
    vocabulary = vocabulary_of(input)
    imported = import_catalog(json.dumps(given(input, "document")), vocabulary, form=form)
    return {
        "candidates": [spelled(candidate_record(candidate)) for candidate in imported.candidates],
        "skipped": [place(one) for one in imported.skipped],
    }


def comparing(input: Input) -> dict[str, Any]:
    """What changed between two lists of candidates."""
    from policy_ir.catalogs import diff

    vocabulary = vocabulary_of(input)
    old, new = (catalogue(input, vocabulary, name).listed for name in ("old", "new"))
    found = diff(old, new)
    return {
        "added": list(found.added),
        "removed": list(found.removed),
        "changed": [[one.id, one.what, spelled(one.old), spelled(one.new)] for one in found.changed],
        "reordered": found.reordered,
    }
