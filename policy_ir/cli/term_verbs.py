"""The verbs over terms of any sort and over flows: validate, hash, fmt, normalize."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from policy_ir.cli.exits import Exit, WrongUsage, verb
from policy_ir.cli.files import save
from policy_ir.cli.hashing import sort_of
from policy_ir.cli.inputs import Inputs, is_flow
from policy_ir.cli.options import Files, Formatted, VocabularyName
from policy_ir.cli.screen import Format, report, write_json
from policy_ir.diagnostics import Diagnostic, Refused, legible, to_json

if TYPE_CHECKING:
    from policy_ir.admission import Admitted
    from policy_ir.flow.admission import AdmittedFlow
    from policy_ir.flow.tree import Flow
    from policy_ir.snapshot import Snapshot
    from policy_ir.syntax.document import Document
    from policy_ir.terms import Term
    from policy_ir.vocabulary import Vocabulary


class Target(StrEnum):
    """What a term can be written as."""

    WIRE = "wire"
    AUTHORING = "authoring"
    CBOR = "cbor"


class TextTarget(StrEnum):
    """The syntaxes for people and for programs."""

    WIRE = "wire"
    AUTHORING = "authoring"


class Identity(StrEnum):
    """Whose identity of a term is printed."""

    SIGMA_POL = "sigma-pol/v2"


# --- validate ------------------------------------------------------------------------------------------------


@verb
def validate(
    files: Files,
    vocabulary: VocabularyName = None,
    catalog: Annotated[
        str | None,
        typer.Option("--catalog", metavar="FILE", help="A catalogue file to hold them against.", show_default=False),
    ] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Exit with 3 if there are warnings.")] = False,
    format: Formatted = Format.HUMAN,
) -> Exit:
    """Check terms of any sort, and flows, and report all that is wrong.

    Errors refuse a term; warnings are about what it probably does not mean.

    With --catalog, also warns of filters that accept nothing of that catalogue and of what it does not say.

    As JSON, one object on standard output: `valid`, and `files`, each with `file`, `valid`, `sort`, `fingerprint` and
    `diagnostics`.
    """
    inputs = Inputs()
    declared = inputs.vocabulary(vocabulary)
    snapshot = None if catalog is None else inputs.snapshot(catalog, declared)
    results: list[dict[str, Any]] = []
    for path in files:
        admitted, found, document = _judged(inputs, path, declared, snapshot)
        results.append(_judgement(path, admitted, found, document))
        if format is Format.HUMAN:
            if admitted is not None:
                sys.stdout.write(f"{legible(path)}: valid {sort_of(admitted)}, {admitted.fingerprint}\n")
                sys.stdout.flush()
            if found:
                report(found, document, format)
    valid = all(result["valid"] for result in results)
    doubtful = any(result["diagnostics"] for result in results)
    if format is Format.JSON:
        write_json({"valid": valid, "files": results})
    return Exit.REFUSED if not valid else Exit.DOES_NOT_HOLD if strict and doubtful else Exit.FINE


def _judged(
    inputs: Inputs, path: str, vocabulary: Vocabulary, snapshot: Snapshot | None
) -> tuple[Admitted | AdmittedFlow | None, Sequence[Diagnostic], Document | None]:
    from policy_ir.admission import Admitted

    try:
        admitted = inputs.admitted(path, vocabulary)
    except Refused as refused:
        return None, refused.diagnostics, refused.document
    if isinstance(admitted, Admitted):
        from policy_ir.lints import lint

        return admitted, lint(admitted, snapshot), admitted.document
    from policy_ir.lints.flows import lint_flow

    return admitted, lint_flow(admitted, snapshot), admitted.document


def _judgement(
    path: str, admitted: Admitted | AdmittedFlow | None, found: Sequence[Diagnostic], document: Document | None
) -> dict[str, Any]:
    return {
        "file": path,
        "valid": admitted is not None,
        "sort": None if admitted is None else sort_of(admitted),
        "fingerprint": None if admitted is None else admitted.fingerprint,
        "diagnostics": [to_json(diagnostic, document) for diagnostic in found],
    }


# --- hash ----------------------------------------------------------------------------------------------------


@verb
def hash_(
    files: Files,
    vocabulary: VocabularyName = None,
    as_: Annotated[
        Identity | None,
        typer.Option("--as", metavar="sigma-pol/v2", help="Also the identity in that language.", show_default=False),
    ] = None,
    format: Formatted = Format.HUMAN,
) -> Exit:
    """Print the fingerprint of terms of any sort, and of flows.

    It is the BLAKE3 of the canonical bytes of the normal form. One fingerprint a line, with the
    file's name where there are several.

    As JSON, an object with `fingerprint`, `sort`
    and `canonical` (the bytes in hexadecimal); under --as sigma-pol/v2 also `encoding`, `sha256` and `short`; for
    several files a list of them, each with `file`.
    """
    from policy_ir.cli.hashing import hash_files

    return hash_files(files, vocabulary=vocabulary, sigma_pol=as_ is not None, format=format)


# --- fmt -----------------------------------------------------------------------------------------------------


@verb
def fmt(
    files: Files,
    to: Annotated[
        Target | None,
        typer.Option(
            "--to",
            metavar="wire|authoring|cbor",
            help="The syntax to write; the input's own if not given.",
            show_default=False,
        ),
    ] = None,
    check: Annotated[bool, typer.Option("--check", help="Write nothing; exit with 3 if a file would change.")] = False,
    write: Annotated[bool, typer.Option("--write", help="Rewrite the files in place.")] = False,
    output: Annotated[
        str | None, typer.Option("-o", "--output", metavar="FILE", help="Write here.", show_default=False)
    ] = None,
    format: Formatted = Format.HUMAN,
) -> Exit:
    """Lay terms and flows out, or translate them into another syntax.

    Comments are kept within the authoring syntax. Canonical bytes are those of the normal form. Names are not looked
    up in any vocabulary.
    """  # fmt: skip
    if check + write + (output is not None) > 1:
        raise WrongUsage("--check, --write and --output exclude each other")
    if len(files) > 1 and not (check or write):
        raise WrongUsage("several files can only be formatted with --check or --write")
    inputs = Inputs()
    changed: list[str] = []
    code = Exit.FINE
    for path in files:
        try:
            document = inputs.document(path)
            target = to or Target(_syntax(document.syntax))
            made = _written(document, target)
        except Refused as refused:
            report(refused.diagnostics, refused.document, format)
            code = Exit.REFUSED
            continue
        if check or write:
            if made != document.text.encode("utf-8", "surrogatepass") and document.syntax != "cbor":
                changed.append(path)
                if write:
                    _rewrite(path, document, target, made)
        else:
            _deliver(made, output, binary=target is Target.CBOR)
    if check or write:
        for path in changed:
            print(f"{legible(path)}: {'rewritten' if write else 'would be rewritten'}", file=sys.stderr)
        if format is Format.JSON:
            write_json({"changed": changed})
    return code or (Exit.DOES_NOT_HOLD if check and changed else Exit.FINE)


def _written(document: Document, target: Target) -> bytes:
    """The document in a syntax, as bytes."""
    if target is Target.CBOR:
        return _canonical(document)
    try:
        return _laid_out(document, _syntax(target)).encode()
    except Refused as refused:
        raise Refused(refused.diagnostics, document) from None


def _canonical(document: Document) -> bytes:
    from policy_ir.canonical import term_bytes
    from policy_ir.normal_form import normal_form

    if is_flow(document):
        from policy_ir.flow.canonical import joined_bytes

        assert document.flow is not None
        calls = document.flow.calls
        return joined_bytes(document.flow, {name: term_bytes(normal_form(call.policy)) for name, call in calls.items()})
    assert document.term is not None
    return term_bytes(normal_form(document.term))


def _laid_out(given: Document | Term | Flow, to: Literal["wire", "authoring"]) -> str:
    from policy_ir.flow.document import FlowDocument
    from policy_ir.flow.tree import Flow

    if isinstance(given, Flow | FlowDocument):
        from policy_ir.flow.printing import fmt_flow

        return fmt_flow(given, to)
    from policy_ir.syntax import fmt

    return fmt(given, to)


def _syntax(target: str) -> Literal["wire", "authoring"]:
    return "authoring" if target == "authoring" else "wire"


def _rewrite(path: str, document: Document, target: Target, made: bytes) -> None:
    if path == "-":
        raise WrongUsage("standard input cannot be rewritten; leave out --write")
    if target.value != document.syntax:
        raise WrongUsage(f"--write keeps the syntax of a file; to translate `{path}` give --output")
    save(path, made)


def _deliver(made: bytes, output: str | None, *, binary: bool) -> None:
    if output is not None and output != "-":
        save(output, made)
    elif binary:
        if sys.stdout.isatty():
            raise WrongUsage("canonical bytes are not written to a terminal; give --output FILE, or a pipe")
        sys.stdout.buffer.write(made)
        sys.stdout.buffer.flush()
    else:
        sys.stdout.write(made.decode())


# --- normalize -----------------------------------------------------------------------------------------------


@verb
def normalize(
    file: Annotated[
        str,
        typer.Argument(metavar="FILE", help="A term or a flow; - is standard input.", show_default=False),
    ],
    to: Annotated[
        TextTarget | None,
        typer.Option(
            "--to",
            metavar="wire|authoring",
            help="The syntax to write; the input's own if not given.",
            show_default=False,
        ),
    ] = None,
    vocabulary: VocabularyName = None,
    format: Formatted = Format.HUMAN,
) -> None:
    """Print the normal form of a term of any sort, or of a flow.

    It is what is evaluated and fingerprinted.

    As JSON, an object with `sort`, `fingerprint` and `term`, or `flow`: the normal form in the wire syntax.
    """  # fmt: skip
    inputs = Inputs()
    admitted = inputs.admitted(file, inputs.vocabulary(vocabulary))
    if format is Format.JSON:
        write_json({"sort": sort_of(admitted), "fingerprint": admitted.fingerprint, **_wire(admitted.normal)})
        return
    syntax = admitted.document.syntax if admitted.document else "wire"
    target = _syntax(to or syntax)
    try:
        sys.stdout.write(_laid_out(admitted.normal, target))
    except Refused as refused:
        raise Refused(refused.diagnostics, admitted.document) from None


def _wire(normal: Term | Flow) -> dict[str, Any]:
    from policy_ir.flow.tree import Flow

    if isinstance(normal, Flow):
        from policy_ir.flow.wire_printing import to_wire_flow

        return {"flow": to_wire_flow(normal)}
    from policy_ir.syntax.print_wire import to_wire

    return {"term": to_wire(normal)}
