"""What every part of the emulator shares: time, journal, account, faults, telephones and the way out to webhooks."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from emulator.account import Account
from emulator.background import Background
from emulator.clock import Clock
from emulator.faults import Faults
from emulator.journal import Journal, Level
from emulator.phones import Phone, Phonebook
from emulator.settings import Pace, Settings
from emulator.signing import Product
from emulator.webhooks import Hook, Reply, Request, WebhookClient


@dataclass(frozen=True, slots=True)
class World:
    """One emulator's state. Touched only on the engine's thread."""

    clock: Clock
    journal: Journal
    background: Background
    account: Account
    faults: Faults
    webhooks: WebhookClient
    phones: Phonebook
    pace: Pace
    base_url: Callable[[], str]


def build(settings: Settings, base_url: Callable[[], str]) -> World:
    """Return a new world, reachable at `base_url`; must run on the engine's event loop."""
    clock = Clock(speed=settings.speed, start=settings.start)
    journal = Journal(clock.now)
    account = Account(settings, clock.now())

    def announce(phone: Phone) -> None:
        journal.note("phone.new", number=phone.number)

    return World(
        clock=clock,
        journal=journal,
        background=Background(journal),
        account=account,
        faults=Faults(journal),
        webhooks=WebhookClient(clock, journal, lambda: account.auth_token),
        phones=Phonebook(announce),
        pace=settings.pace,
        base_url=base_url,
    )


class Callbacks:
    """Status callbacks: sent in order for each call or message unless a fault says otherwise, answer not awaited."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._turns: dict[str, asyncio.Lock] = {}

    def send(self, hook: Hook, params: dict[str, str], *, product: Product, subject: str) -> None:
        """Send one callback in the background, as often and as late as the faults in force say."""
        event = params.get("StatusCallbackEvent") or params.get("MessageStatus") or params.get("CallStatus", "")
        facts = {
            "sid": subject,
            "event": event,
            "to": params.get("To", ""),
            "from": params.get("From", ""),
            "path": hook.url,
        }
        for delay in self._world.faults.deliveries(facts):
            call = Request(hook, params, product, subject, f"status callback {event}")
            self._world.background.start(self._deliver(call, delay))

    async def _deliver(self, call: Request, delay: float) -> None:
        if delay > 0:
            await self._world.clock.sleep(delay)
        with self._world.clock.busy():
            async with self._turns.setdefault(call.subject, asyncio.Lock()):
                self._check(call, await self._world.webhooks.send(call))

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


def is_xml(content_type: str) -> bool:
    """Return whether Twilio reads a body of this type as TwiML."""
    return media_type(content_type) in ("text/xml", "application/xml", "text/html")


def media_type(content_type: str) -> str:
    """Return the type without parameters, in lower case."""
    return content_type.partition(";")[0].strip().lower()
