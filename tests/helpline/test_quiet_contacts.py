"""People who do not go on: their contact ends by itself, and nothing about them stays due for ever."""

from datetime import timedelta

import pytest

from flows.ledger import Ending
from tests.helpline.whole_line import HELPLINE, SOMEBODY, new_sid


def timers(line):
    return [member for member in line.redis.zrange("due", 0, -1) if member.startswith(b"timer|")]


def ending(line):
    (contact,) = line.services.ledger.day(line.clock.now - timedelta(days=2))
    return contact.ending


def called(line, *keys):
    """A call that presses these keys and hangs up; Twilio reports all of it."""
    call = {"CallSid": new_sid("CA"), "From": SOMEBODY, "To": HELPLINE, "CallStatus": "in-progress"}
    line.post("/twilio/voice", call)
    for version, key in enumerate(keys, 1):
        line.post(f"/twilio/voice/turn?v={version}", {**call, "Digits": key})
    line.post("/twilio/voice/status", {**call, "CallStatus": "completed"})


@pytest.mark.parametrize("words", ["hi", "what programs do you have"])
def test_a_text_conversation_nobody_goes_on_with_goes_quiet_within_the_day(line, words):
    line.services.chores.begin()
    line.text(words)
    for _ in range(30):
        line.tick(minutes=20)
    assert ending(line) is Ending.WENT_QUIET
    assert timers(line) == []
    assert line.services.ledger.gaps() == ()


@pytest.mark.parametrize("keys", [(), ("2",)], ids=["at the menu", "after an answer"])
def test_a_call_that_hung_up_is_over_and_leaves_nothing_behind(line, keys):
    line.services.chores.begin()
    called(line, *keys)
    for _ in range(4):
        line.tick(minutes=3)
    assert ending(line) is Ending.HUNG_UP
    assert timers(line) == []


def test_who_writes_again_is_a_new_contact_that_ends_too(line):
    line.services.chores.begin()
    for _ in range(2):
        line.text("hi")
        for _ in range(30):
            line.tick(minutes=20)
    found = line.services.ledger.day(line.clock.now - timedelta(days=2))
    assert [contact.ending for contact in found] == [Ending.WENT_QUIET] * 2
