"""Mistakes in reading and admitting terms."""

from __future__ import annotations

from broken import Change, flaw

SYNTAX = (
    flaw(
        "duplicate-keys-last",
        "Syntax",
        "keeps the last of several keys with one name",
        "json/key PIR0114",
        Change("syntax.json_reader", "_Reader.take", "if value in self.container:", "if False:"),
    ),
    flaw(
        "code-units-for-bytes",
        "Syntax",
        "counts UTF-16 code units where a string may have 256 bytes",
        "bound/string PIR0303",
        Change(
            "syntax.loader",
            "_string",
            "if len(text.encode()) <= STRING_BYTES:",
            "if len(text.encode('utf-16-le')) // 2 <= STRING_BYTES:",
        ),
    ),
    flaw(
        "depth-from-zero",
        "Syntax",
        "counts the root of a term as depth 0",
        "bound/depth PIR0301",
        Change("syntax.loader", "_Loading.node", "depth > self.depth", "depth > self.depth + 1"),
    ),
    flaw(
        "first-finding-only",
        "Syntax",
        "stops at the first thing that is wrong with a term",
        "SeveralFindings",
        Change("syntax.diagnose", "diagnose", "return diagnosis.found", "return diagnosis.found[:1]"),
    ),
    flaw(
        "one-escape-too-few",
        "Syntax",
        "prints characters that cannot be seen as they are",
        "print/string",
        Change(
            "syntax.print_wire",
            "print_string",
            """return f'"{ESCAPED.sub(escape, text)}"'""",
            "return __import__('json').dumps(text, ensure_ascii=False)",
        ),
    ),
)

AUTHORING = (
    flaw(
        "strict-for-loose",
        "Authoring syntax",
        "reads `<=` as `<`",
        "authoring/cmp authoring/test",
        Change(
            "syntax.authoring.elaboration",
            "_Elaboration.relation",
            "return RELATIONS.get(lexeme.type, lexeme.text)",
            "return {'le': 'lt'}.get(RELATIONS.get(lexeme.type, lexeme.text), RELATIONS.get(lexeme.type, lexeme.text))",
        ),
    ),
    flaw(
        "escapes-as-they-stand",
        "Authoring syntax",
        "leaves escapes in strings as they stand",
        "authoring/string authoring/quoted authoring/escape",
        Change(
            "syntax.authoring.elaboration",
            "unescaped",
            "return _ESCAPE.sub(character, written)",
            "return written",
        ),
    ),
)

ADMISSION = (
    flaw(
        "first-error-only",
        "Admission",
        "reports the first finding of a term and no other",
        "SeveralFindings",
        Change("admission", "_admitted", "raise Refused(found, document)", "raise Refused(found[:1], document)"),
        Change("admission", "check", "unruly(term, vocabulary)", "unruly(term, vocabulary)[:1]"),
    ),
    flaw(
        "eleven-attempts",
        "Admission",
        "lets a retry have one attempt more than the bound",
        "admit/attempts PIR0305",
        Change("admission.rules", "unruly_action", "<= action.attempts <= MAX_ATTEMPTS)", "<= action.attempts <= 11)"),
    ),
    flaw(
        "normalize-in-test",
        "Admission",
        "admits `normalize` inside of a `test`",
        "admit/pointwise PIR0211",
        Change("admission.rules", "unruly_node", "if pointwise:", "if False:"),
    ),
    flaw(
        "floor-ignored",
        "Admission",
        "leaves the filter of the host's floor out",
        "floor/filter",
        Change("floor", "under", "And((floor.filter, parts.filter), origin=policy.filter.origin)", "parts.filter"),
    ),
    flaw(
        "floor-mutates-first",
        "Admission",
        "carries the floor's transform out before the caller's, which may undo it",
        "floor/mutate",
        Change("floor", "under", "Seq((parts.mutate, floor.mutate)", "Seq((floor.mutate, parts.mutate)"),
    ),
)

VOCABULARY = (
    flaw(
        "any-tier-will-do",
        "Vocabulary",
        "takes every declared tier for one that is high enough",
        "min_tier/reject tier/order",
        Change(
            "semantics.predicates",
            "begin",
            "rank(env.snapshot.tier(i)) >= rank(tier)",
            "rank(env.snapshot.tier(i)) >= 0",
        ),
    ),
    flaw(
        "defaults-not-hashed",
        "Vocabulary",
        "leaves the defaults of fields out of the fingerprint of a vocabulary",
        "vocabulary/fingerprint vocabulary/record",
        Change("vocabulary.declarations", "FieldDeclaration.record", "default=self.default,", ""),
    ),
)
