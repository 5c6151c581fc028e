"""A process that writes traces to a store as a router does, and prints the id of each as soon as it is committed.

python writing_process.py URL NUMBER CONCURRENCY
"""

from __future__ import annotations

import asyncio
import os
import sys
import time

from policy_ir.trace.parts import Part
from policy_ir.trace.record import Trace, new_id
from policy_ir.trace.store import Store
from policy_ir.trace.writer import Writer


async def main(url: str, number: int, concurrency: int) -> None:
    store = Store.open(url)
    writer = Writer(store, loop=asyncio.get_running_loop(), at_once=store.at_once)
    left = iter(range(number))

    async def call_after_call() -> None:
        for at in left:
            now = time.time()
            trace = Trace(
                id=new_id(int(now * 1000), os.urandom(10)), at=now, outcome="ok", status=200, state=f"state-{at % 5}",
                facts={"fields": {"prompt_tokens": at}}, policy_name="x" * 500,
            )  # fmt: skip
            await writer.write(trace, [Part("state", f"state-{at % 5}", b"{}" * 50)])
            os.write(1, f"{trace.id}\n".encode())

    await asyncio.gather(*(call_after_call() for _ in range(concurrency)))
    await writer.close()
    store.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
