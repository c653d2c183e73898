"""Status callbacks: in order, unless a fault says otherwise."""

import asyncio
from collections import defaultdict

from emulator.faults import FaultKind
from emulator.journal import Level
from emulator.signing import Product
from emulator.webhooks import Hook, Reply, Request
from emulator.world import World, is_xml

SWAP_S = 5.0  # how long a held callback waits for a successor to overtake it


class Callbacks:
    """Status callbacks: sent in order for each call or message unless a fault says otherwise, answer not awaited."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._turns: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._overtaken: dict[str, asyncio.Event] = {}

    def send(self, hook: Hook, params: dict[str, str], *, product: Product, subject: str) -> None:
        """Send one callback in the background, as often and as late as the faults in force say."""
        event = params.get("StatusCallbackEvent") or params.get("MessageStatus") or params.get("CallStatus", "")
        call = Request(hook, params, product, subject, f"status callback {event}")
        facts = {
            "sid": subject,
            "event": event,
            "to": params.get("To", ""),
            "from": params.get("From", ""),
            "path": hook.url,
        }
        fault = self._world.faults.for_delivery(facts)
        if fault is None:
            self._begin(call, 0.0)
            return
        match fault.kind:
            case FaultKind.CALLBACK_DROP:
                pass
            case FaultKind.CALLBACK_DUPLICATE:
                self._begin(call, 0.0)
                self._begin(call, fault.seconds)
            case FaultKind.CALLBACK_SWAP:
                self._world.background.start(self._held(call))
            case _:
                self._begin(call, fault.seconds)

    def _begin(self, call: Request, delay: float) -> None:
        self._world.background.start(self._deliver(call, delay))

    async def _held(self, call: Request) -> None:
        """Let the next callback of the same subject go first; without one, go after a while."""
        overtaken = self._overtaken[call.subject] = asyncio.Event()
        late = self._world.clock.later(SWAP_S, overtaken.set)
        await overtaken.wait()
        late.cancel()
        await self._deliver(call, 0.0)

    async def _deliver(self, call: Request, delay: float) -> None:
        if delay > 0:
            await self._world.clock.sleep(delay)
        with self._world.clock.busy():
            async with self._turns[call.subject]:
                self._check(call, await self._world.webhooks.send(call))
        if (overtaken := self._overtaken.pop(call.subject, None)) is not None:
            overtaken.set()

    def _check(self, call: Request, reply: Reply) -> None:
        """Record what Twilio's debugger says of the answer: wants 204, or 200 with an XML type."""
        if reply.code:
            self._world.journal.error(reply.code, reply.text, subject=call.subject, url=call.hook.url)
        elif reply.status != 204 and not is_xml(reply.content_type):
            text = f"status callback answered {reply.status} with content type {reply.content_type or 'none'}"
            self._world.journal.note(
                "warning",
                subject=call.subject,
                level=Level.WARNING,
                code=12300,
                text=f"{text}; answer 204, or 200 with <Response/> as text/xml",
                url=call.hook.url,
            )
