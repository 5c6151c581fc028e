"""The bounds of flows. Specification: chapter "Flows", section "Wire form"."""

from __future__ import annotations

from typing import Final

SOURCE_BYTES: Final = 1_048_576
NESTING: Final = 70
NODES: Final = 256
INPUTS: Final = 32
NAME_LENGTH: Final = 64
TEXT_BYTES: Final = 32_768
TEXTS_BYTES: Final = 1_048_576
POLICY_NODES: Final = 65_536
SHARING: Final = 4_194_304
ASSEMBLED_BYTES: Final = 4_194_304
