"""What came while the line was down: found in Twilio's lists, danger first, answered late and exactly once."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest

from flows.ledger import Ending, Owner
from flows.step import Consent
from flows.urgency import Urgency
from helpline.arrival import text_session
from helpline.gateway.failures import Refused, Unavailable
from helpline.ledger.late_answers import APART
from helpline.ledger.reconcile import CheckpointUnreadable, Reconciler, TooFarBack
from helpline.store import keys
from tests.helpline.whole_line import ANA, HELPLINE, SOMEBODY

OTHER = "+12025550143"
LEAVER = "+12025550177"


def compare(line, **later):
    """The line is up again, a while later, and compares."""
    line.clock.on(**(later or {"minutes": 1}))
    found = line.services.reconciler.run()
    for _ in range(30):
        line.tick(seconds=1.1)
    return found


def contacts(line):
    return line.services.ledger.day(line.clock.now - timedelta(days=1))


def test_a_text_nobody_saw_is_answered_late_and_says_so(line):
    line.arrives("hi")
    found = compare(line)
    assert (found.texts, found.calls) == (1, 0)
    said = " ".join(line.sent(SOMEBODY))
    assert said.startswith("Sorry, our system was down when you wrote.")
    assert "911" in said
    (contact,) = contacts(line)
    assert contact.missed
    assert contact.owner is Owner.CALLER
    assert contact.late_by >= timedelta(seconds=59)


def test_the_same_comparison_again_changes_nothing(line):
    line.arrives("hi")
    compare(line)
    before = line.sent(SOMEBODY)
    assert compare(line).texts == 0
    line.redis.delete(keys.CHECKPOINT)
    assert compare(line).texts == 0
    assert line.sent(SOMEBODY) == before
    assert len(contacts(line)) == 1


def test_a_text_that_was_answered_is_not_answered_again(line):
    line.text("hi", sid=line.arrives("hi").sid)
    compare(line)
    assert line.sent(SOMEBODY) == []


def test_a_text_that_was_answered_before_the_checkpoint_is_not_missed_when_somebody_looks_back(line):
    line.text("hi", sid=line.arrives("hi").sid)
    line.services.store.put_checkpoint(line.clock.now + timedelta(hours=1), timedelta(minutes=10))
    line.clock.on(hours=2)
    assert line.services.reconciler.run(since=line.clock.now - timedelta(hours=3)).texts == 0
    assert line.sent(SOMEBODY) == []


def test_a_time_so_long_ago_that_answers_are_forgotten_is_refused(line):
    line.services.store.put_checkpoint(line.clock.now, timedelta(minutes=10))
    line.arrives("hi")
    with pytest.raises(TooFarBack, match="everybody of then would be"):
        line.services.reconciler.run(since=line.clock.now - timedelta(days=3))
    assert contacts(line) == ()


def test_a_line_that_was_down_for_days_looks_back_to_its_checkpoint_all_the_same(line):
    line.services.store.put_checkpoint(line.clock.now - timedelta(days=3), timedelta(minutes=10))
    line.arrives("hi")
    line.clock.on(minutes=1)
    assert line.services.reconciler.run(since=line.clock.now - timedelta(days=2)).texts == 1


def test_danger_is_taken_up_first_and_pages_go_out(line):
    line.arrives("hi")
    line.arrives("what are your programs", OTHER)
    line.arrives("i took all my pills and cant stay awake", "+12025550144")
    compare(line)
    (case,) = line.services.store.open_cases()
    assert case.urgency is Urgency.EMERGENCY
    assert any("case " + case.code in text for text in line.sent(ANA))
    first = next(m for m in line.messages(sender=HELPLINE) if m.to in {SOMEBODY, OTHER, "+12025550144"})
    assert first.to == "+12025550144"
    assert first.body.startswith("Call 911") or "911" in first.body
    assert "Sorry, our system was down" not in first.body.split("\n")[0]


def test_staff_learn_that_the_text_is_old(line):
    line.arrives("he is not breathing")
    compare(line, minutes=42)
    (case,) = line.services.store.open_cases()
    notes = [entry.detail["text"] for entry in line.services.store.timeline(case.id) if "text" in entry.detail]
    assert any("taken up 4" in note for note in notes)


def test_several_texts_of_one_person_are_read_in_order_and_answered_once(line):
    for body in ("hi", "hello?", "is anybody there"):
        line.arrives(body)
    compare(line)
    assert sum("system was down" in body for body in line.sent(SOMEBODY)) == 1
    (contact,) = contacts(line)
    assert contact.events == 3


def test_an_old_answer_is_not_taken_for_an_answer_to_todays_question(line):
    line.arrives("1")
    line.clock.on(minutes=2)
    line.text("hi")
    before = line.services.store.transact(lambda tx: tx.session(contacts(line)[0].session_id))
    compare(line)
    after = line.services.store.transact(lambda tx: tx.session(before.id))
    assert after == before
    assert {contact.ending for contact in contacts(line)} == {None, Ending.CAME_BACK}


def test_late_answers_leave_one_after_the_other_at_a_pace_the_carrier_takes(line):
    for number in range(5):
        line.arrives("hi", f"+120255501{number + 50}")
    line.clock.on(minutes=1)
    line.services.reconciler.run()
    rows = line.redis.zrange("due", 0, -1, withscores=True)
    leave = sorted(at for member, at in rows if member.startswith(b"letter|late-"))
    assert len(leave) >= 5
    assert all(later - earlier >= APART.total_seconds() * 1000 - 1 for earlier, later in pairwise(leave))


def test_danger_in_an_old_text_counts_even_when_the_person_has_written_since(line):
    line.arrives("i want to die")
    line.clock.on(minutes=2)
    line.text("hi")
    compare(line)
    assert len(line.services.store.open_cases()) == 1


def test_stop_is_honoured_and_not_answered(line):
    line.arrives("STOP", LEAVER)
    compare(line)
    assert not any("system was down" in body for body in line.sent(LEAVER))
    assert contacts(line)[0].ending is Ending.OPTED_OUT


def test_a_missed_call_is_answered_by_a_neutral_text(line):
    line.is_called()
    compare(line)
    (said,) = line.sent(SOMEBODY)
    assert "could not answer" in said
    assert "helpline" not in said.lower()
    assert "ketamine" not in said.lower()
    assert contacts(line)[0].ending is Ending.TOLD


def test_five_missed_calls_are_one_text(line):
    for _ in range(5):
        line.is_called()
    compare(line)
    assert len(line.sent(SOMEBODY)) == 1
    assert sorted(c.ending for c in contacts(line)) == [Ending.CAME_BACK] * 4 + [Ending.TOLD]


def known_caller(line, consent):
    line.text("hi")
    key, then = line.services.store.vault.caller_key(SOMEBODY), line.clock.now - timedelta(days=3)

    def long_ago(tx):
        tx.put_caller(replace(tx.caller(key), consent=consent, last_seen=then))
        tx.put_session(replace(tx.session(text_session(key)), last_at=then))

    line.services.store.transact(long_ago)


@pytest.mark.parametrize("consent", [Consent.CALL_ONLY, Consent.CALL_AND_VOICEMAIL])
def test_who_said_that_calling_is_safe_is_called_back_by_staff(line, consent):
    known_caller(line, consent)
    line.is_called()
    compare(line)
    (case,) = line.services.store.open_cases()
    assert (case.reason, case.urgency, case.consent) == ("missed_call", Urgency.SOON, consent)
    assert any(case.code in text for text in line.sent(ANA))
    assert not any("could not answer" in text for text in line.sent(SOMEBODY))


@pytest.mark.parametrize(("consent", "out"), [(Consent.NO_CONTACT, False), (Consent.UNKNOWN, True)])
def test_who_does_not_want_to_be_contacted_is_not(line, consent, out):
    known_caller(line, consent)
    key = line.services.store.vault.caller_key(SOMEBODY)
    line.services.store.transact(lambda tx: tx.put_opted_out(key, line.clock.now, out=out))
    line.is_called()
    compare(line)
    assert not any("could not answer" in text for text in line.sent(SOMEBODY))
    assert Ending.NOT_TO_BE_CONTACTED in {contact.ending for contact in contacts(line)}


def test_a_number_that_takes_no_texts_is_written_down_as_no_way_back(line):
    line.is_called()
    line.fault("rest_status", path="/Messages", method="POST", status=400, code=21614)
    compare(line)
    assert [contact.ending for contact in contacts(line)] == [Ending.NO_WAY_BACK]


def test_an_old_1_of_a_staff_member_claims_nothing_and_is_asked_for_again(line):
    line.text("i want to die")
    line.tick(seconds=1)
    line.arrives("1", ANA)
    compare(line, minutes=10)
    (case,) = line.services.store.open_cases()
    assert case.owner is None
    assert any("came late" in text for text in line.sent(ANA))


@pytest.mark.parametrize(("words", "told"), [("1", "is yours"), ("WHO", "Ana"), ("2", "Others are being asked")])
def test_a_fresh_word_of_a_staff_member_that_nobody_heard_counts_and_they_are_told_so_once(line, words, told):
    line.text("i want to die")
    line.tick(seconds=1)
    line.arrives(words, ANA)
    compare(line)
    compare(line, seconds=5)
    (case,) = line.services.store.open_cases()
    assert case.owner == ("ana" if words == "1" else None)
    assert [told in text for text in line.sent(ANA)].count(True) == 1


def test_a_comparison_that_is_cut_short_goes_on_where_it_was(line):
    for number in range(6):
        line.arrives("hi", f"+120255501{number + 50}")
    line.clock.on(minutes=1)
    ticks = iter(range(1000))
    short = Reconciler(
        **{
            name: getattr(line.services.reconciler, name)
            for name in ("store", "lists", "content", "dispatch", "late", "clock")
        },
        stopwatch=lambda: next(ticks) * 8.0,
    )
    first = short.run()
    assert not first.finished
    assert line.services.store.checkpoint() is None
    compare(line)
    for number in range(6):
        assert sum("system was down" in body for body in line.sent(f"+120255501{number + 50}")) == 1


def test_a_text_still_on_its_way_to_the_web_server_is_left_to_it(line):
    line.arrives("hi")
    line.clock.on(seconds=5)
    found = line.services.reconciler.run()
    assert (found.texts, found.young) == (0, True)


def test_a_checkpoint_that_is_no_time_changes_nothing_and_says_how_to_mend_it(line):
    line.redis.set(keys.CHECKPOINT, "2026-11-2")
    line.arrives("hi")
    line.clock.on(minutes=1)
    with pytest.raises(CheckpointUnreadable, match="helpline reconcile --since"):
        line.services.reconciler.run()
    assert line.redis.get(keys.CHECKPOINT) == b"2026-11-2"
    assert contacts(line) == ()
    assert line.services.reconciler.run(since=line.clock.now - timedelta(hours=1)).texts == 1


@pytest.mark.parametrize(("status", "raised"), [(401, Refused), (429, Unavailable)])
def test_no_list_no_change(line, status, raised):
    line.arrives("hi")
    line.clock.on(minutes=1)
    line.fault("rest_status", path="/Messages", method="GET", status=status, code=20003)
    with pytest.raises(raised):
        line.services.reconciler.run()
    assert line.services.store.checkpoint() is None
    assert contacts(line) == ()
