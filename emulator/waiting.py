"""Waiting for whichever of several things happens first."""

import asyncio
from collections.abc import Awaitable, Callable


async def first_of(*begin: Callable[[], Awaitable[object]]) -> None:
    """Return once any of these has happened; the others are no longer waited for.

    Takes what begins each wait, for whoever is cancelled before the first step must leave none behind unawaited.
    """
    waits = [asyncio.ensure_future(one()) for one in begin]
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()
