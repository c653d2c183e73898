"""The part of `helpline check` that asks outside: Twilio about the account and number, and the public address."""

from collections.abc import Callable, Iterator

from config.settings import Settings
from flows.fault import Fault
from helpline.commands.places import NotThere, gateway_of, service_of
from helpline.commands.provision import WRONG_CREDENTIALS
from helpline.commands.webhook_plan import misdirected, wanted, wanted_of_service
from helpline.gateway.failures import Refused, Unavailable, Uncertain
from helpline.gateway.numbers import BLOCKED, NumberAtTwilio, Numbers
from helpline.gateway.reachable import Unreachable, probe
from helpline.gateway.rest import Gateway
from helpline.gateway.services import MessagingServices, ServiceAtTwilio

TOLL_FREE = ("+1800", "+1833", "+1844", "+1855", "+1866", "+1877", "+1888")


def outside_faults(settings: Settings) -> Iterator[Fault]:
    """Everything outside this machine that keeps callers from the line. A line that is not up yet is no hindrance."""
    yield from _at_twilio(settings)
    try:
        probe(settings)
    except Unreachable as fault:
        yield Fault("PUBLIC_URL", 0, fault.what, fault.mend, blocks=False)


def _at_twilio(settings: Settings) -> Iterator[Fault]:
    gateway = gateway_of(settings)
    numbers = Numbers(gateway)
    try:
        found = numbers.ours()
        if not found:
            has = ", ".join(numbers.others()) or "none"
            yield _number(
                f"this account does not have {settings.helpline_number}; it has {has}",
                "Give the number of this account, or the account of this number",
            )
            return
        yield from _number_faults(found[0], settings)
        found_out = _service(gateway, settings)
        if isinstance(found_out, Fault):
            yield found_out
        service = None if isinstance(found_out, Fault) else found_out
        yield from _service_faults(service, settings)
        yield from _registration(numbers.blocked, settings.helpline_number, service)
    except Refused as fault:
        yield _refused(fault)
    except (Unavailable, Uncertain) as fault:
        yield Fault("TWILIO_API_URL", 0, f"Twilio does not answer ({fault})", "Try again later", blocks=False)


def _refused(fault: Refused) -> Fault:
    if fault.code in WRONG_CREDENTIALS:
        return Fault(
            "TWILIO_AUTH_TOKEN", 0, "Twilio does not know these credentials", "Copy both from the Twilio Console"
        )
    return Fault("TWILIO_ACCOUNT_SID", 0, f"Twilio refuses (error {fault.code})", "Look the error up at Twilio")


def _number_faults(ours: NumberAtTwilio, settings: Settings) -> Iterator[Fault]:
    for able, name in ((ours.sms, "texts"), (ours.voice, "calls")):
        if not able:
            yield _number(f"{ours.number} takes no {name}", "Use a number with SMS and voice")
    for name, wrong in misdirected(ours.webhooks, wanted(settings)):
        yield Fault("HELPLINE_NUMBER", 0, f"{name} {wrong}", "Run `helpline provision`", blocks=False)


def _service(gateway: Gateway, settings: Settings) -> ServiceAtTwilio | Fault | None:
    """The Messaging Service of the line, or what is wrong with the one that is named, or with naming none."""
    try:
        return service_of(settings, MessagingServices(gateway))
    except NotThere as fault:
        what, _, mend = str(fault).partition(". ")
        return Fault("TWILIO_MESSAGING_SERVICE_SID", 0, what, mend)


def _service_faults(service: ServiceAtTwilio | None, settings: Settings) -> Iterator[Fault]:
    """A Messaging Service has the last word on where texts go."""
    if service is None:
        return
    for name, wrong in misdirected(service.webhooks, wanted_of_service(settings)):
        yield Fault("TWILIO_MESSAGING_SERVICE_SID", 0, f"{name} {wrong}", "Run `helpline provision`", blocks=False)


def _registration(
    blocked: Callable[[], frozenset[int]], number: str, service: ServiceAtTwilio | None
) -> Iterator[Fault]:
    """US carriers drop the texts of numbers nobody registered: seen in what was sent, and told before that."""
    errors = blocked()
    for code in sorted(errors):
        yield _number(f"carriers drop its texts (error {code}): {BLOCKED[code]}", "Register it in the Twilio Console")
    toll_free = number.startswith(TOLL_FREE)
    if errors or not number.startswith("+1") or (service is not None and service.registered and not toll_free):
        return
    todo = "toll-free verification" if toll_free else "an A2P 10DLC campaign"
    mend = "See that it is approved in the Twilio Console"
    if service is None and not toll_free:
        mend += ", and give its Messaging Service as TWILIO_MESSAGING_SERVICE_SID"
    yield Fault("HELPLINE_NUMBER", 0, f"in the US its texts need {todo}", mend, blocks=False)


def _number(what: str, mend: str) -> Fault:
    return Fault("HELPLINE_NUMBER", 0, what, mend)
