"""Verbs that move a call elsewhere or end it: Redirect, Hangup, Reject, Message."""

from emulator.messaging.exchange import Messaging
from emulator.messaging.inbox import content_fault, reply_draft
from emulator.twiml.document import Element
from emulator.voice.leg import Goto, LegStatus
from emulator.voice.script import Move, Script, Stop, Verb
from emulator.webhooks import Hook


async def redirect(script: Script, verb: Element) -> Move:
    """Go on with another document."""
    url = script.document.resolve(verb.text)
    return Goto(Hook(url, verb.get("method", "POST")), purpose="Redirect")


async def hang_up(script: Script, verb: Element) -> Move:  # noqa: ARG001 - the shape of every verb
    """End the call; it counts as answered."""
    script.leg.answer()
    script.leg.hang_up()
    return Stop()


async def reject(script: Script, verb: Element) -> Move:
    """Turn an incoming call down without answering it; only possible before anything was answered."""
    if script.leg.answered.is_set():
        script.error(12200, "<Reject> only works as the first verb of an incoming call")
        script.leg.hang_up()
        return Stop()
    busy = verb.get("reason", "rejected") == "busy"
    script.leg.say("tone", "busy tone" if busy else "The number you have dialed is not in service.")
    script.leg.finish(LegStatus.BUSY if busy else LegStatus.NO_ANSWER)
    return Stop()


async def refer(script: Script, verb: Element) -> Move:
    """Refuse: SIP transfers are not played here."""
    script.error(12200, f"<{verb.name}> is not emulated")
    return None


def message_verb(messaging: Messaging) -> Verb:
    """Return the verb that sends a text during a call."""

    async def message(script: Script, verb: Element) -> Move:
        line = script.leg.line
        ours, theirs = (line.to, line.from_) if line.number is not None else (line.from_, line.to)
        draft = reply_draft(script.document, verb, ours=ours, theirs=theirs, direction="outbound-call")
        fault = content_fault(draft)
        if fault is not None:
            script.error(*fault)
            return None
        messaging.send(draft)
        return None

    return message
