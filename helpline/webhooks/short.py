"""Turns, and the short answers to whoever sends too much or is blocked. Silence is only for what a machine sends."""

from collections.abc import Callable

from flows.step import Prompt
from helpline.arrival import Arrival
from helpline.channels import sms
from helpline.limits import Verdict
from helpline.store.counters import Lately
from helpline.wiring import Services


def text(line: Services, message: Arrival) -> str:
    """The TwiML of the conversation's turn, or of the short answer."""

    def short(verdict: Verdict) -> str:
        if verdict is Verdict.HUSHED:
            return sms.twiml(())
        prompt = Prompt(verdict.value, line.limits.language(message))
        return sms.twiml(sms.texts((prompt,), line.content.catalogue))

    return _answer(line, message, line.limits.text, short)


def call(line: Services, arrived: Arrival) -> str:
    """The same for a call: the short answer is said again and again, and any key goes on into the conversation."""
    return _answer(line, arrived, line.limits.call, lambda verdict: said(line, arrived, verdict))


def said(line: Services, arrived: Arrival, verdict: Verdict) -> str:
    """The document that says it and comes back to itself."""
    prompt = Prompt(verdict.value, line.limits.language(arrived))
    again = line.addresses.of("voice/short", {"w": verdict.value})
    return line.voice().offer((prompt,), line.addresses.of("voice/fallback"), again)


def _answer(
    line: Services, arrived: Arrival, judge: Callable[[Arrival, Lately], Verdict], short: Callable[[Verdict], str]
) -> str:
    with line.limits.beginning(arrived, line.conversations.keys(arrived)) as (begun, lately):
        verdict = judge(arrived, lately)
        if verdict is Verdict.FREE:
            return line.conversations.take(arrived, begun, lately.count)
    return line.limits.note(arrived, verdict, lately, short(verdict))
