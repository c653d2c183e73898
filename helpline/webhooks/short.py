"""The short answers: to whoever sends more than a person can, and to whoever is blocked. Never silence or a hang-up."""

from flows.step import Prompt
from helpline.arrival import Arrival
from helpline.channels import sms
from helpline.limits import Verdict
from helpline.wiring import Services


def text(line: Services, message: Arrival) -> str | None:
    """The TwiML of the short answer; None where the text goes on into its conversation."""
    verdict = line.limits.text(message)
    if verdict is Verdict.FREE:
        return None
    line.limits.note(message, verdict)
    prompt = Prompt(verdict.value, line.limits.language(message))
    return sms.twiml(sms.texts((prompt,), line.content.catalogue))


def call(line: Services, arrived: Arrival) -> str | None:
    """The same for a call: it is said again and again, and any key goes on into the conversation."""
    verdict = line.limits.call(arrived)
    if verdict is Verdict.FREE:
        return None
    line.limits.note(arrived, verdict)
    return said(line, arrived, verdict)


def said(line: Services, arrived: Arrival, verdict: Verdict) -> str:
    """The document that says it and comes back to itself."""
    prompt = Prompt(verdict.value, line.limits.language(arrived))
    again = line.addresses.of("voice/short", {"w": verdict.value})
    return line.voice().offer((prompt,), line.addresses.of("voice/fallback"), again)
