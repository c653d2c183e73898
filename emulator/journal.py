"""Everything that happened, in order, for people and tests to read."""

import asyncio
import itertools
import queue
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

KEPT = 100_000  # so that an emulator left running for weeks does not fill the machine


class Level(StrEnum):
    """How much a record matters: an error is something real Twilio would have put in its error log."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Record:
    """One thing that happened. `subject` is the SID of the call or message it belongs to, if any."""

    number: int
    at: datetime
    kind: str
    level: Level
    subject: str
    data: dict[str, Any]

    def as_json(self) -> dict[str, Any]:
        return {
            "number": self.number,
            "at": self.at.isoformat(),
            "kind": self.kind,
            "level": self.level.value,
            "subject": self.subject,
            "data": self.data,
        }


@dataclass(frozen=True, slots=True)
class Query:
    """Which records to give: all conditions hold, empty ones are ignored. `kind` may be a prefix."""

    kind: str = ""
    level: str = ""
    subject: str = ""
    after: int = 0

    def matches(self, record: Record) -> bool:
        return (
            record.number > self.after
            and record.kind.startswith(self.kind)
            and self.level in ("", record.level.value)
            and self.subject in ("", record.subject)
        )


class Journal:
    """Append-only record. Written on the engine's thread; listeners may be on any thread."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._records: deque[Record] = deque(maxlen=KEPT)
        self._numbers = itertools.count(1)
        self._listeners: list[queue.SimpleQueue[Record | None]] = []
        self._wakers: set[asyncio.Event] = set()

    def note(self, kind: str, *, subject: str = "", level: Level = Level.INFO, **data: Any) -> Record:
        """Append a record and tell every listener."""
        record = Record(next(self._numbers), self._now(), kind, level, subject, data)
        self._records.append(record)
        for listener in self._listeners:
            listener.put(record)
        for waker in self._wakers:
            waker.set()
        return record

    def error(self, code: int, text: str, *, subject: str = "", **data: Any) -> Record:
        """Append what Twilio's debugger would show: an error code with its text."""
        return self.note("error", subject=subject, level=Level.ERROR, code=code, text=text, **data)

    def find(self, query: Query) -> list[Record]:
        return [record for record in self._records if query.matches(record)]

    async def wait_for(self, query: Query, *, seconds: float) -> list[Record]:
        """Return matching records, waiting up to `seconds` of real time for the first one."""
        waker = asyncio.Event()
        self._wakers.add(waker)
        try:
            async with asyncio.timeout(seconds):
                while not (found := self.find(query)):
                    waker.clear()
                    await waker.wait()
        except TimeoutError:
            return []
        finally:
            self._wakers.discard(waker)
        return found

    async def wait_until(self, condition: Callable[[], bool], *, seconds: float) -> bool:
        """Return whether `condition` became true within `seconds` of real time; looked at after every record."""
        waker = asyncio.Event()
        self._wakers.add(waker)
        try:
            async with asyncio.timeout(seconds):
                while not condition():
                    waker.clear()
                    await waker.wait()
        except TimeoutError:
            return condition()
        finally:
            self._wakers.discard(waker)
        return True

    def clear(self) -> None:
        """Forget all records; numbering goes on, so `after` stays meaningful."""
        self._records.clear()

    def listen(self) -> queue.SimpleQueue[Record | None]:
        """Return a queue that receives every record from now on, and None when the emulator stops."""
        listener: queue.SimpleQueue[Record | None] = queue.SimpleQueue()
        self._listeners.append(listener)
        return listener

    def unlisten(self, listener: queue.SimpleQueue[Record | None]) -> None:
        if listener in self._listeners:
            self._listeners.remove(listener)

    def close(self) -> None:
        for listener in self._listeners:
            listener.put(None)
