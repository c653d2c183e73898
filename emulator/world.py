"""What every part of the emulator shares: time, journal, account, faults, telephones and the way out to webhooks."""

from collections.abc import Callable
from dataclasses import dataclass

from emulator.account import Account
from emulator.background import Background
from emulator.clock import Clock
from emulator.faults import Faults
from emulator.journal import Journal
from emulator.phones import Phone, Phonebook
from emulator.settings import Pace, Settings
from emulator.webhooks import Ways, WebhookClient


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
    faults = Faults(journal)

    def announce(phone: Phone) -> None:
        journal.note("phone.new", number=phone.number)

    return World(
        clock=clock,
        journal=journal,
        background=Background(journal),
        account=account,
        faults=faults,
        webhooks=WebhookClient(Ways(clock, journal, faults, lambda: account.auth_token)),
        phones=Phonebook(announce),
        pace=settings.pace,
        base_url=base_url,
    )


def is_xml(content_type: str) -> bool:
    """Return whether Twilio reads a body of this type as TwiML."""
    return media_type(content_type) in ("text/xml", "application/xml", "text/html")


def media_type(content_type: str) -> str:
    """Return the type without parameters, in lower case."""
    return content_type.partition(";")[0].strip().lower()
