"""A subject that makes one mistake: `python tests/conformance/broken NAME`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from broken import broken
from broken.flaws import FLAWS
from policy_ir.conformance.subject import serve

with broken(FLAWS[sys.argv[1]]):
    serve(sys.stdin.buffer, sys.stdout.buffer)
