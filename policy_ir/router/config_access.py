"""Who may call a router: the bearer keys of a configuration."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Mapping
from typing import Any, Final

from policy_ir.diagnostics import codes, quoted
from policy_ir.router import config_keys as keys
from policy_ir.router.config import Key
from policy_ir.router.config_files import Files
from policy_ir.router.config_findings import Findings
from policy_ir.vocabulary import Vocabulary

__all__ = ["DIGEST", "read_keys"]

DIGEST: Final = re.compile(r"blake3:[0-9a-f]{64}")
"""What is known of a bearer key."""

_BURST_SECONDS: Final = 10


def read_keys(
    findings: Findings,
    files: Files,
    value: Mapping[str, Any],
    vocabulary: Vocabulary | None,
    policies: Collection[str],
) -> dict[str, Key]:
    """The keys that can be used, by name; `policies` are the names that a key may be held to: of
    the policies that the file has, and, behind `flow:`, of its flows."""
    made: dict[str, Key] = {}
    whose: dict[str, str] = {}
    for name, at, entry in findings.named(value, "/keys"):
        table = findings.table(entry, at, keys.KEY)
        digest = table.get("digest")
        if digest is not None and not _is_digest(findings, digest, at):
            digest = None
        if digest is not None and whose.setdefault(digest, name) != name:
            findings.refuse(
                codes.ONE_KEY_TWICE,
                f"{quoted(name)} has the digest of {quoted(whose[digest])}: they are one key",
                f"{at}/digest",
                help="give each its own, with `policy-ir key new`, so that a call has one name",
            )
        allowed = table.get("policies")
        for index, policy in enumerate(allowed or ()):
            if policy not in policies:
                findings.unknown_name(policy, f"{at}/policies/{index}", policies, "there is no policy")
        if "burst" in table and "rate" not in entry:
            findings.missing("rate", at, "how many calls a minute `burst` is about")
        rate = table.get("rate")
        made[name] = Key(
            name=name,
            digest=digest or "",
            floor=files.floor(table, at, vocabulary),
            rate=rate,
            burst=table.get("burst", 1 if rate is None else math.ceil(rate * _BURST_SECONDS / 60)),
            admin=table.get("admin", False),
            policies=None if allowed is None else frozenset(allowed),
            inline=table.get("inline", True),
        )
    return made


def _is_digest(findings: Findings, digest: str, at: str) -> bool:
    if DIGEST.fullmatch(digest):
        return True
    # It may be the key itself.
    findings.hidden(
        codes.KEY_DIGEST,
        "this is no digest of a bearer key",
        f"{at}/digest",
        expected="`blake3:` and 64 hexadecimal digits, in lower case",
        help="`policy-ir key new NAME` makes a key and prints its digest; if this is the key itself, make another one",
    )
    return False
