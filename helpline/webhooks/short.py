"""Turns, and the short answers to whoever sends too much or is blocked. Never silence or a hang-up."""

from flows.step import Prompt
from helpline.arrival import Arrival
from helpline.channels import sms
from helpline.limits import Verdict
from helpline.wiring import Services


def text(line: Services, message: Arrival) -> str:
    """The TwiML of the conversation's turn, or of the short answer."""
    with line.limits.beginning(message, line.conversations.keys(message)) as (begun, lately):
        verdict = line.limits.text(message, lately)
        if verdict is Verdict.FREE:
            return line.conversations.take(message, begun, lately.count)
    line.limits.note(message, verdict, lately)
    prompt = Prompt(verdict.value, line.limits.language(message))
    return sms.twiml(sms.texts((prompt,), line.content.catalogue))


def call(line: Services, arrived: Arrival) -> str:
    """The same for a call: the short answer is said again and again, and any key goes on into the conversation."""
    with line.limits.beginning(arrived, line.conversations.keys(arrived)) as (begun, lately):
        verdict = line.limits.call(arrived, lately)
        if verdict is Verdict.FREE:
            return line.conversations.take(arrived, begun, lately.count)
    line.limits.note(arrived, verdict, lately)
    return said(line, arrived, verdict)


def said(line: Services, arrived: Arrival, verdict: Verdict) -> str:
    """The document that says it and comes back to itself."""
    prompt = Prompt(verdict.value, line.limits.language(arrived))
    again = line.addresses.of("voice/short", {"w": verdict.value})
    return line.voice().offer((prompt,), line.addresses.of("voice/fallback"), again)
