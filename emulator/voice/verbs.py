"""All verbs by name."""

from emulator.messaging.exchange import Messaging
from emulator.twiml.document import Element
from emulator.voice.control import hang_up, message_verb, redirect, refer, reject
from emulator.voice.dial import dial_numbers
from emulator.voice.dial_conference import dial_conference
from emulator.voice.gather import gather
from emulator.voice.queueing import dial_queue, enqueue, leave
from emulator.voice.record import record
from emulator.voice.script import Move, Script, Verb
from emulator.voice.speaking import pause, play, say


async def dial(script: Script, verb: Element) -> Move:
    """Connect the leg with somebody else, by the nouns inside."""
    nouns = [child for child in verb.children if child.name == "Number"]
    for child in verb.children:
        if child.name == "Conference":
            return await dial_conference(script, verb, child)
        if child.name == "Queue":
            return await dial_queue(script, verb, child)
        if child.name != "Number":
            script.error(12200, f"<Dial> with <{child.name}> is not emulated")
    if verb.text:
        nouns.append(Element("Number", {}, (), verb.text))
    return await dial_numbers(script, verb, nouns)


def verb_table(messaging: Messaging) -> dict[str, Verb]:
    """Return every voice verb; texts sent during calls go through `messaging`."""
    message = message_verb(messaging)
    return {
        "Say": say,
        "Play": play,
        "Pause": pause,
        "Gather": gather,
        "Dial": dial,
        "Record": record,
        "Enqueue": enqueue,
        "Redirect": redirect,
        "Hangup": hang_up,
        "Reject": reject,
        "Leave": leave,
        "Refer": refer,
        "Message": message,
        "Sms": message,
    }
