"""Queues of calls."""

import asyncio
from dataclasses import dataclass, field

from emulator.identifiers import new_sid
from emulator.voice.leg import Leg


@dataclass(slots=True)
class Place:
    """Somebody's place in a queue."""

    leg: Leg
    since_s: float
    taken: asyncio.Event = field(default_factory=asyncio.Event)
    done: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(slots=True)
class Queue:
    """A line of calls."""

    name: str
    sid: str = field(default_factory=lambda: new_sid("QU"))
    places: list[Place] = field(default_factory=list)
