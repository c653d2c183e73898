"""`python -m bench.relay HERE THERE…`: carries connections to the first place that takes them, in turn.

The load balancer before two web servers, and inside a machine the way to the carrier, which the line wants on loopback
or with TLS. A place that does not take a connection is left alone for a second.
"""

import asyncio
import itertools
import sys
import time
from dataclasses import dataclass, field

TAKES_S = 0.3
LEFT_ALONE_S = 1.0
Place = tuple[str, int]


@dataclass(slots=True)
class Relay:
    """Where connections go; `until` holds the places that did not take one."""

    places: tuple[Place, ...]
    turn: "itertools.cycle[int]" = field(init=False)
    until: dict[Place, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.turn = itertools.cycle(range(len(self.places)))

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, both ways, until either side ends it."""
        try:
            there, back = await self._open()
        except OSError:
            writer.close()
            return
        await asyncio.gather(_copy(reader, back), _copy(there, writer))

    async def _open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        first = next(self.turn)
        order = [*self.places[first:], *self.places[:first]]
        for place in sorted(order, key=lambda one: self.until.get(one, 0.0) > time.monotonic()):
            try:
                return await asyncio.wait_for(asyncio.open_connection(*place), TAKES_S)
            except (OSError, TimeoutError):
                self.until[place] = time.monotonic() + LEFT_ALONE_S
        raise ConnectionRefusedError


async def _copy(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    try:
        while data := await source.read(65_536):
            sink.write(data)
            await sink.drain()
    except OSError:
        pass  # the other end is gone: the connection ends here too
    finally:
        sink.close()


def place(written: str) -> Place:
    host, _, port = written.rpartition(":")
    return host, int(port)


async def serve(here: Place, there: tuple[Place, ...]) -> None:
    async with await asyncio.start_server(Relay(there).carry, *here) as server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(place(sys.argv[1]), tuple(place(one) for one in sys.argv[2:])))
