"""Mistakes in flows: what they are, what their calls are sent, and in which order these run."""

from __future__ import annotations

from broken import Change, flaw


def _bytes_of(*lines: str) -> Change:
    """Bytes that are made of another value than that of the normal form, whose nodes the lines change."""
    made = [
        "value = __import__('policy_ir.flow.canonical').flow.canonical.flow_value(self.normal)",
        "nodes = value[1]",
        *lines,
        "return __import__('policy_ir.canonical').canonical.canonical_bytes('flow-ir/1', ['flow', nodes])",
        "return joined_bytes(",
    ]
    return Change("flow.admission", "AdmittedFlow.canonical_bytes", "return joined_bytes(", "\n    ".join(made))


FLOWS = (
    flaw(
        "cycles-not-seen",
        "Flows",
        "admits nodes that depend on one another",
        "flow-admit/acyclic PIR1025",
        Change("flow.admission", "_unruly_whole", "for cycle in cycles(edges):", "for cycle in ():"),
    ),
    flaw(
        "dead-ends-admitted",
        "Flows",
        "admits nodes that the output does not depend on",
        "flow-admit/used PIR1027",
        Change("flow.admission", "_off_the_way", "if name not in before:", "if False:"),
    ),
    flaw(
        "zeros-before-an-index",
        "Flows",
        "takes `$01` in a template for `$1`",
        "flow-admit/template PIR1028",
        Change("flow.admission", "unruly_template", "(one.index or 0)", "int(one.digits.lstrip('0')[:3] or 0)"),
    ),
    flaw(
        "one-node-more",
        "Flows",
        "lets a flow have 257 nodes",
        "flow-bound/nodes PIR1010",
        Change("flow.loading", "build_flow", "NODES", "NODES + 1"),
    ),
    flaw(
        "names-not-hashed",
        "Flows",
        "numbers the nodes in the order in which they are written, and leaves their names out of the bytes",
        "flow-record/flow",
        _bytes_of(
            "new = {name: f'n{at}' for at, name in enumerate(nodes)}",
            "nodes = {new[name]: [kind, *rest] for name, (kind, *rest) in nodes.items()}",
            "for node in nodes.values():",
            "    if node[0] == 'llm':",
            "        node[1]['inputs'] = [new[name] for name in node[1]['inputs']]",
            "    elif node[0] == 'output':",
            "        node[1] = new[node[1]]",
        ),
    ),
    flaw(
        "fail-is-written",
        "Flows",
        "writes an `on_error` of `fail` into the bytes",
        "flow-normal/on-error",
        _bytes_of(
            "for node in nodes.values():", "    if node[0] == 'llm':", "        node[1].setdefault('on_error', 'fail')"
        ),
    ),
    flaw(
        "inputs-are-a-set",
        "Flows",
        "sorts the inputs of a node in the bytes",
        "flow-record/flow",
        _bytes_of("for node in nodes.values():", "    if node[0] == 'llm':", "        node[1]['inputs'].sort()"),
    ),
    flaw(
        "first-line-indents",
        "Flows",
        "takes the indentation of the first line from the lines of a block, not that of its closing quotes",
        "flow-authoring/block",
        Change(
            "flow.authoring.blocks",
            "text_of_block",
            'written[written.rindex("\\n") + 1 : -len(QUOTES)]',
            "next((line[: len(line) - len(line.lstrip(_SPACE))] for _, line in _lines(written)), '')",
        ),
    ),
    flaw(
        "returns-in-blocks",
        "Flows",
        "keeps the carriage returns at the line ends of a block",
        "flow-authoring/block",
        Change("flow.authoring.blocks", "_lines", 'line.removesuffix("\\r")', "line"),
    ),
)

CALLS = (
    flaw(
        "inputs-by-name",
        "Calls of a flow",
        "reads the inputs of a node in the order of their names",
        "assemble/sections assemble/template",
        Change("flow.scheduler", "_begin", "for read in node.inputs:", "for read in sorted(node.inputs):"),
    ),
    flaw(
        "template-in-several-passes",
        "Calls of a flow",
        "replaces one reference of a template after the other, in what was put in before as well",
        "template/once",
        Change(
            "flow.assembly",
            "_text",
            '        return "".join(parts)',
            '        text = "".join(parts)\n'
            "        for digits, value in texts.items():\n"
            "            text = text.replace(f'${digits}', value.text)\n"
            "        return text",
        ),
    ),
    flaw(
        "sections-without-numbers",
        "Calls of a flow",
        "heads every section with the same line",
        "assemble/sections",
        Change("flow.assembly", "_head", "[input {place}]", "[input]"),
    ),
    flaw(
        "no-system-prompt",
        "Calls of a flow",
        "drops the system prompt where the caller's messages are passed on",
        "assemble/system",
        Change(
            "flow.assembly",
            "messages_of",
            "*given) if system else",
            '*given) if system and given[0]["content"] == text else',
        ),
    ),
    flaw(
        "first-user-message",
        "Calls of a flow",
        "takes the text of the first user message for that of the input",
        "flow-value/input",
        Change("flow.values", "Messages._text", "in reversed(self.messages)", "in self.messages"),
    ),
    flaw(
        "limit-in-characters",
        "Calls of a flow",
        "counts the characters of an assembled text, not its bytes",
        "assemble/limit Unicode",
        Change("flow.values", "bytes_of", 'len(text.encode("utf-8", "surrogatepass"))', "len(text)"),
    ),
    flaw(
        "body-for-all",
        "Calls of a flow",
        "gives the tools and limits of the caller's body to every call",
        "flow-request/other flow-request/last",
        Change("flow.calls", "request_of", "if name == flow.last else messages", "if name else messages"),
    ),
    flaw(
        "needs-for-all",
        "Calls of a flow",
        "states needs and amounts of tokens for every call",
        "flow-facts/stated",
        Change("flow.calls", "stated_for", "if name == flow.last:", "if name:"),
    ),
    flaw(
        "one-seed-for-all",
        "Calls of a flow",
        "gives every call the seed of the flow, so that equal policies draw the same",
        "flow-seed/node Seeded",
        Change("flow.calls", "seed_of_node", "hashed(SEED_TAG, [seed, name])", "seed"),
    ),
    flaw(
        "seed-without-name",
        "Calls of a flow",
        "hashes the seed without the name of the node",
        "flow-seed/node Seeded",
        Change("flow.calls", "seed_of_node", "[seed, name]", "[seed]"),
    ),
    flaw(
        "known-costs-add-up",
        "Calls of a flow",
        "takes the sum of the estimates that there are for the estimate of the flow",
        "flow-cost/flow MissingObservation",
        Change("flow.cost", "_sum", "            return None", "            continue"),
    ),
)

SCHEDULES = (
    flaw(
        "on-error-ignored",
        "Semantics of flows",
        "lets every failed call fail the flow",
        "flow/passed",
        Change("flow.scheduler", "_passes_on", 'node.on_error == "input"', "False"),
    ),
    flaw(
        "empty-text-passed-on",
        "Semantics of flows",
        "passes an empty text on in place of the assembled input",
        "flow/passed flow-value/passed",
        Change("flow.scheduler", "_move", '"flow/passed", Passed(text)', '"flow/passed", Passed("")'),
    ),
    flaw(
        "too-long-passed-on",
        "Semantics of flows",
        "passes an empty text on where a text would be too long",
        "flow/too-long",
        Change(
            "flow.scheduler",
            "_begin",
            '        return "flow/too-long", Failed(TOO_LONG)',
            '        return "flow/too-long", Failed(TOO_LONG) if node.on_error == "fail" else Passed("")',
        ),
    ),
    flaw(
        "priority-ignored",
        "Semantics of flows",
        "takes possible steps in the order of the names, whatever their priority",
        "schedule/priority",
        Change("flow.scheduler", "run_script", "ranks.setdefault(name, len(ranks))", "pass"),
    ),
    flaw(
        "no-answer-is-empty",
        "Semantics of flows",
        "takes an answer that a script does not have for an empty text",
        "schedule/script",
        Change("flow.scheduler", "run_script", "answers.get(name, NO_ANSWER)", "answers.get(name, Answered(''))"),
    ),
)
