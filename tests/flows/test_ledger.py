"""The rule of the ledger: an ending, or an owner with a due time. Whatever a conversation goes through, it holds."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows import ledger
from flows.case import CaseState, Opening, Outcome
from flows.events import Channel
from flows.handling import open_case
from flows.ledger import Contact, Ending, Gap, GapKind, Owner
from flows.plain import from_plain, to_plain
from flows.step import Listen, OptOut, Step, Timer, Wait
from flows.timers import SESSION
from flows.urgency import Urgency
from tests.flows.builders import NOON, Talk
from tests.flows.escalation.line import POLICY

PATIENCE = timedelta(hours=4)


def a_contact(**more):
    return Contact(
        id="c1", session_id="sms-k", caller_key="k", channel=Channel.SMS, began_at=NOON, last_at=NOON, **more
    )  # fmt: skip


def a_step(wait=Wait.ANSWER, *effects):
    return Step(Talk().session, (), effects, Listen(wait))


def a_case(**more):
    opening = Opening(
        id="case", code="1A1A", caller_key="k", session_id="sms-k", channel=Channel.SMS, urgency=Urgency.URGENT,
        reason="asked",
    )  # fmt: skip
    return replace(open_case(opening, POLICY, NOON)[0], **more)


def test_an_open_question_is_the_callers_turn_until_it_runs_out():
    after = ledger.after_turn(
        a_contact(), a_step(Wait.ANSWER, Timer("session", timedelta(hours=1))), None, NOON, PATIENCE
    )
    assert (after.owner, after.due_at) == (Owner.CALLER, NOON + timedelta(hours=1))
    assert ledger.lapsed(after, NOON + timedelta(hours=1)) is after
    assert ledger.lapsed(after, NOON + timedelta(hours=1, minutes=1)).ending is Ending.WENT_QUIET


def test_an_open_case_is_the_staffs_turn_whatever_the_caller_says():
    case = a_case()
    after = ledger.after_turn(a_contact(), a_step(Wait.END, OptOut()), case, NOON, PATIENCE)
    assert (after.owner, after.due_at, after.case_id) == (Owner.STAFF, case.due_at, "case")
    assert ledger.lapsed(after, NOON + timedelta(days=9)) is after


@pytest.mark.parametrize("outcome", Outcome)
def test_a_conversation_that_is_over_after_its_case_ends_as_the_case_did(outcome):
    case = a_case(state=CaseState.CLOSED, outcome=outcome)
    after = ledger.after_turn(a_contact(), a_step(Wait.END), case, NOON, PATIENCE)
    assert after.ending is Ending(outcome.value)


@pytest.mark.parametrize("outcome", Outcome)
def test_a_case_that_ends_ends_its_contact_the_same_way(outcome):
    held = ledger.owed_by(a_contact(case_id="case"), Owner.STAFF, NOON)
    closed = a_case()
    closed = replace(closed, state=CaseState.CLOSED, outcome=outcome, closed_at=NOON)
    after = ledger.after_case(held, closed)
    assert (after.ending, after.ended_at, after.owner, after.due_at) == (Ending(outcome.value), NOON, None, None)


def test_an_end_is_completed_an_opt_out_is_one_and_a_first_ending_stays():
    done = ledger.after_turn(a_contact(), a_step(Wait.END), None, NOON, PATIENCE)
    out = ledger.after_turn(a_contact(), a_step(Wait.END, OptOut()), None, NOON, PATIENCE)
    assert (done.ending, out.ending) == (Ending.COMPLETED, Ending.OPTED_OUT)
    assert ledger.ended(done, Ending.NO_WAY_BACK, NOON + timedelta(1)) is done


def test_a_call_that_ended_at_an_open_question_waits_for_the_text_that_may_answer_it():
    cut_off = ledger.after_hang_up(a_contact(), a_step(Wait.END, Timer("session", timedelta(minutes=5))), None, NOON)
    over = ledger.after_hang_up(a_contact(), a_step(Wait.END), None, NOON)
    assert (cut_off.owner, over.ending) == (Owner.CALLER, Ending.HUNG_UP)


def test_every_way_to_forget_somebody_is_a_gap():
    nobody = a_contact()
    staffs = ledger.owed_by(a_contact(case_id="case"), Owner.STAFF, NOON)
    late = ledger.owed_by(a_contact(), Owner.LINE, NOON)
    soon, later = NOON + timedelta(seconds=30), NOON + timedelta(minutes=2)
    assert ledger.gap(nobody, lambda _: None, soon) == Gap("c1", GapKind.NO_OWNER, NOON)
    assert ledger.gap(staffs, lambda _: None, soon) == Gap("c1", GapKind.CASE_GONE, NOON)
    assert ledger.gap(late, lambda _: None, soon) is None
    assert ledger.gap(late, lambda _: None, later) == Gap("c1", GapKind.OVERDUE, NOON)
    assert ledger.gap(staffs, lambda _: a_case(), later) == Gap("c1", GapKind.OVERDUE, NOON)
    assert ledger.gap(staffs, lambda _: a_case(contact_at=NOON), later) is None


def test_what_came_is_what_ended_and_what_is_owed():
    rows = [
        ledger.ended(a_contact(), Ending.HANDED_OVER, NOON),
        ledger.ended(a_contact(missed=True), Ending.TOLD, NOON),
        ledger.owed_by(a_contact(), Owner.STAFF, NOON),
    ]
    total = ledger.tally(rows, ())
    assert total.adds_up
    assert (total.came, total.missed, total.gaps) == (3, 1, 0)
    assert not ledger.tally([*rows, a_contact()], ()).adds_up


waits = st.sampled_from(Wait)
timers = st.lists(
    st.sampled_from([Timer("session", timedelta(hours=1)), Timer("checkin", timedelta(minutes=2)), OptOut()])
)
acts = st.lists(
    st.tuples(st.sampled_from(["turn", "hang up", "case", "lapse"]), waits, timers, st.booleans(), st.booleans())
)


@given(acts)
def test_after_any_turns_a_contact_has_an_ending_or_an_owner_with_a_due_time(acts):
    contact, now = ledger.after_turn(a_contact(), a_step(), None, NOON, PATIENCE), NOON
    for act, wait, effects, has_case, closes in acts:
        now += timedelta(minutes=30)
        case = a_case() if has_case else None
        if case and closes:
            case = replace(case, state=CaseState.CLOSED, outcome=Outcome.UNREACHABLE, closed_at=now)
        step = a_step(wait, *effects)
        match act:
            case "turn":
                contact = ledger.after_turn(contact, step, case, now, PATIENCE)
            case "hang up":
                contact = ledger.after_hang_up(contact, step, case, now)
            case "case":
                contact = ledger.after_case(contact, case) if case else contact
            case _:
                contact = ledger.lapsed(contact, now)
        if not contact.open:
            assert (contact.owner, contact.due_at) == (None, None)
            assert contact.ended_at is not None
            contact = ledger.after_turn(a_contact(), a_step(), None, now, PATIENCE)
        assert contact.owner is not None
        assert contact.due_at is not None
        assert from_plain(Contact, to_plain(contact)) == contact


def test_a_conversation_left_open_for_good_has_gone_quiet():
    talk = Talk()
    talk.text("hi")
    left = talk.ring(SESSION)
    assert ledger.after_turn(a_contact(), left, None, NOON, PATIENCE).ending is Ending.WENT_QUIET
    assert ledger.after_turn(a_contact(), left, a_case(), NOON, PATIENCE).owner is Owner.STAFF
