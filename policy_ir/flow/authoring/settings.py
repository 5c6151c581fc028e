"""Reading the settings of a node: `policy`, `system`, `template` and `on_error`, with recovery at each of them."""

from __future__ import annotations

from policy_ir.diagnostics import codes, did_you_mean, quoted, suggestion
from policy_ir.diagnostics.codes import Code
from policy_ir.flow.authoring.cursor import TEXTS, Cursor
from policy_ir.flow.authoring.parts import SETTINGS, Braced, Part, is_name
from policy_ir.flow.tree import ON_ERROR
from policy_ir.syntax.authoring.elaboration import CLAUSES
from policy_ir.syntax.authoring.stuck import CLOSERS
from policy_ir.syntax.authoring.tree import RESERVED, Lexeme
from policy_ir.syntax.document import Span

_NODES = ("input", "llm", "output")
_EXPECTED = "`policy`, `system`, `template` or `on_error`"
_HELP = {
    "inputs": "the inputs stand in parentheses behind the name of the node",
    "model": "the model is chosen by the `policy` of the node",
    "prompt": "the prompt is `system`; `template` lays out what the node reads",
    "user": "the message of the user is laid out by `template`",
    **dict.fromkeys(CLAUSES, "the clauses of a policy stand in `policy { … }`"),
}


class Settings:
    """The settings of one node, read into a part."""

    def __init__(self, cursor: Cursor, part: Part) -> None:
        self.cursor, self.findings, self.part = cursor, cursor.findings, part

    def read(self) -> None:
        """The braces and what is in them."""
        cursor = self.cursor
        opener = cursor.take() if cursor.token.type == "LBRACE" else None
        start = cursor.token.start if opener is None else opener.start
        self.each()
        if cursor.token.type == "RBRACE":
            closer = cursor.take()
            if self.part.policy is None and not self.part.doubtful and "policy" not in self.part.settings:
                message = f"the node {quoted(self.part.name)} has no policy"
                help_ = "add `policy { … }`, or `policy` and the name of one"
                pointer = f"{self.part.pointer}/1"
                self.findings.at(
                    closer, codes.NODE_REQUIRED_KEY, message, pointer=pointer, expected="`policy`", help=help_
                )
        elif opener is not None:
            cursor.unclosed(opener)
        self.part.body = Span(start, cursor.last.end)

    def each(self) -> None:
        """The settings, up to a closing brace or the beginning of a statement."""
        cursor = self.cursor
        while not self.findings.full and cursor.token.type not in ("RBRACE", "$END"):
            if cursor.token.text in _NODES or (cursor.at_statement() and not self.inner_policy()):
                return
            self.setting()

    def inner_policy(self) -> bool:
        """Whether a policy with a name stands in the node, and not behind it: it is indented deeper than the node."""
        cursor = self.cursor
        return cursor.token.text == "policy" and self.column(cursor.token.start) > self.column(self.part.start)

    def column(self, offset: int) -> int:
        """The column of an offset."""
        return offset - self.cursor.text.rfind("\n", 0, offset)

    def setting(self) -> None:
        """One setting, or whatever stands in the place of one."""
        cursor, token = self.cursor, self.cursor.token
        word = token.text if token.text in SETTINGS else self.meant()
        if word is None:
            return
        cursor.take()
        if word in self.part.settings:
            message, help_ = f"the node has `{word}` twice", "leave one of them out"
            pointer = f"{self.part.pointer}/1/{word}"
            self.findings.at(token, codes.SETTING_TWICE, message, pointer=pointer, help=help_)
        if cursor.token.type in ("COLON", "EQUAL"):
            message = f"{quoted(cursor.token.text)} behind `{word}`"
            self.findings.at(cursor.take(), codes.UNEXPECTED_TOKEN, message, help="leave it out")
        match word:
            case "policy":
                self.policy(token)
            case "on_error":
                self.on_error()
            case _:
                self.text(word)
        self.part.settings.setdefault(word, Span(token.start, cursor.last.end))
        cursor.separator("settings")

    def meant(self) -> str | None:
        """What a setting seems to be that begins with another word; None if it is passed over."""
        cursor, token = self.cursor, self.cursor.token
        word = token.text
        if cursor.unopened():
            return None
        self.part.doubtful = True
        if not word.isidentifier():
            self.findings.at(token, codes.UNEXPECTED_TOKEN, f"{quoted(word)} cannot stand here", expected=_EXPECTED)
            if token.type not in CLOSERS:
                cursor.take()
        else:
            near = suggestion(word, SETTINGS)
            help_ = _HELP.get(word.lower(), f"did you mean `{near}`?" if near else None)
            message = f"{quoted(word)} starts no setting"
            self.findings.at(token, codes.NO_FLOW_STATEMENT, message, expected=_EXPECTED, help=help_)
            if near and word.lower() not in _HELP:
                return near
            cursor.take()
        cursor.skip(settings=True)
        cursor.separator("settings")
        return None

    # --- values -----------------------------------------------------------------------------------------------

    def policy(self, word: Lexeme) -> None:
        """The value of `policy`: the name of one, or clauses in braces."""
        cursor, token = self.cursor, self.cursor.token
        found: Braced | Lexeme | None = None
        if is_name(token) and cursor.ahead().type == "LBRACE":
            help_ = "in a node a policy has no name; with one it stands among the statements of the flow"
            message = f"the policy {quoted(token.text)} is declared in a node"
            self.findings.at(cursor.take(), codes.UNEXPECTED_TOKEN, message, expected="`{`", help=help_)
        if cursor.token.type == "LBRACE":
            found = cursor.braced(word)
        elif is_name(token):
            found = cursor.take()
        elif token.type == "STRING":
            self.findings.quoted_name(cursor.take())
        elif token.text in RESERVED:
            message, help_ = f"{quoted(token.text)} is a reserved word", "the clauses of a policy stand in braces"
            self.findings.at(token, codes.RESERVED_WORD, message, expected="`{` or a name", help=help_)
            if not cursor.at_setting():
                cursor.skip(settings=True)
        else:
            self.wrong("`{` or the name of a policy", codes.UNEXPECTED_TOKEN)
        if self.part.policy is None:
            self.part.policy = found

    def text(self, word: str) -> None:
        """The value of `system` and of `template`."""
        cursor, token = self.cursor, self.cursor.token
        if token.type in TEXTS:
            self.part.texts.setdefault(word, cursor.take())
            while cursor.token.type in TEXTS:
                message, help_ = "a second text", 'one text; a text of several lines stands in `"""`'
                self.findings.at(cursor.take(), codes.UNEXPECTED_TOKEN, message, expected=_EXPECTED, help=help_)
        elif token.text.isidentifier() or token.type == "QUOTED":
            message = f"the text {quoted(token.text)} is without its quotes"
            help_ = "a text stands in double quotes"
            self.findings.at(token, codes.UNQUOTED_VALUE, message, expected="a text in double quotes", help=help_)
            if not cursor.begins(cursor.at):
                if token.repaired:  # what is wrong with it is all that is said
                    cursor.take()
                cursor.skip_line()
        else:
            self.wrong("a text in double quotes")

    def on_error(self) -> None:
        """The value of `on_error`: one of two words."""
        cursor, token = self.cursor, self.cursor.token
        expected = "`fail` or `input`"
        if token.text in ON_ERROR:
            taken = cursor.take()
            self.part.on_error = self.part.on_error or taken
        elif token.type == "STRING":
            help_ = "it stands without quotes"
            self.findings.at(
                cursor.take(), codes.QUOTED_NAME, f"{quoted(token.text)} is in quotes", expected=expected, help=help_
            )
        elif token.text.isidentifier() or token.type == "QUOTED":
            message = f"{quoted(token.text)} is no way to go on after a failed call"
            pointer, near = f"{self.part.pointer}/1/on_error", did_you_mean(token.text, ON_ERROR)
            if not (cursor.at_setting() or cursor.at_statement()):
                cursor.take()
            self.findings.at(token, codes.UNKNOWN_ON_ERROR, message, pointer=pointer, expected=expected, help=near)
        else:
            self.wrong(expected)

    def wrong(self, expected: str, code: Code = codes.WRONG_PARAMETER) -> None:
        """Something that is no value stands where one is due."""
        cursor, token = self.cursor, self.cursor.token
        if cursor.unopened():
            return
        if token.type in ("RBRACE", "SEMICOLON", "COMMA", "$END") or token.text.isidentifier():
            message = f"{expected} is missing behind {quoted(cursor.last.text)}"
            self.findings.at(token, codes.UNEXPECTED_TOKEN, message, expected=expected)
            return
        message = f"{quoted(token.text)} where {expected} is due"
        self.findings.at(token, code, message, expected=expected)
        cursor.skip_one()
