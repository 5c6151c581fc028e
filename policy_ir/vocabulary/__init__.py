"""Vocabularies: what a policy may name, as data with a fingerprint.

A policy sees a candidate only through declared fields, and sets only declared request parameters. The package ships
`core`, which every vocabulary holds, and `standard`; hosts extend them by file, and nothing that is declared can be
redefined. Specification: chapter "Vocabulary".
"""

from policy_ir.vocabulary.declarations import (
    CANDIDATE_KEYS,
    DEFAULT_TIER,
    FORMULAS,
    SORT_NAMES,
    FieldDeclaration,
    FieldSort,
    FieldValue,
    ParamDeclaration,
    ParamSort,
    Source,
    Vocabulary,
)
from policy_ir.vocabulary.files import declared_vocabulary, read_vocabulary, vocabulary
from policy_ir.vocabulary.reading import SHIPPED, extend

__all__ = [
    "CANDIDATE_KEYS",
    "DEFAULT_TIER",
    "FORMULAS",
    "SHIPPED",
    "SORT_NAMES",
    "FieldDeclaration",
    "FieldSort",
    "FieldValue",
    "ParamDeclaration",
    "ParamSort",
    "Source",
    "Vocabulary",
    "declared_vocabulary",
    "extend",
    "read_vocabulary",
    "vocabulary",
]
