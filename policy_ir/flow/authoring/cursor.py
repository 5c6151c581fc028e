"""The place at which the text of a flow is read, what stands around it, and where to go on after an error.

No text without an error is looked at further than one token ahead. After an error, the words of statements and of
settings are where reading goes on: where two tokens show one that begins on a line of its own, no clause of a policy
can go on, whatever brackets are open.
"""

from __future__ import annotations

from policy_ir.diagnostics import codes, quoted
from policy_ir.flow.authoring.findings import Findings
from policy_ir.flow.authoring.parts import SETTINGS, STATEMENTS, Braced, is_name
from policy_ir.syntax.authoring.reading import NESTING
from policy_ir.syntax.authoring.recovery import CLAUSE_TYPES, NAMES_END
from policy_ir.syntax.authoring.stuck import CLOSERS, CLOSING
from policy_ir.syntax.authoring.tree import Lexeme
from policy_ir.syntax.document import Span

OPENING = {closer: opener for opener, closer in CLOSERS.items()}
TEXTS = ("STRING", "BLOCK")
_BEFORE = ("LBRACE", "RBRACE", "SEMICOLON")


class Cursor:
    """A place among tokens, the last of which is the end."""

    def __init__(self, text: str, lexemes: list[Lexeme], findings: Findings) -> None:
        self.text, self.lexemes, self.findings = text, lexemes, findings
        self.at = 0

    @property
    def token(self) -> Lexeme:
        """The token that is next."""
        return self.lexemes[self.at]

    @property
    def last(self) -> Lexeme:
        """The token before it."""
        return self.lexemes[self.at - 1]

    def ahead(self, by: int = 1) -> Lexeme:
        """A token after the next one; the end where the text has ended."""
        return self.lexemes[min(self.at + by, len(self.lexemes) - 1)]

    def take(self) -> Lexeme:
        """The next token, and go past it; the end is never passed."""
        lexeme = self.lexemes[self.at]
        self.at += lexeme.type != "$END"
        return lexeme

    def separator(self, what: str) -> None:
        """Go past the semicolon that may stand behind one of several statements or settings."""
        if self.token.type == "SEMICOLON":
            self.take()
        elif self.token.type == "COMMA":
            message = f"`,` between {what}"
            self.findings.at(self.take(), codes.WRONG_SEPARATOR, message, help="leave it out, or write `;`")

    # --- heads ------------------------------------------------------------------------------------------------

    def begins(self, at: int) -> bool:
        """Whether a token is the first on its line, or stands behind a brace or a semicolon."""
        before = self.lexemes[at - 1]
        return before.type in _BEFORE or "\n" in self.text[before.end : self.lexemes[at].start]

    def at_statement(self, at: int | None = None) -> bool:
        """Whether what stands at a place is the beginning of a statement, and can be nothing else."""
        at = self.at if at is None else at
        word = self.lexemes[at].text
        if word not in STATEMENTS or at + 2 >= len(self.lexemes) or not is_name(self.lexemes[at + 1]):
            return False
        following = self.lexemes[at + 2].type
        due = {"policy": "LBRACE", "input": following}.get(word, "LPAR")
        return following == due and self.begins(at)

    def at_setting(self, at: int | None = None) -> bool:
        """Whether what stands at a place is the beginning of a setting, and can be nothing else."""
        at = self.at if at is None else at
        word = self.lexemes[at].text
        if word not in SETTINGS:
            return False
        following = self.lexemes[at + 1]
        if word in ("policy", "on_error"):
            fits = is_name(following) or (following.type == "LBRACE" and word == "policy")
        else:
            fits = following.type in TEXTS
        return fits and self.begins(at)

    # --- brackets ---------------------------------------------------------------------------------------------

    def unclosed(self, opener: Lexeme) -> None:
        """Report a bracket that is not closed where the next token stands."""
        token, closer = self.token, quoted(CLOSING[opener.type])
        ends = token.type == "$END"
        self.findings.at(
            opener,
            codes.UNCLOSED,
            f"{quoted(opener.text)} is not closed",
            found=None,
            expected=closer,
            help=f"the text ends where {closer} is due" if ends else f"{closer} is due before {quoted(token.text)}",
            noticed=token.end if ends else token.start,
        )

    def unopened(self) -> bool:
        """Report and go past a closing bracket that closes nothing, if one is next."""
        if self.token.type not in ("RPAR", "RSQB"):
            return False
        self.closes_nothing()
        return True

    def closes_nothing(self) -> None:
        """Report and go past a closing bracket."""
        message = f"{quoted(self.token.text)} closes nothing"
        self.findings.at(self.take(), codes.MISMATCHED_BRACKET, message)

    def braced(self, word: Lexeme) -> Braced:
        """The clauses of a policy, whose opening brace is next; what is after them is next then."""
        opener = self.token
        start = self.at
        self.at += 1
        within: list[str] = []
        while self.token.type != "$END" and not self.at_statement() and not self.at_setting():
            kind = self.token.type
            if kind == "RBRACE" and "LBRACE" not in within[-NESTING:]:
                self.at += 1
                break
            if kind in CLOSERS:
                within.append(kind)
            elif kind in OPENING and within:
                _close(within, kind)
            elif kind in CLAUSE_TYPES and self.ahead().type not in NAMES_END:
                within.clear()
            self.at += 1
        else:
            self.unclosed(opener)
            end = self.last.end
            lexemes = [word, *self.lexemes[start : self.at], Lexeme("RBRACE", "}", end, end, repaired=True)]
            return Braced([*lexemes, Lexeme("$END", "", end, end)])
        end = self.last.end
        return Braced([word, *self.lexemes[start : self.at], Lexeme("$END", "", end, end)])

    # --- going on ---------------------------------------------------------------------------------------------

    def skip(self, *, settings: bool) -> None:
        """Go past what is not understood: to the next statement, or to the next setting, or to the closing brace."""
        depth = 0
        while self.token.type != "$END":
            kind = self.token.type
            if self.at_statement() or (settings and not depth and self.at_setting()):
                return
            if kind in CLOSERS:
                depth += 1
            elif kind in OPENING:
                if not depth and kind == "RBRACE":
                    return
                depth -= depth > 0
            elif kind == "SEMICOLON" and not depth:
                return
            self.at += 1

    def skip_one(self) -> None:
        """Go past one token; past a bracket with what it encloses."""
        depth = 0
        while self.token.type != "$END" and not (depth and self.at_statement()):
            depth += (self.token.type in CLOSERS) - (self.token.type in OPENING)
            self.at += 1
            if depth <= 0:
                return

    def skip_inputs(self) -> None:
        """Go past what stands before a closing parenthesis, or before whatever shows that there is none."""
        while self.token.type not in ("RPAR", "RSQB", "LBRACE", "RBRACE", "$END") and not self.at_statement():
            self.at += 1

    def skip_line(self) -> None:
        """Go past the rest of a line, or up to a brace on it; nothing more is said of what stands there."""
        start = end = self.last.end
        while self.token.type not in ("$END", "RBRACE") and "\n" not in self.text[end : self.token.start]:
            end = self.take().end
        line = self.text.find("\n", end, self.token.start)
        self.findings.unread.append(Span(start, self.token.start if line < 0 else line))


def _close(within: list[str], closer: str) -> None:
    """Take the bracket off that a closing one closes, with what is open in it; another kind closes the innermost."""
    opener = OPENING[closer]
    known = opener in within[-NESTING:]
    while within.pop() != opener and known:
        pass
