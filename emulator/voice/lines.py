"""Queues of calls."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime

from emulator.identifiers import new_sid
from emulator.voice.leg import Goto, Leg


@dataclass(slots=True)
class Place:
    """Somebody's place in a queue. `elsewhere` is where REST has sent them, out of the queue."""

    leg: Leg
    since_s: float
    since: datetime
    elsewhere: Goto | None = None
    taken: asyncio.Event = field(default_factory=asyncio.Event)
    done: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(slots=True)
class Queue:
    """A line of calls."""

    name: str
    created: datetime
    max_size: int = 100
    sid: str = field(default_factory=lambda: new_sid("QU"))
    places: list[Place] = field(default_factory=list)
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    def add(self, place: Place) -> None:
        """Let somebody stand at the end, and wake whoever waits to take a call."""
        self.places.append(place)
        self.arrived.set()

    def waits_s(self, now_s: float) -> list[int]:
        """Return how long each place has waited, in whole seconds."""
        return [int(now_s - place.since_s) for place in self.places]
