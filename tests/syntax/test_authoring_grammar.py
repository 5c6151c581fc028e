"""The grammar of the authoring syntax covers the signature, and nothing in it can be read in two ways."""

from __future__ import annotations

import logging
import subprocess
import sys

import lark
import pytest

from policy_ir.signature import SIGNATURE
from policy_ir.syntax.authoring.grammar import grammar
from policy_ir.syntax.authoring.tree import RESERVED, Builder
from policy_ir.terms import RELATIONS as WORDS_OF_RELATIONS
from policy_ir.terms import VERBS

RULES = grammar().parser.rules


def alternatives(name: str) -> set[str]:
    patterns = {terminal.name: terminal.pattern.value for terminal in grammar().parser.terminals}
    return {patterns[symbol.name] for rule in RULES if rule.origin.name == name for symbol in rule.expansion}


def test_the_grammar_has_no_conflicts(caplog: pytest.LogCaptureFixture) -> None:
    lark.logger.setLevel(logging.DEBUG)
    with caplog.at_level(logging.DEBUG, logger=lark.logger.name):
        lark.Lark.open_from_package(
            "policy_ir", "authoring.lark", ["grammar"], parser="lalr", start=["start", "clause"], debug=True
        )
    assert [record.message for record in caplog.records if "onflict" in record.message] == []


def test_every_operation_is_an_alternative_of_the_grammar() -> None:
    labels = {rule.alias or rule.origin.name for rule in RULES}
    assert set(SIGNATURE) <= labels


def test_every_other_label_is_a_callback_or_a_form_of_its_own() -> None:
    labels = {str(rule.alias) for rule in RULES if rule.alias} - set(SIGNATURE)
    clauses = {"filter", "rank", "select", "mutate", "fallback"}
    assert {label for label in labels if not hasattr(Builder, label)} == clauses - {"mutate"} | {
        "entry",
        "pair",
        "record",
    }


def test_the_words_of_the_grammar_are_reserved_or_names() -> None:
    words = {word for word in grammar().words if word.isidentifier()}
    assert words - alternatives("name") == RESERVED
    assert not RESERVED & alternatives("name")


def test_the_actions_and_relations_are_those_of_the_tree() -> None:
    assert set(VERBS) | set(WORDS_OF_RELATIONS) <= alternatives("name")
    assert set(SIGNATURE) - RESERVED - {"not"} <= alternatives("name") | {"policy"}


def test_the_grammar_is_loaded_once() -> None:
    assert grammar() is grammar()


def test_writing_needs_no_grammar() -> None:
    program = (
        "import sys; from policy_ir.terms import Is; from policy_ir.syntax.authoring import print_authoring;"
        "print(print_authoring(Is('a')), 'lark' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "filter a\n False\n"
