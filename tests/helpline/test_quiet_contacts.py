"""People who do not go on: their contact ends by itself, and nothing about them stays due for ever."""

from datetime import timedelta

import pytest

from flows.ledger import Ending
from tests.helpline.whole_line import ANA, HELPLINE, SOMEBODY, new_sid


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


def close_every_case(line):
    """Staff take and close what is open; a question of triage left unanswered opens a case hours later."""
    for case in line.services.store.open_cases():
        line.text(f"1 {case.code}", sender=ANA)
        line.text(f"DONE {case.code} 3", sender=ANA)


def test_two_days_after_the_last_person_nothing_is_due_but_what_the_clock_does_by_itself(line):
    """Whatever they did: nothing that one of them set in motion goes on for ever."""
    line.services.chores.begin()
    line.control("phones", number=ANA)
    numbers = iter(f"+1202555{n:04d}" for n in range(3000, 3100))
    conversations = (
        ("hi",), ("hi", "1"), ("hi", "2", "1"), ("hi", "3"), ("hola",), ("HELP",), ("STOP",), ("what programs",),
        ("hi", "nonsense", "more nonsense"), ("i took all my pills",), ("i want to die",), ("hi", "0"), ("DELETE",),
    )  # fmt: skip
    for words in conversations:
        sender = next(numbers)
        for body in words:
            line.text(body, sender=sender)
            line.tick(seconds=2)
    called(line)
    called(line, "1")
    called(line, "0")
    for _ in range(24):
        close_every_case(line)
        line.tick(hours=2)
    due = {member.decode().partition("|")[0] for member in line.redis.zrange("due", 0, -1)}
    assert line.services.store.open_cases() == ()
    assert due == {"chore"}
    assert line.services.store.open_contacts() == ()
    assert line.services.ledger.gaps() == ()
    since = line.clock.now - timedelta(days=4)
    assert all(contact.ending for contact in line.services.ledger.day(since))
