"""The line is down for an hour while people text and call. It starts, and nobody is forgotten."""

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from flows.ledger import Ending, Owner
from flows.step import Consent
from helpline.store import CallerRecord
from tests.stories.parts import parts
from tests.stories.people import ANA, HELPLINE, until

pytestmark = pytest.mark.story

HOUR = timedelta(hours=1)
WITHIN_S = 60.0
IN_DANGER = {
    7: "i took all my pills and i am getting sleepy",
    19: "he is not breathing",
    23: "i want to kill myself",
    31: "my friend overdosed and wont wake up",
    44: "se tomo todas las pastillas y no despierta",
}
USUAL = ("hi", "what programs do you have", "is ketamine treatment safe", "hello?", "hola", "info please", "menu")
TEXTERS = [f"+1202555{n:04d}" for n in range(1000, 1050)]
CALLERS = [f"+1202555{n:04d}" for n in range(2000, 2020)]
WANT_A_CALL, WANT_NOTHING = CALLERS[:3], CALLERS[3]


def known(store, number, consent):
    key = store.vault.caller_key(number)
    store.transact(lambda tx: tx.put_caller(replace(CallerRecord(key, number), consent=consent)))


def an_hour_of_people(line):
    """50 texts and 20 calls, spread over the hour; every webhook fails, for nothing listens there."""
    step = HOUR.total_seconds() / (len(TEXTERS) + len(CALLERS) + 2)
    for place, number in enumerate(TEXTERS):
        line.control("phones", number=number)
        line.control(f"phones/{number}/texts", to=HELPLINE, body=IN_DANGER.get(place, USUAL[place % len(USUAL)]))
        line.control("clock/advance", seconds=step)
    for number in CALLERS:
        line.control("phones", number=number)
        line.control(f"phones/{number}/calls", to=HELPLINE)
        line.control("clock/advance", seconds=step)
    line.control("clock", method="PUT", speed=1)


def messages(line):
    engine = line.emulator.engine
    return [m for m in engine.call(lambda: list(engine.messaging.messages.values())) if m.from_ == HELPLINE]


def test_after_an_hour_down_everybody_is_answered_within_a_minute_danger_first(
    short_policy, tmp_path_factory, record_property
):
    with parts(tmp_path_factory.mktemp("h"), short_policy, began=HOUR) as line:
        with line.store() as store:
            store.put_checkpoint(datetime.now(UTC) - HOUR, timedelta(minutes=10))
            for number in WANT_A_CALL:
                known(store, number, Consent.CALL_ONLY)
            known(store, WANT_NOTHING, Consent.NO_CONTACT)
        line.phone(ANA)
        an_hour_of_people(line)
        assert messages(line) == []
        line.start()
        began = time.monotonic()
        line.up()
        up_s = time.monotonic() - began
        with line.store() as store:
            until("everybody taken up", lambda: len(dict(contacts(store))) >= 70, WITHIN_S)
            until("every text that is owed sent", lambda: everybody_told(line), WITHIN_S)
            took_s = time.monotonic() - began
            until("the last text written down as sent", lambda: not owed_by_the_line(store), WITHIN_S)
            rows = dict(contacts(store))
            cases = store.open_cases()
        record_property("web_up_s", round(up_s, 1))
        record_property("everybody_answered_s", round(took_s, 1))
        assert took_s < WITHIN_S
        gaps = line.helpline("ledger", "gaps")
        assert gaps.returncode == 0, gaps.stdout + gaps.stderr
        assert len(rows) == 70
        assert all(contact.missed for contact in rows.values())
        assert all(contact.ending or (contact.owner and contact.due_at) for contact in rows.values())
        vault = store.vault
        danger = {vault.caller_key(TEXTERS[place]) for place in IN_DANGER}
        paged = {case.caller_key for case in cases if case.in_danger}
        assert danger <= paged
        assert {vault.caller_key(number) for number in WANT_A_CALL} <= {case.caller_key for case in cases}
        of_calls = [rows[vault.caller_key(number)] for number in CALLERS]
        assert [contact.owner for contact in of_calls[:3]] == [Owner.STAFF] * 3
        assert of_calls[3].ending is Ending.NOT_TO_BE_CONTACTED
        assert {contact.ending for contact in of_calls[4:]} == {Ending.TOLD}
        assert danger_was_first(line)
        assert any("Reply 1" in message.body for message in messages(line) if message.to == ANA)


def contacts(store):
    since = datetime.now(UTC) - timedelta(hours=2)
    open_ones = [contact for _, contact in store.open_contacts() if contact]
    return [(contact.caller_key, contact) for contact in (*open_ones, *store.ended_contacts(since))]


def owed_by_the_line(store):
    """Contacts the line still owes a text: Twilio has one a moment before it is written down here."""
    return [contact for _, contact in contacts(store) if contact.owner is Owner.LINE]


def everybody_told(line):
    told = {message.to for message in messages(line)}
    return {*TEXTERS, *CALLERS[4:]} <= told


def danger_was_first(line):
    """The first five people who were written to are the five in danger."""
    order = list(dict.fromkeys(message.to for message in messages(line) if message.to in {*TEXTERS, *CALLERS}))
    return set(order[:5]) == {TEXTERS[place] for place in IN_DANGER}
