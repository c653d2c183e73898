"""Two legs joined."""

import asyncio

from emulator.voice.leg import Leg


class Bridge:
    """A room for two that closes when either leaves."""

    def __init__(self, name: str, first: Leg, second: Leg, *, kind: str = "dial") -> None:
        self.name, self.kind = name, kind
        self._members = [first, second]
        self.closed = asyncio.Event()
        first.enters(self)
        second.enters(self)

    @property
    def members(self) -> list[Leg]:
        return list(self._members)

    def hearers(self, leg: Leg) -> list[Leg]:
        """Return the other one."""
        return [member for member in self._members if member is not leg] if leg in self._members else []

    def spoken(self, leg: Leg) -> None:
        """Report nothing: a bridge has no events."""

    def leave(self, leg: Leg) -> None:
        """Take a leg out; the other is alone then."""
        if leg not in self._members:
            return
        self.close()

    def close(self) -> None:
        """Part whoever is still here."""
        members, self._members = self._members, []
        for member in members:
            member.leaves()
        self.closed.set()
