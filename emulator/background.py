"""Work that goes on by itself. A failure in it is recorded, never lost."""

import asyncio
import traceback
from collections.abc import Coroutine
from typing import Any

from emulator.journal import Journal, Level


class Background:
    """Tasks on the engine's loop, kept alive until done and cancelled together at the stop."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._tasks: set[asyncio.Task[Any]] = set()

    def start(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._finished)
        return task

    async def stop(self) -> None:
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _finished(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if task.cancelled() or (error := task.exception()) is None:
            return
        trace = "".join(traceback.format_exception(error))
        self._journal.note("emulator.defect", level=Level.ERROR, error=repr(error), trace=trace)
