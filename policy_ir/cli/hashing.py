"""`policy-ir hash`, apart from its options: what it does when it starts decides how fast the command line is.

Nothing here imports typer, rich or Lark.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import attrs

from policy_ir.cli.exits import Exit
from policy_ir.cli.inputs import Inputs
from policy_ir.cli.screen import Format, report, write_json
from policy_ir.diagnostics import Refused, codes, legible

if TYPE_CHECKING:
    from policy_ir.admission import Admitted
    from policy_ir.flow.admission import AdmittedFlow


def hash_files(
    files: Sequence[str], *, vocabulary: str | None = None, sigma_pol: bool = False, format: Format = Format.HUMAN
) -> Exit:
    """Prints the fingerprint of each file's term or flow; refused files are reported and the others still hashed."""
    inputs = Inputs()
    declared = inputs.vocabulary(vocabulary)
    identities: list[dict[str, Any]] = []
    code = Exit.FINE
    for path in files:
        try:
            identity = _identity(path, inputs.admitted(path, declared), sigma_pol)
        except Refused as refused:
            report(refused.diagnostics, refused.document, format)
            code = Exit.REFUSED
            continue
        if format is Format.JSON:
            identities.append(identity if len(files) == 1 else {"file": path, **identity})
        else:
            sys.stdout.write(_human(identity, path if len(files) > 1 else None))
    if format is Format.JSON and identities:
        write_json(identities[0] if len(files) == 1 else identities)
    return code


def sort_of(admitted: Admitted | AdmittedFlow) -> str:
    """The sort of a term, or `Flow`."""
    from policy_ir.admission import Admitted

    return admitted.sort if isinstance(admitted, Admitted) else "Flow"


def _identity(name: str, admitted: Admitted | AdmittedFlow, sigma_pol: bool) -> dict[str, Any]:
    identity = {
        "fingerprint": admitted.fingerprint,
        "sort": sort_of(admitted),
        "canonical": admitted.canonical_bytes.hex(),
    }
    if sigma_pol:
        from policy_ir.admission import Admitted
        from policy_ir.interop.sigma_pol import sigma_sha256, sigma_short, sigma_string

        if not isinstance(admitted, Admitted):
            raise Refused.because(codes.NOT_IN_PEER, "sigma-pol/v2 has no flows", source=name, found="a flow",
                                  expected="a term")  # fmt: skip
        try:
            identity |= {
                "encoding": sigma_string(admitted.term),
                "sha256": sigma_sha256(admitted.term),
                "short": sigma_short(admitted.term),
            }
        except Refused as refused:
            named = [attrs.evolve(found, source=name) for found in refused.diagnostics]
            raise Refused(named, admitted.document) from None
    return identity


def _human(identity: dict[str, Any], name: str | None) -> str:
    """One line as of `b3sum`; with the peer's identity, a line for each part of it."""
    if "encoding" not in identity:
        return f"{identity['fingerprint']}{'' if name is None else f'  {legible(name)}'}\n"
    head = "" if name is None else f"{legible(name)}\n"
    lines = [f"{key:<13}{legible(identity[key])}" for key in ("fingerprint", "short", "sha256", "encoding")]
    return head + "\n".join(lines) + "\n"
