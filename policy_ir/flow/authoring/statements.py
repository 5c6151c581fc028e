"""Reading the statements of a flow: `policy`, `input`, `llm` and `output`, with recovery at each of them.

One token ahead decides what is read. Specification: chapter "Flows", section "Authoring syntax".
"""

from __future__ import annotations

from typing import Any

from policy_ir.diagnostics import Diagnostic, codes, quoted, suggestion
from policy_ir.diagnostics.codes import Code
from policy_ir.flow.authoring.cursor import Cursor
from policy_ir.flow.authoring.findings import Findings, texts
from policy_ir.flow.authoring.parts import SETTINGS, STATEMENTS, Part, is_name, names_node
from policy_ir.flow.authoring.settings import Settings
from policy_ir.flow.bounds import INPUTS, NAME_LENGTH, NODES
from policy_ir.flow.document import Word
from policy_ir.syntax.authoring.elaboration import CLAUSES, unescaped
from policy_ir.syntax.authoring.tree import RESERVED, Lexeme
from policy_ir.syntax.document import Span
from policy_ir.syntax.places import step

_EXPECTED = "`policy`, `input`, `llm` or `output`"
_OTHER_WORDS = {"node": "llm", "call": "llm", "step": "llm", "agent": "llm", "model": "llm", "result": "output",
                "answer": "output", "return": "output", "question": "input"}  # fmt: skip


class Statements:
    """One flow: its nodes and its policies by name, as they are written.

    `parts` are all statements, in order, also those that are dropped because something is wrong with their names;
    `lost` are names that something declares which is no statement. `place` is the place of the flow, `record` that of
    its braces.
    """

    def __init__(self, text: str, lexemes: list[Lexeme], findings: Findings) -> None:
        self.cursor = Cursor(text, lexemes, findings)
        self.findings = findings
        self.parts: list[Part] = []
        self.nodes: dict[str, Part] = {}
        self.policies: dict[str, Part] = {}
        self.lost: set[str] = set()
        self.unescaped: dict[int, str] = {}
        self.place = self.record = Span(0, len(text))

    def read(self) -> None:
        """Read the whole text."""
        cursor = self.cursor
        start = cursor.token.start
        if not self.head():
            return
        opener = cursor.take() if cursor.token.type == "LBRACE" else None
        while not self.findings.full and self.findings.last is None:
            if cursor.token.type == "RBRACE":
                end = cursor.take().end
                self.place, self.record = Span(start, end), Span(opener.start if opener else start, end)
                self.trailing()
                return
            if cursor.token.type == "$END":
                if opener is not None:
                    cursor.unclosed(opener)
                return
            self.statement()

    def head(self) -> bool:
        """Go past the word `flow`; whether a flow begins here."""
        cursor, first = self.cursor, self.cursor.token
        braced = cursor.ahead().type == "LBRACE"
        if first.text != "flow":
            near = suggestion(first.text, ["flow"]) if braced and is_name(first) else None
            help_ = "did you mean `flow`?" if near else None
            message = f"{quoted(first.text)} begins no flow"
            self.findings.at(first, codes.NOT_A_FLOW, message, pointer="", expected="`flow {`", help=help_)
            if near is None:
                return False
        cursor.take()
        if cursor.token.type == "RBRACE":
            cursor.closes_nothing()
        elif not braced:
            self.missing("`{`", "after `flow`")
        return True

    def trailing(self) -> None:
        """Report what stands behind the flow."""
        rest = self.cursor.lexemes[self.cursor.at : -1]
        if rest and not rest[0].repaired:
            place = Span(rest[0].start, rest[-1].end)
            found, expected = quoted(rest[0].text), "the end of the text"
            message = "text after the flow"
            self.findings.add(
                Diagnostic(code=codes.TRAILING_TEXT, message=message, span=place, found=found, expected=expected)
            )

    # --- statements -------------------------------------------------------------------------------------------

    def statement(self) -> None:
        """One statement, or whatever stands in the place of one."""
        cursor, token = self.cursor, self.cursor.token
        word = token.text if token.text in STATEMENTS else self.meant()
        match word:
            case "policy":
                self.named()
            case "input":
                self.declare(self.begun("input"))
            case "llm":
                self.llm()
            case "output":
                self.output()
        cursor.separator("statements")

    def meant(self) -> str | None:
        """What a statement seems to be that begins with another word; None if it is passed over."""
        cursor, token = self.cursor, self.cursor.token
        word = token.text
        if cursor.unopened():
            return None
        if word in SETTINGS or word in CLAUSES:
            self.stray()
            return None
        if not word.isidentifier():
            self.findings.at(token, codes.UNEXPECTED_TOKEN, f"{quoted(word)} cannot stand here", expected=_EXPECTED)
            if token.type in ("SEMICOLON", "COMMA"):
                cursor.take()
                return None
        else:
            near = suggestion(word, STATEMENTS) or _OTHER_WORDS.get(word.lower())
            call = is_name(cursor.ahead()) and cursor.ahead(2).type == "LPAR"
            fits = near if near is None or (near == "llm") == call or near == "output" else None
            help_ = f"did you mean `{near}`?" if near else None
            message = f"{quoted(word)} starts no statement"
            self.findings.at(token, codes.NO_FLOW_STATEMENT, message, expected=_EXPECTED, help=help_)
            if fits and (fits == "policy" or is_name(cursor.ahead())):
                return fits
            if is_name(cursor.ahead()):
                self.lost.add(cursor.ahead().text)
            cursor.take()
        cursor.skip(settings=False)
        return None

    def stray(self) -> None:
        """A setting outside of a node: most likely the node's brace was closed too early."""
        cursor, token = self.cursor, self.cursor.token
        what = "a setting of a node" if token.text in SETTINGS else "a clause of a policy"
        braces = "the braces of its `llm` statement" if token.text in SETTINGS else "`policy { … }`"
        message = f"{quoted(token.text)} starts no statement"
        help_ = f"it is {what}, and stands in {braces}"
        self.findings.at(token, codes.NO_FLOW_STATEMENT, message, expected=_EXPECTED, help=help_)
        if token.text in CLAUSES:
            cursor.take()
            cursor.skip(settings=False)
        else:
            Settings(cursor, Part("llm", "", token, token.start)).each()
        if cursor.token.type == "RBRACE" and cursor.ahead().type != "$END":
            cursor.take()

    def named(self) -> None:
        """A policy that is declared with a name."""
        part = self.begun("policy")
        cursor = self.cursor
        if cursor.token.type == "LBRACE":
            part.policy = cursor.braced(Lexeme("POLICY", "policy", part.start, part.start + len("policy")))
        else:
            self.missing("`{`", "after the name of a policy")
            cursor.skip(settings=False)
        part.end = cursor.last.end
        self.parts.append(part)
        if part.name in self.policies:
            self.twice(part, "policies", None)
        elif part.named.type:
            self.policies[part.name] = part

    def llm(self) -> None:
        """A call: its name, its inputs, its settings."""
        part = self.begun("llm")
        cursor = self.cursor
        self.inputs(part)
        cursor.unopened()
        if cursor.token.type == "LBRACE" or cursor.at_setting():
            if cursor.token.type != "LBRACE":
                self.missing("`{`", "before the settings of a node")
            Settings(cursor, part).read()
        else:
            self.missing("`{`", "after the inputs of a node")
            if not cursor.at_statement():
                cursor.skip(settings=False)
        self.declare(part)

    def output(self) -> None:
        """The output: its name and its one input."""
        part = self.begun("output")
        self.inputs(part, one=True)
        self.declare(part)

    def begun(self, word: Word) -> Part:
        """A statement up to its name."""
        cursor = self.cursor
        start = cursor.take().start
        named, name = self.name(f"after `{word}`")
        return Part(word, name, named, start, named.end)

    def declare(self, part: Part) -> None:
        """Add a node, unless there are too many, or there is one of its name."""
        part.end = self.cursor.last.end
        self.parts.append(part)
        if not part.named.type:  # it has no name, which is reported
            return
        pointer = step("/1", part.name)
        if part.name in self.nodes:
            self.twice(part, "nodes", pointer)
            return
        if not names_node(part.name):
            help_ = f"a letter or `_`, then letters, digits and `_`, {NAME_LENGTH} characters at most"
            message = f"{quoted(part.name)} is no name of a node"
            self.findings.at(part.named, codes.NODE_NAME, message, pointer=pointer, help=help_)
            return
        if len(self.nodes) == NODES:
            fields: dict[str, Any] = {"pointer": "/1", "expected": f"at most {NODES} nodes"}
            place = Span(part.start, part.named.end)
            self.findings.exceeded(place, codes.TOO_MANY_FLOW_NODES, f"the flow has more than {NODES} nodes", **fields)
            return
        self.nodes[part.name] = part

    def twice(self, part: Part, what: str, pointer: str | None) -> None:
        """Report a name that is there already."""
        message, help_ = f"two {what} have the name {quoted(part.name)}", "give one of them another name"
        self.findings.at(part.named, codes.FLOW_NAME_TWICE, message, pointer=pointer, help=help_)

    # --- names ------------------------------------------------------------------------------------------------

    def name(self, where: str) -> tuple[Lexeme, str]:
        """A name that is declared: its token, of no type if there is none, and what it says."""
        cursor, token = self.cursor, self.cursor.token
        following = cursor.ahead()
        # The name is omitted where the next statement begins here.
        omitted = token.text in STATEMENTS and is_name(following) and following.text not in STATEMENTS
        if is_name(token) and not omitted:
            before, said = len(self.findings.found), self.said(token)
            return cursor.take()._replace(repaired=token.repaired or len(self.findings.found) > before), said
        if token.type == "STRING":
            self.findings.quoted_name(token)
            cursor.take()
        elif token.text in RESERVED and not omitted:
            self.reserved(token)
            cursor.take()
        else:
            self.missing("a name", where)
        return Lexeme("", "", cursor.last.end, cursor.last.end, repaired=True), ""

    def said(self, name: Lexeme) -> str:
        """What a name says; its escapes are undone once, and what is wrong with them is reported."""
        if name.type != "QUOTED":
            return name.text
        if name.start not in self.unescaped:
            self.unescaped[name.start] = unescaped(name.text[1:-1], name.start + 1, self.findings.add)
        return self.unescaped[name.start]

    def reserved(self, token: Lexeme) -> None:
        """Report a reserved word where a name is due."""
        message, help_ = f"{quoted(token.text)} is a reserved word", "as a name it is written in backticks"
        self.findings.at(token, codes.RESERVED_WORD, message, expected="a name", help=help_)

    def missing(self, what: str, where: str, code: Code = codes.UNEXPECTED_TOKEN) -> None:
        """Report that something is missing before the next token, if that is no bracket that closes nothing."""
        if self.cursor.unopened():
            return
        message = f"{what} is missing {where}"
        self.findings.at(self.cursor.token, code, message, expected=what)

    # --- inputs -----------------------------------------------------------------------------------------------

    def inputs(self, part: Part, *, one: bool = False) -> None:
        """The names in the parentheses of a node, up to where these are closed, or seem to end."""
        cursor = self.cursor
        opener = cursor.token
        if opener.type == "LPAR":
            cursor.take()
        else:
            self.missing("`(`", "after the name of a node")
            if not is_name(opener) or cursor.at_statement():
                return
        before = len(self.findings.found)
        due = True  # whether a name is due
        count = 0
        while not self.findings.full:
            token = cursor.token
            if token.type == "RPAR":
                if one and not count:
                    message = "a name is missing between the parentheses of an output"
                    self.findings.at(token, codes.UNEXPECTED_TOKEN, message, expected="a name")
                cursor.take()
                break
            ends = token.type in ("RSQB", "$END", "LBRACE", "RBRACE") or cursor.at_statement() or cursor.at_setting()
            if one and count and not ends:
                message = "an output has one input"
                self.findings.at(token, codes.UNEXPECTED_TOKEN, message, expected="`)`")
                cursor.skip_inputs()
                continue
            if ends:
                if token.type == "RSQB":
                    message = f"`]` does not close {quoted(opener.text)}"
                    self.findings.at(cursor.take(), codes.MISMATCHED_BRACKET, message, expected="`)`")
                elif opener.type == "LPAR":
                    cursor.unclosed(opener)
                break
            count += self.input(part, token, due)
            due = token.type in ("COMMA", "SEMICOLON")
        part.brackets = Span(opener.start, cursor.last.end)
        if count > INPUTS and not one:
            del self.findings.found[before:], part.inputs[:]
            self.findings.add(
                Diagnostic(
                    code=codes.TOO_MANY_INPUTS,
                    message=f"more than {INPUTS} inputs",
                    pointer=f"{part.pointer}/1/inputs",
                    span=Span(opener.start, opener.end),
                    found=f"{count} inputs",
                    expected=f"at most {INPUTS} inputs",
                )
            )

    def input(self, part: Part, token: Lexeme, due: bool) -> bool:
        """One token between the parentheses of a node; whether it stands for an input."""
        self.cursor.take()
        if token.type in ("COMMA", "SEMICOLON"):
            if due:
                message = f"nothing stands before {quoted(token.text)}"
                self.findings.at(token, codes.UNEXPECTED_TOKEN, message, expected="a name")
            elif token.type == "SEMICOLON":
                self.findings.at(token, codes.WRONG_SEPARATOR, "`;` between inputs", expected="`,`")
            return False
        if is_name(token):
            if not due:
                message = f"`,` is missing before {quoted(token.text)}"
                self.findings.at(token, codes.MISSING_COMMA, message, expected="`,`")
            part.inputs.append(token)
        elif not due:
            message = f"{texts([token])} where `,` or `)` is due"
            self.findings.at(token, codes.UNEXPECTED_TOKEN, message, expected="`,` or `)`")
        elif token.type == "STRING":
            self.findings.quoted_name(token)
        elif token.text in RESERVED:
            self.reserved(token)
        else:
            message = f"{texts([token])} where a name is due"
            self.findings.at(token, codes.WRONG_PARAMETER, message, expected="a name")
        return True
