"""The examples of the diagnostic pages, and how each kind is run."""

from __future__ import annotations

import ast
import json
import re
import tempfile
from pathlib import Path
from typing import Any

from router_examples import run_router_example

from policy_ir.admission import admit, admit_policy
from policy_ir.canonical import read_term
from policy_ir.catalogs import import_catalog, load_catalog, read_catalog
from policy_ir.chat import facts_of_chat
from policy_ir.cli.stores import trace_of
from policy_ir.diagnostics import Code, Diagnostic, Refused, codes, page
from policy_ir.facts import read_facts, read_seed
from policy_ir.floor import read_floor
from policy_ir.flow.admission import admit_flow
from policy_ir.flow.reading import is_flow_text, read_flow_source
from policy_ir.lints import lint
from policy_ir.lints.flows import lint_flow
from policy_ir.router.sandbox import read_faults
from policy_ir.snapshot import Snapshot
from policy_ir.syntax import parse
from policy_ir.syntax.loader import load
from policy_ir.syntax.source import decode
from policy_ir.trace.moments import moment
from policy_ir.trace.parts import rebuild
from policy_ir.trace.record import Trace, new_id
from policy_ir.trace.store import Store
from policy_ir.vocabulary import extend, vocabulary

FENCE = re.compile(r"^```([a-z]+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def example(code: Code) -> tuple[str, str]:
    """The kind and the text of a code's example: the first fenced block under its heading."""
    section = page(code).split("\n## Example\n", 1)[1].split("\n## What to do\n", 1)[0]
    found = FENCE.search(section)
    assert found, f"the page of {code} has no example"
    return found.group(1), found.group(2)


def raised_by(kind: str, text: str, code: Code) -> set[str]:
    """The codes that an example raises: those it is refused with, or the warnings it is read with."""
    try:
        return {found.code.code for found in _run(kind, text, code)}
    except Refused as refused:
        return {found.code.code for found in refused.diagnostics}


def _run(kind: str, text: str, code: Code) -> list[Diagnostic]:
    standard = vocabulary("standard")
    match kind:
        case "json" | "policy" | "text" | "bytes":
            data = _source(kind, text)
            if is_flow_text(text):
                flow = read_flow_source(data, "example")
                assert flow.flow is not None
                return lint_flow(admit_flow(flow.flow, standard, document=flow))
            document = parse(decode(data, "example"), syntax="authoring" if kind == "policy" else "auto")
            assert document.term is not None
            judge = admit_policy if code is codes.NOT_A_POLICY else admit
            return list(lint(judge(document.term, standard, document=document)))
        case "hex":
            read_term(bytes.fromhex(text))
        case "facts":
            read_facts(json.loads(text), standard)
        case "chat":
            facts_of_chat(json.loads(text), standard)
        case "vocabulary":
            extend(standard, json.loads(text), "example")
        case "catalogue":
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder, "example.json")
                path.write_text(text, "utf-8")
                return list(getattr(load_catalog(path, standard), "skipped", ()))
        case "prices":
            return list(import_catalog(text, standard).skipped)
        case "state":
            value = json.loads(text)
            catalog = read_catalog(json.dumps(value["catalogue"]), "example", standard)
            Snapshot.take(catalog, standard).with_state(value["state"])
        case "linted":
            value = json.loads(text)
            catalog = read_catalog(json.dumps(value["catalogue"]), "example", standard)
            term = load(value["term"])
            return list(lint(admit(term, standard), Snapshot.take(catalog, standard)))
        case "seed":
            read_seed(json.loads(text))
        case "floor":
            read_floor(json.loads(text))
        case "fault":
            read_faults([text])
        case "store":
            Store.open(text.strip()).close()
        case "trace":
            trace = Trace(id=new_id(1000, bytes(10)), at=1.0, status=400, **json.loads(text))
            rebuild(lambda kind, digest: None, trace)
        case "id":
            with tempfile.TemporaryDirectory() as folder, Store.open(str(Path(folder, "traces.db"))) as store:
                trace_of(store, text.strip())
        case "time":
            moment(text.strip(), 0.0)
        case "config" | "call":
            return run_router_example(kind, text, code)
        case _:
            raise AssertionError(f"no such kind of example: {kind}")
    return []


def _source(kind: str, text: str) -> bytes:
    if kind == "bytes":
        value: Any = ast.literal_eval(text.strip())
        assert isinstance(value, bytes)
        return value
    return text.encode("utf-8", "surrogatepass")
