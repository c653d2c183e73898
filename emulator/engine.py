"""The emulator without its web server: one thread, one event loop, everything inside it."""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from emulator.callbacks import Callbacks
from emulator.messaging.exchange import Messaging
from emulator.messaging.inbox import Inbox
from emulator.rest.calls import Calls
from emulator.rest.conferences import Conferences
from emulator.rest.messages import Messages
from emulator.rest.numbers import Numbers
from emulator.rest.queues import Queues
from emulator.rest.recordings import Recordings
from emulator.rest.router import Resources, Router
from emulator.rest.services import MessagingServices
from emulator.settings import Settings
from emulator.voice.switchboard import Switchboard
from emulator.world import World, build

T = TypeVar("T")


class Engine:
    """Runs the world on its own thread; other threads act on it through `call` and `wait`."""

    world: World
    messaging: Messaging
    inbox: Inbox
    callbacks: Callbacks
    switchboard: Switchboard
    router: Router

    def __init__(self, settings: Settings, base_url: Callable[[], str]) -> None:
        self.settings, self._base_url = settings, base_url

    def start(self) -> None:
        """Begin; everything else is only possible after this."""
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="emulator-engine", daemon=True)
        self._thread.start()
        self.wait(self._build())

    def stop(self) -> None:
        """Stop all work and end the thread."""
        self.wait(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def call(self, action: Callable[..., T], *args: Any) -> T:
        """Run `action` on the engine's thread and return what it returns."""

        async def run() -> T:
            return action(*args)

        return self.wait(run())

    def wait(self, work: Coroutine[Any, Any, T]) -> T:
        """Run `work` on the engine's loop and return its result."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    async def callbacks_now(self, sid: str) -> None:
        """Let the first callbacks about `sid` go out and be answered, whatever the clock says."""
        message = self.messaging.messages.get(sid)
        if message is not None:
            message.at_once.set()
        await self.world.clock.settle()

    async def _build(self) -> None:
        self.world = build(self.settings, self._base_url)
        self.callbacks = callbacks = Callbacks(self.world)
        self.messaging = Messaging(self.world, callbacks)
        self.inbox = Inbox(self.world, self.messaging)
        self.switchboard = Switchboard(self.world, callbacks, self.messaging)
        calls = Calls(self.world, self.switchboard)
        resources = Resources(
            messages=Messages(self.world, self.messaging),
            calls=calls,
            numbers=Numbers(self.world),
            conferences=Conferences(self.world, self.switchboard, calls),
            recordings=Recordings(self.world, self.switchboard),
            queues=Queues(self.world, self.switchboard),
            services=MessagingServices(self.world, self.messaging),
        )
        self.router = Router(self.world, resources)

    async def _close(self) -> None:
        self.world.journal.close()
        await self.world.background.stop()
        self.world.webhooks.close()
