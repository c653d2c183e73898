"""`helpline monitor`, put together: its eyes, its voice, and the loop."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import click
import requests
import structlog

from config.logs import configure
from config.roster import read_roster
from config.settings import Settings, from_environment
from flows.events import Channel
from flows.roster import Roster
from flows.step import Prompt
from helpline import wiring
from helpline.channels.voice import Addresses, VoiceRenderer
from helpline.content.live import LiveContent
from helpline.gateway.failures import Refused, Unavailable, Uncertain
from helpline.gateway.rest import Callbacks, Gateway, Sender
from helpline.running.drill import Drills
from helpline.running.monitor import LOOK_EVERY, Monitor

log = structlog.get_logger()

PATIENCE_S = 5.0
NO_ANSWER = "the web server does not answer"


@click.command()
def monitor() -> None:
    """Watch the line; run it apart from the line's other processes, best on another machine."""
    settings = from_environment()
    configure(settings)
    watching = build(settings)
    stop = threading.Event()
    click.echo("The monitor watches. Stop with Ctrl-C.")
    while not stop.wait(LOOK_EVERY.total_seconds()):
        watching.tick()


def build(settings: Settings) -> Monitor:
    """The monitor these settings ask for."""
    services = wiring.build(settings)
    gateway = Gateway(
        settings.account_sid,
        settings.auth_token.get_secret_value(),
        settings.api_url,
        Sender(settings.helpline_number, settings.messaging_service),
        no_texts_to=lambda _: False,  # it must not ask Redis
        blocked=lambda _: None,
    )
    return Monitor(
        look=lambda: ready(settings.public_url),
        drills=Drills(services.store, services.content.policy) if settings.monitor_number else None,
        alarm=Voice(settings, gateway, services.content),
        ping=lambda: ping(settings.monitor_url),
        clock=wiring.utc_now,
        drill_every=timedelta(minutes=settings.monitor_minutes),
    )


def ready(public_url: str) -> tuple[str, ...]:
    """What the line says is wrong with it, asked at the address at which the carrier reaches it."""
    try:
        answer = requests.get(f"{public_url}/readyz", timeout=PATIENCE_S)
        faults = answer.json().get("faults", [])
    except (requests.RequestException, ValueError, AttributeError):
        return (NO_ANSWER,)
    return tuple(str(fault) for fault in faults) or (() if answer.ok else (NO_ANSWER,))


def ping(url: str) -> None:
    """Say to the service outside that all is well; its alarm goes off when this stops."""
    if not url:
        return
    try:
        requests.get(url, timeout=PATIENCE_S)
    except requests.RequestException as fault:
        log.warning("ping_failed", fault=type(fault).__name__)


@dataclass(slots=True)
class Voice:
    """Alarms straight through the carrier, to people read from the roster file."""

    settings: Settings
    gateway: Gateway
    content: LiveContent
    _roster: Roster | None = None

    def __call__(self, message: str, what: str) -> None:
        """Text everybody who can mend it, and ring them when something is wrong."""
        for number, language in self._readers():
            self._tell(number, Prompt(message, language, {"what": what.replace("`", "")[:110]}), rings=bool(what))

    def _tell(self, number: str, prompt: Prompt, *, rings: bool) -> None:
        addresses = Addresses(self.settings.public_url)
        words = self.content.catalogue.text(prompt, Channel.SMS)
        _try(lambda: self.gateway.text(number, words, Callbacks(addresses.of("status/notice"))))
        if rings:
            spoken = VoiceRenderer(self.content.catalogue, addresses).say_and_hang_up((prompt, prompt))
            _try(lambda: self.gateway.say(number, spoken))

    def _readers(self) -> tuple[tuple[str, str], ...]:
        """Numbers and languages: the supervisors, and the fallback number."""
        roster, _ = read_roster(self.settings.roster_file)
        self._roster = roster or self._roster
        known = self._roster
        people = () if known is None else known.staff_in_order(known.supervisors)
        default = self.content.catalogue.default
        return (*((one.phone, one.languages[0]) for one in people), (self.settings.fallback_number, default))


def _try(way: Callable[[], object]) -> None:
    """One way out; when the carrier takes nothing, the service behind MONITOR_URL is what is left."""
    try:
        way()
    except (Refused, Unavailable, Uncertain) as fault:
        log.warning("alarm_not_sent", fault=type(fault).__name__)
