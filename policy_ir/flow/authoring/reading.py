"""Reading the authoring text of a flow: tokens, statements, policies, the flow. Specification: chapter "Flows"."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice

import attrs

from policy_ir.diagnostics import Diagnostic, Refused, codes, did_you_mean, quoted
from policy_ir.flow.authoring.blocks import read_block, text_of_block
from policy_ir.flow.authoring.findings import Findings
from policy_ir.flow.authoring.parts import Braced, Part
from policy_ir.flow.authoring.places import FlowPlaces
from policy_ir.flow.authoring.policies import Read, read_policy
from policy_ir.flow.authoring.statements import Statements
from policy_ir.flow.bounds import NODES, POLICY_NODES, SHARING, SOURCE_BYTES, TEXT_BYTES
from policy_ir.flow.document import FlowDocument, Statement
from policy_ir.flow.tree import Flow, Input, Llm, Node, Output
from policy_ir.syntax.authoring.elaboration import unescaped
from policy_ir.syntax.authoring.grammar import grammar
from policy_ir.syntax.authoring.tokens import tokenize
from policy_ir.syntax.authoring.tree import Lexeme
from policy_ir.syntax.document import Span
from policy_ir.syntax.source import check_text


def parse_authoring_flow(text: str, *, name: str = "flow", source: str = "policy") -> FlowDocument:
    """The flow of an authoring text, with the places of its parts by their pointers in the wire form.

    `name` names the text in findings, `source` each policy in the origins of its nodes, whose pointers start at the
    policy. Nodes that share a policy have one and the same. Takes time about linear in the text, and never recurses
    deeper than the bounds of a term. Raises Refused with every finding, in the order of the text, at most 100 of them.
    """
    check_text(text, name, limit=SOURCE_BYTES)
    language = grammar()
    tokens = tokenize(text, language, read_block)
    unread = FlowDocument(name=name, text=text, syntax="authoring", comments=tokens.comments)
    findings = Findings(tokens.found)
    if len(tokens.lexemes) == 1 and not tokens.found:
        findings.add(Diagnostic(code=codes.EMPTY_SOURCE, message="the text holds no flow", expected="a flow"))
    if tokens.cut or len(tokens.lexemes) == 1:
        raise Refused(findings.all(), unread)
    statements = Statements(text, tokens.lexemes, findings)
    statements.read()
    making = _Making(statements, findings, text, source)
    document = making.document(unread)
    found = findings.all()
    if found:
        raise Refused(found, unread)
    return document


class _Making:
    """From statements to the flow: texts undone, policies read, names of policies followed, bounds checked."""

    def __init__(self, statements: Statements, findings: Findings, text: str, source: str) -> None:
        self.statements, self.findings, self.text, self.source = statements, findings, text, source
        self.read: dict[int, Read] = {}
        self.nodes = 0

    def document(self, unread: FlowDocument) -> FlowDocument:
        """The document, which means nothing if there are findings."""
        statements = self.statements
        users = self.users()
        for part in statements.parts:
            if isinstance(part.policy, Braced):
                self.policy(part.policy, self.user(part, users))
        nodes: dict[str, Node] = {}
        policies: dict[str, Mapping[str, Span]] = {}
        names: dict[str, str] = {}
        own = {"": statements.place, "/1": statements.record}
        for part in statements.nodes.values():
            node = self.node(part, own)
            if node is None:
                continue
            nodes[part.name] = node
            if isinstance(node, Llm):
                policies[part.name] = self.braced(part).spans
                if isinstance(part.policy, Lexeme):
                    names[part.name] = statements.said(part.policy)
        if not (self.findings.found or self.findings.lexical):
            self.share()
        return attrs.evolve(
            unread,
            flow=Flow(nodes),
            spans=FlowPlaces(own, policies),
            policies=names,
            statements=tuple(map(self.statement, statements.parts)),
            warnings=self.unused(unread.name, users),
        )

    # --- policies ---------------------------------------------------------------------------------------------

    def users(self) -> dict[str, Part]:
        """The first node that uses a policy, by the policy's name; names that no statement declares are reported."""
        known, lost = self.statements.policies, self.statements.lost
        users: dict[str, Part] = {}
        for part in self.statements.nodes.values():
            if not isinstance(part.policy, Lexeme):
                continue
            name = self.statements.said(part.policy)
            if name in known:
                users.setdefault(name, part)
            elif name not in lost:
                self.findings.at(
                    part.policy,
                    codes.UNDECLARED_POLICY,
                    f"no statement declares the policy {quoted(name)}",
                    pointer=f"{part.pointer}/1/policy",
                    help=did_you_mean(
                        name, islice(known, NODES), "declare it: `policy NAME { … }` among the statements of the flow"
                    ),
                )
        return users

    def user(self, part: Part, users: Mapping[str, Part]) -> Part | None:
        """The first node that uses the policy which stands in a statement; of one that is dropped there is none."""
        if part.word == "policy":
            return users.get(part.name) if self.statements.policies.get(part.name) is part else None
        return part if self.statements.nodes.get(part.name) is part else None

    def policy(self, braced: Braced, user: Part | None) -> None:
        pointer = f"{user.pointer}/1/policy" if user else None
        self.read[id(braced)] = read_policy(self.text, braced, grammar(), self.findings, pointer, self.source)

    def braced(self, part: Part) -> Read:
        """The policy of a node as read, wherever it is written."""
        return self.read.get(id(self.written(part))) or Read(None, 0, {})

    def written(self, part: Part) -> Braced | None:
        """The clauses of the policy of a node, wherever they stand."""
        policy = part.policy
        if isinstance(policy, Lexeme):
            declared = self.statements.policies.get(self.statements.said(policy))
            policy = declared.policy if declared else None
        return policy if isinstance(policy, Braced) else None

    def unused(self, name: str, users: Mapping[str, Part]) -> tuple[Diagnostic, ...]:
        return tuple(
            Diagnostic(
                code=codes.UNUSED_POLICY,
                message=f"no node uses the policy {quoted(policy)}",
                span=Span(part.named.start, part.named.end),
                source=name,
                help=f"write `policy {part.named.text}` in a node, or take the policy out",
            )
            for policy, part in self.statements.policies.items()
            if policy not in users
        )

    # --- nodes ------------------------------------------------------------------------------------------------

    def node(self, part: Part, own: dict[str, Span]) -> Node | None:
        """The node that a statement makes, unless something is wrong with it; its places are added."""
        at = part.pointer
        own[at] = Span(part.start, part.end)
        match part.word:
            case "input":
                return Input()
            case "output":
                if not part.inputs:
                    return None
                own[f"{at}/1"] = _place(part.inputs[0])
                return Output(self.statements.said(part.inputs[0]))
        if part.brackets:
            own[f"{at}/1"] = Span(part.brackets.start, part.end)
            own[f"{at}/1/inputs"] = part.brackets
        inputs = []
        for i, lexeme in enumerate(part.inputs):
            own[f"{at}/1/inputs/{i}"] = _place(lexeme)
            inputs.append(self.statements.said(lexeme))
        if part.on_error:
            own[f"{at}/1/on_error"] = _place(part.on_error)
        texts = {}
        for word, lexeme in part.texts.items():
            own[f"{at}/1/{word}"] = _place(lexeme)
            texts[word] = self.prompt(lexeme, f"{at}/1/{word}")
        read = self.braced(part)
        self.count(part, read)
        if read.policy is None:
            return None
        return Llm(
            system=texts.get("system", ""),
            policy=read.policy,
            inputs=tuple(inputs),
            template=texts.get("template"),
            on_error="input" if part.on_error and part.on_error.text == "input" else "fail",
        )

    def count(self, part: Part, read: Read) -> None:
        """Count the nodes of a policy at one that uses it."""
        self.nodes += read.nodes
        if self.nodes > POLICY_NODES >= self.nodes - read.nodes:
            self.exceeded(part, f"the policies of the flow have more than {POLICY_NODES} nodes together", POLICY_NODES)

    def exceeded(self, part: Part, message: str, most: int) -> None:
        """Report the policy of a node with which a bound of them all is exceeded, at its name if it has one there."""
        policy = part.policy
        assert policy is not None
        self.findings.exceeded(
            _place(policy) if isinstance(policy, Lexeme) else policy.place,
            codes.POLICIES_TOO_LARGE,
            message,
            pointer=f"{part.pointer}/1/policy",
            expected=f"at most {most}, a policy counted at each node that uses it",
        )

    def share(self) -> None:
        """Count the characters of the policies, each at every node that uses it: what a shared one stands for."""
        total = 0
        for part in self.statements.nodes.values():
            written = self.written(part)
            size = written.braces.end - written.braces.start if written else 0
            total += size
            if total > SHARING >= total - size:
                self.exceeded(part, f"the policies of the flow have more than {SHARING} characters together", SHARING)

    def prompt(self, lexeme: Lexeme, pointer: str) -> str:
        """What a STRING or BLOCK says, within the bound of a text.

        All of them together are within theirs, because the source is: no escape is shorter than what it stands for.
        """

        def lone(found: Diagnostic) -> None:
            self.findings.add(attrs.evolve(found, pointer=pointer))

        if lexeme.type == "BLOCK":
            text = text_of_block(lexeme.text, lexeme.start, lone)
        else:
            text = unescaped(lexeme.text[1:-1], lexeme.start + 1, lone)
        size = len(text.encode())
        if size > TEXT_BYTES:
            self.findings.add(
                Diagnostic(
                    code=codes.PROMPT_TOO_LONG,
                    message=f"the text has more than {TEXT_BYTES} bytes",
                    pointer=pointer,
                    span=_place(lexeme),
                    found=f"{size} bytes",
                    expected=f"at most {TEXT_BYTES} bytes of UTF-8",
                )
            )
        return text

    # --- for the formatter ------------------------------------------------------------------------------------

    def statement(self, part: Part) -> Statement:
        read = self.read.get(id(part.policy))
        return Statement(
            word=part.word,
            name=part.name,
            span=Span(part.start, part.end),
            body=part.body,
            settings=part.settings,
            braces=part.policy.braces if isinstance(part.policy, Braced) else None,
            policy=read.policy if read and part.word == "policy" else None,
            spans=read.spans if read else {},
        )


def _place(lexeme: Lexeme) -> Span:
    return Span(lexeme.start, lexeme.end)
