"""Colours for the authoring syntax of policies and of flows in the site: a Pygments lexer under the name `policy`."""

from __future__ import annotations

from typing import ClassVar

import pygments.lexers
from pygments.lexer import RegexLexer, bygroups, words
from pygments.token import Comment, Keyword, Name, Number, Operator, Punctuation, String, Text

from policy_ir.signature import SIGNATURE
from policy_ir.terms import Verb

_NAME = r"[A-Za-z_]\w*|`[^`]*`"


class PolicyLexer(RegexLexer):
    name = "policy-ir"
    aliases: ClassVar[list[str]] = ["policy"]
    filenames: ClassVar[list[str]] = ["*.policy"]
    tokens: ClassVar = {
        "root": [
            (r"\s+", Text),
            (r"(#|//).*$", Comment.Single),
            (r'"""', String.Double, "block"),
            (r'"(?:\\.|[^"\\])*"', String.Double),
            (r"`[^`]*`", Name),
            (words(("policy", "filter", "rank", "select", "mutate", "fallback", "on"), suffix=r"\b"), Keyword),
            (r"(flow)(\s*)(\{)", bygroups(Keyword, Text, Punctuation)),
            (rf"(input|llm|output)(\s+)(?!(?:and|or|not|in)\b)({_NAME})", bygroups(Keyword, Text, Name)),
            (r"(system|template)(\s+)(?=\")", bygroups(Keyword, Text)),
            (r"(on_error)(\s+)(fail|input)\b", bygroups(Keyword, Text, Keyword.Constant)),
            (words(("and", "or", "not", "in", "if", "then", "else"), suffix=r"\b"), Operator.Word),
            (words((*SIGNATURE, *Verb.__args__), suffix=r"\b"), Name.Function),  # type: ignore[attr-defined]
            (words(("true", "false"), suffix=r"\b"), Keyword.Constant),
            (r"-?\d[\d_]*(?:\.\d[\d_]*)?(?:[eE][+-]?\d+)?", Number),
            (r"[A-Za-z_][\w.-]*", Name),
            (r"<=|>=|==|!=|[-+*/<>=]", Operator),
            (r"[][(){},:;]", Punctuation),
            (r".", Text),
        ],
        "block": [
            (r'"""', String.Double, "#pop"),
            (r"\\.", String.Escape),
            (r"\$[1-9][0-9]*", String.Interpol),
            (r'[^"\\$]+|["$\\]', String.Double),
        ],
    }


def register() -> None:
    """Let Pygments find the lexer by its name."""
    pygments.lexers.LEXERS["PolicyLexer"] = (
        __name__,
        PolicyLexer.name,
        tuple(PolicyLexer.aliases),
        tuple(PolicyLexer.filenames),
        (),
    )
    pygments.lexers._lexer_cache[PolicyLexer.name] = PolicyLexer  # type: ignore[attr-defined]
