"""One leg of a call: Twilio's end of the line to one telephone."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol, TypeVar

from emulator.account import Number
from emulator.identifiers import new_sid
from emulator.phones import Phone
from emulator.webhooks import Hook

T = TypeVar("T")


class LegStatus(StrEnum):
    """Twilio's call statuses; `initiated` is seen in callbacks only."""

    QUEUED = "queued"
    INITIATED = "initiated"
    RINGING = "ringing"
    IN_PROGRESS = "in-progress"
    COMPLETED = "completed"
    BUSY = "busy"
    FAILED = "failed"
    NO_ANSWER = "no-answer"
    CANCELED = "canceled"


class Direction(StrEnum):
    """Who began a leg."""

    INBOUND = "inbound"
    API = "outbound-api"
    DIAL = "outbound-dial"


@dataclass(frozen=True, slots=True)
class Goto:
    """Where a call's script goes next: to a webhook, or to TwiML given inline."""

    hook: Hook | None = None
    twiml: str | None = None
    params: dict[str, str] = field(default_factory=dict)
    purpose: str = "TwiML"


class Disconnected(Exception):
    """The leg has ended while its script was running."""


class Diverted(Exception):
    """The application has redirected the live call."""

    def __init__(self, goto: Goto) -> None:
        super().__init__()
        self.goto = goto


@dataclass(frozen=True, slots=True)
class Caption:
    """What a telephone's owner heard. `kind`: say, play, music, tone, beep, person, error."""

    at: datetime
    kind: str
    said: str
    language: str = ""
    voice: str = ""


@dataclass(frozen=True, slots=True)
class StatusHook:
    """Where a leg's statuses are reported, and which."""

    hook: Hook
    events: frozenset[str] = frozenset({"completed"})


@dataclass(frozen=True, slots=True)
class Line:
    """What is fixed about a leg from the start."""

    from_: str
    to: str
    direction: Direction
    phone: Phone
    number: Number | None = None
    parent: "Leg | None" = None
    status_hook: StatusHook | None = None
    fallback: Hook | None = None
    reason: str = ""  # what <Dial callReason> and CallReason show on the telephone


@dataclass(frozen=True, slots=True)
class Ear:
    """Something that listens to a leg's owner: key presses and words."""

    on_key: Callable[[str], None] | None = None
    on_speech: Callable[[str, float], None] | None = None


class Room(Protocol):
    """Where legs are joined so that their owners hear each other."""

    name: str
    kind: str

    @property
    def members(self) -> "list[Leg]":
        """Return who hears each other."""
        ...

    def hearers(self, leg: "Leg") -> "list[Leg]":
        """Return who hears what `leg` says."""
        ...

    def spoken(self, leg: "Leg") -> None:
        """Be told that `leg` said something."""
        ...

    def leave(self, leg: "Leg") -> None:
        """Take a leg out."""
        ...


class Leg:
    """A leg's state. Everything that waits in its script waits by `until`, so a hang-up or redirect ends it."""

    def __init__(self, line: Line, now: Callable[[], datetime], on_change: Callable[["Leg", str], None]) -> None:
        self.sid = new_sid("CA")
        self.line = line
        self.status = LegStatus.QUEUED
        self.created = self.updated = now()
        self.started: datetime | None = None
        self.ended: datetime | None = None
        self.answered_by: str | None = None
        self.answered = asyncio.Event()
        self.over = asyncio.Event()
        self.captions: list[Caption] = []
        self.room: Room | None = None
        self.ear: Ear | None = None
        self.status_hook = line.status_hook
        self.fallback = line.fallback
        self.documents = 0
        self.independent = False  # a dialled leg that was redirected and no longer ends with its caller
        self.sequence = 0
        self.time_limit_s: float | None = None
        self._now, self._on_change = now, on_change
        self._interrupt: asyncio.Future[Exception] = asyncio.get_running_loop().create_future()

    def enters(self, room: "Room") -> None:
        """Be joined with others in `room`."""
        self.room = room
        self._on_change(self, "joined")

    def leaves(self) -> None:
        """Be alone again."""
        self.room = None
        self._on_change(self, "parted")

    @property
    def live(self) -> bool:
        return not self.over.is_set()

    @property
    def duration_s(self) -> int:
        """Return whole seconds from answer to end, 0 if never answered."""
        if self.started is None:
            return 0
        return int(((self.ended or self._now()) - self.started).total_seconds())

    async def until(self, work: Awaitable[T]) -> T:
        """Return the result of `work`; raises `Disconnected` or `Diverted` if that comes first."""
        interrupt = self._interrupt
        task: asyncio.Future[T] = asyncio.ensure_future(work)
        waited: set[asyncio.Future[Any]] = {task, interrupt}
        try:
            await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
        finally:
            if not task.done():
                task.cancel()
        if interrupt.done():
            if task.done() and not task.cancelled():
                task.exception()  # looked at: the interruption is what counts
            self._took(interrupt)
            raise interrupt.result()
        return task.result()

    def listen(self, ear: Ear | None) -> None:
        """Begin to listen to the owner's keys and words, or stop."""
        self.ear = ear if self.live else None
        self._on_change(self, "listening" if self.ear else "deaf")

    def press(self, key: str) -> bool:
        """Return whether a key press was heard by the script."""
        if self.ear is None or self.ear.on_key is None:
            self._on_change(self, "key_unheard")
            return False
        self.ear.on_key(key)
        return True

    def speak(self, text: str, confidence: float) -> bool:
        """Let the owner say something; return whether anybody heard it."""
        if self.room is not None:
            hearers = self.room.hearers(self)
            for other in hearers:
                other.say("person", text)
            self.room.spoken(self)
            return bool(hearers)
        if self.ear is None or self.ear.on_speech is None:
            self._on_change(self, "speech_unheard")
            return False
        self.ear.on_speech(text, confidence)
        return True

    def say(self, kind: str, said: str, *, language: str = "", voice: str = "") -> None:
        """Let the owner hear something."""
        self.captions.append(Caption(self._now(), kind, said, language, voice))
        self._on_change(self, "caption")

    def move(self, status: LegStatus) -> None:
        """Enter a status that is not final."""
        self.status = status
        self.updated = self._now()
        self._on_change(self, status.value)

    def answer(self) -> None:
        """Pick up: once, and only while it rings."""
        if self.live and not self.answered.is_set():
            self.started = self._now()
            self.answered.set()
            self.move(LegStatus.IN_PROGRESS)

    def finish(self, status: LegStatus) -> None:
        """End the leg. The first end counts."""
        if not self.live:
            return
        self.ended = self._now()
        self.status = status
        self.over.set()
        self.ear = None
        if self._interrupt.done():
            self._interrupt = asyncio.get_running_loop().create_future()
        self._interrupt.set_result(Disconnected())
        if self.room is not None:
            self.room.leave(self)
        self.move(status)

    def hang_up(self) -> None:
        """End the leg from either side, with the status that fits how far it got."""
        if self.answered.is_set():
            self.finish(LegStatus.COMPLETED)
        elif self.line.direction is Direction.INBOUND:
            self.finish(LegStatus.NO_ANSWER)
        else:
            self.finish(LegStatus.CANCELED)

    def divert(self, goto: Goto) -> None:
        """Make the script go elsewhere at once."""
        if self._interrupt.done():
            self._interrupt = asyncio.get_running_loop().create_future()
        self._interrupt.set_result(Diverted(goto))

    def _took(self, interrupt: asyncio.Future[Exception]) -> None:
        if interrupt is self._interrupt and isinstance(interrupt.result(), Diverted):
            self._interrupt = asyncio.get_running_loop().create_future()
