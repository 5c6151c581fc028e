"""A vocabulary as plain JSON, for those who look up what a policy can name."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from policy_ir.vocabulary.declarations import FieldDeclaration, Vocabulary


def vocabulary_json(vocabulary: Vocabulary, fields: Iterable[FieldDeclaration] | None = None) -> dict[str, Any]:
    """What a vocabulary declares, as a JSON object; of the fields only these, where any are named."""
    return {
        "vocabulary": vocabulary.name,
        "fingerprint": vocabulary.fingerprint,
        "fields": [
            {
                "name": field.name,
                "sort": field.sort,
                "unit": field.unit,
                "default": "inf" if field.default == float("inf") else field.default,
                "source": field.source,
                "minimum": field.minimum,
                "maximum": field.maximum,
                "about": field.about,
            }
            for field in (vocabulary.fields.values() if fields is None else fields)
        ],
        "params": [
            {
                "name": param.name,
                "sort": param.sort,
                "minimum": param.minimum,
                "maximum": param.maximum,
                "choices": None if param.choices is None else list(param.choices),
                "about": param.about,
            }
            for param in vocabulary.params.values()
        ],
        "tiers": list(vocabulary.tiers),
        "needs": dict(vocabulary.needs),
        "recipes": list(vocabulary.recipes),
        "customs": dict(vocabulary.customs),
    }
