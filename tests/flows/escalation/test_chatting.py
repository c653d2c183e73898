"""Taking the conversation over from the bot, writing with the caller, and giving it back."""

from flows import chatting, claims, handling
from flows.case import Case, CaseState, Line, LineKind, NoticeKind, Outcome, Reason, Refused
from flows.pages import Purpose
from flows.step import Consent
from tests.flows.escalation.desk import Desk
from tests.flows.escalation.line import ANA, BEN, at, new_case


def claimed() -> Desk:
    desk = Desk(new_case(consent=Consent.TEXT_ONLY))
    desk.claims(ANA)
    return desk


def test_the_owner_takes_the_conversation_over_and_gives_it_back():
    desk = claimed()
    desk.do(chatting.take_over(desk.case, ANA, desk.now))
    assert desk.case.chat
    desk.do(chatting.give_back(desk.case, ANA, desk.now))
    assert not desk.case.chat
    assert [line.what for line in desk.lines if line.what in {LineKind.TAKEN_OVER, LineKind.GIVEN_BACK}] == [
        LineKind.TAKEN_OVER,
        LineKind.GIVEN_BACK,
    ]


def test_taking_over_twice_changes_nothing():
    desk = claimed()
    desk.do(chatting.take_over(desk.case, ANA, desk.now))
    assert chatting.take_over(desk.case, ANA, desk.now) == (desk.case, ())


def test_giving_back_what_was_not_taken_over_changes_nothing():
    desk = claimed()
    assert chatting.give_back(desk.case, ANA, desk.now) == (desk.case, ())


def test_writing_takes_over_and_is_contact_with_a_human():
    desk = claimed()
    desk.do(chatting.wrote(desk.case, ANA, at(5)))
    assert desk.case.chat
    assert desk.case.state is CaseState.CONNECTED
    assert desk.case.contact_at == at(5)


NOT_THERE = Line(at(6), LineKind.NOTE, "", {"text": "A text did not arrive."})


def told(desk, kind):
    return [notice for notice in desk.case.notices if notice.kind is kind]


def test_a_first_text_that_did_not_arrive_is_no_contact_and_the_claim_runs_again():
    desk = claimed()
    desk.do(chatting.wrote(desk.case, ANA, at(5)))
    desk.now = at(60)
    desk.do(chatting.text_failed(desk.case, NOT_THERE, at(60), first=True))
    assert desk.case.contact_at is None
    assert desk.case.state is CaseState.CLAIMED
    assert [notice.staff_id for notice in told(desk, NoticeKind.TEXT_FAILED)] == [ANA]
    desk.until(179)
    assert desk.case.owner == ANA
    desk.until(181)
    assert desk.case.owner is None


def test_a_later_text_that_did_not_arrive_is_told_and_leaves_the_case_as_it_is():
    desk = claimed()
    desk.do(chatting.wrote(desk.case, ANA, at(5)))
    before = desk.case
    desk.do(chatting.text_failed(desk.case, NOT_THERE, at(60), first=False))
    assert (desk.case.state, desk.case.contact_at) == (before.state, before.contact_at)
    assert told(desk, NoticeKind.TEXT_FAILED)


def test_a_text_that_did_not_arrive_is_told_even_when_the_case_was_closed_meanwhile_and_opens_nothing():
    desk = claimed()
    desk.do(chatting.wrote(desk.case, ANA, at(5)))
    desk.do(handling.close(desk.case, Outcome.HANDED_OVER, by=ANA, now=at(20)))
    desk.do(chatting.text_failed(desk.case, NOT_THERE, at(60), first=True))
    assert desk.case.closed
    assert told(desk, NoticeKind.TEXT_FAILED)


def test_a_caller_whose_words_were_lost_is_told_while_the_case_is_open():
    desk = claimed()
    desk.do(chatting.wrote(desk.case, ANA, at(5)))
    desk.do(chatting.words_lost(desk.case, NOT_THERE, at(60)))
    assert told(desk, NoticeKind.WORDS_LOST)
    desk.do(handling.close(desk.case, Outcome.HANDED_OVER, by=ANA, now=at(70)))
    assert not told(desk, NoticeKind.WORDS_LOST)
    desk.do(chatting.words_lost(desk.case, NOT_THERE, at(80)))
    assert not told(desk, NoticeKind.WORDS_LOST)


def test_nobody_but_the_owner_writes():
    desk = claimed()
    for act in (chatting.take_over, chatting.give_back, chatting.wrote):
        assert act(desk.case, BEN, at(5)) == Refused(Reason.NOT_YOURS)
    assert chatting.wrote(new_case(), ANA, at(5)) == Refused(Reason.NOT_CLAIMED)


def test_a_caller_who_wants_no_texts_is_not_written_to():
    desk = Desk(new_case(consent=Consent.NO_CONTACT))
    desk.claims(ANA)
    assert chatting.wrote(desk.case, ANA, at(5)) == Refused(Reason.NO_TEXTS)


def test_a_closed_case_is_not_written_in():
    desk = claimed()
    desk.do(handling.close(desk.case, Outcome.HANDED_OVER, by=ANA, now=at(5)))
    assert chatting.wrote(desk.case, ANA, at(6)) == Refused(Reason.CLOSED)


def test_a_case_that_changes_hands_is_the_bots_again_until_its_new_owner_takes_over():
    desk = claimed()
    desk.do(chatting.take_over(desk.case, ANA, desk.now))
    chat = desk.case
    desk.do(claims.give(chat, ANA, to=BEN, now=desk.now))
    assert not desk.case.chat
    released, _ = claims.release(chat, ANA, desk.now)
    assert not released.chat


def test_the_chat_survives_its_way_through_the_store():
    desk = claimed()
    desk.do(chatting.take_over(desk.case, ANA, desk.now))
    assert Case.from_json(desk.case.to_json()) == desk.case


def test_who_takes_over_is_not_rung_any_more_and_the_bot_keeps_silent():
    desk = Desk(new_case(consent=Consent.CALL_AND_VOICEMAIL))
    desk.claims(ANA)
    assert desk.case.state is CaseState.BRIDGING, "the line rings its owner"
    desk.do(chatting.take_over(desk.case, ANA, desk.now))
    assert desk.case.relay
    assert desk.case.bridge is None
    assert not desk.case.live(Purpose.OWNER)
    desk.until(60)
    assert not desk.case.live(Purpose.OWNER)


def test_a_talk_that_has_begun_goes_on_beside_the_texts():
    desk = Desk(new_case(consent=Consent.CALL_AND_VOICEMAIL))
    desk.claims(ANA)
    desk.owner_joins()
    desk.do(chatting.take_over(desk.case, ANA, desk.now))
    assert desk.case.bridge is not None
