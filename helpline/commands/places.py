"""What `helpline provision` sets: the helpline's number, and the Messaging Service it sends through if there is one."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from config.settings import Settings
from helpline.commands.webhook_plan import difference, wanted, wanted_of_service
from helpline.gateway.numbers import Numbers
from helpline.gateway.rest import Gateway, Sender
from helpline.gateway.services import MessagingServices, ServiceAtTwilio


class NotThere(Exception):
    """What the settings name is not in this account; the message says what is, and how to mend it."""


@dataclass(frozen=True, slots=True)
class Place:
    """One thing at Twilio that says where texts or calls go; `set` gives what it says afterwards."""

    name: str
    sid: str
    now: Mapping[str, str]
    then: Mapping[str, str]
    set: Callable[[Mapping[str, str]], Mapping[str, str]]

    @property
    def changes(self) -> dict[str, tuple[str, str]]:
        """Name to value now and value then."""
        return difference(self.now, self.then)


def gateway_of(settings: Settings) -> Gateway:
    """The way to Twilio with these settings."""
    token = settings.auth_token.get_secret_value()
    return Gateway(
        settings.account_sid,
        token,
        settings.api_url,
        Sender(settings.helpline_number),
        no_texts_to=lambda _: False,
        blocked=lambda _: None,
    )


def places(settings: Settings, fallback_base: str) -> tuple[Place, ...]:
    """Everything to be set, the number last: until then texts and calls go where they went.

    Raises:
        NotThere: the account has another number, or another service.
        gateway.Refused, gateway.Unavailable, gateway.Uncertain: Twilio did not say.

    """
    gateway = gateway_of(settings)
    numbers = Numbers(gateway)
    found = numbers.ours()
    if not found:
        has = ", ".join(numbers.others()) or "none"
        raise NotThere(
            f"This account does not have HELPLINE_NUMBER {settings.helpline_number}; its numbers: {has}. "
            "Give the number of this account, or the account of this number"
        )
    ours = found[0]
    number = Place(
        ours.number,
        ours.sid,
        ours.webhooks,
        wanted(settings, fallback_base),
        lambda values: numbers.set(ours.sid, values).webhooks,
    )
    return (*_service(settings, gateway, fallback_base), number)


def _service(settings: Settings, gateway: Gateway, fallback_base: str) -> Iterator[Place]:
    services = MessagingServices(gateway)
    service = service_of(settings, services)
    if service is not None:
        yield Place(
            f"Messaging Service {service.name}",
            service.sid,
            service.webhooks,
            wanted_of_service(settings, fallback_base),
            lambda values: services.set(service.sid, values).webhooks,
        )


def service_of(settings: Settings, services: MessagingServices) -> ServiceAtTwilio | None:
    """The Messaging Service of the settings; None where they name none and none takes the number's texts.

    Raises:
        NotThere: it is in another account, the number is none of its senders, or one the settings do not name is.

    """
    sid, number = settings.messaging_service, settings.helpline_number
    if not sid:
        taken = services.with_our_number()
        if taken is None or not taken.takes_texts:
            return None
        raise NotThere(
            f"Texts to {number} go where the Messaging Service {taken.name} leads them, not where the number does. "
            f"Set TWILIO_MESSAGING_SERVICE_SID to {taken.sid}, or take the number out of it in the Twilio Console"
        )
    service = services.one(sid)
    if service is None:
        raise NotThere(f"This account has no Messaging Service {sid}. Give one of its own, or none")
    if number not in service.senders:
        has = ", ".join(sorted(service.senders)) or "none"
        raise NotThere(
            f"HELPLINE_NUMBER {number} is no sender of the Messaging Service {service.name}; its senders: {has}. "
            "Add the number in the Twilio Console, or empty TWILIO_MESSAGING_SERVICE_SID"
        )
    return service
