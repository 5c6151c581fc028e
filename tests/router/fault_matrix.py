"""The fault matrix: what can go wrong with a call, and what comes of it for its caller, in time, and in its trace.

Every row is played over real sockets (`fault_stage`). The policy of all rows takes `north/large` first, then
`south/large`, then `east/long`; what a row leaves open is as it is without any fault.
"""

from __future__ import annotations

from typing import Final

from fault_bytes import BYTES, COUNTED
from fault_callers import CALLERS
from fault_errors import ERRORS
from fault_middle import ACCOUNTS, CONNECTIONS, MIDDLE
from fault_row import Row
from fault_several import SEVERAL

ROWS: Final[tuple[Row, ...]] = (
    *ERRORS,
    *CONNECTIONS,
    *MIDDLE,
    *BYTES,
    *ACCOUNTS,
    *COUNTED,
    *SEVERAL,
    *CALLERS,
)
