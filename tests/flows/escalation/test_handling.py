"""What is written into a case besides paging: the caller's number, message, wishes and answers."""

from dataclasses import replace
from functools import partial

import pytest

from flows import handling
from flows.case import LineKind, NoticeKind, Outcome, Reason, Refused
from flows.step import Consent
from tests.flows.escalation.desk import Desk
from tests.flows.escalation.line import ANA, at, new_case


def closed_case():
    return handling.close(new_case(), Outcome.HANDED_OVER, by=ANA, now=at(1))[0]


def owned() -> Desk:
    desk = Desk(new_case(consent=Consent.TEXT_ONLY))
    desk.claims(ANA)
    return desk


def test_a_caller_who_withheld_their_number_and_gives_one_can_be_called():
    withheld = new_case(anonymous=True)
    assert not withheld.may_call
    case, lines = handling.give_number(withheld, at(1))
    assert case.may_call
    assert lines[0].what is LineKind.NUMBER_GIVEN


def test_a_spoken_message_is_named_in_the_timeline_also_of_a_closed_case():
    for case in (new_case(), closed_case()):
        kept, lines = handling.record(case, "RE1", 12, at(2))
        assert kept.state is case.state
        assert (lines[0].what, dict(lines[0].detail)) == (LineKind.VOICEMAIL, {"recording": "RE1", "seconds": "12"})


@pytest.mark.parametrize(("helped", "word"), [(True, "yes"), (False, "no")])
def test_the_callers_first_word_on_whether_it_helped_counts_also_in_a_closed_case(helped, word):
    case, lines = handling.rated(closed_case(), helped, at(2))
    assert lines[0].detail["helped"] == word
    assert handling.rated(case, not helped, at(3)) == (case, ())


def test_a_message_left_on_a_machine_is_written_down_and_nothing_else_changes():
    case, lines = handling.message_left(new_case(), at(1))
    assert lines[0].what is LineKind.MESSAGE_LEFT
    assert replace(case, version=1) == new_case()


def test_a_spoken_message_that_cannot_be_fetched_alarms_the_operators_once_in_a_case():
    case, _ = handling.message_missing(new_case(), at(1))
    assert [notice.kind for notice in case.notices] == [NoticeKind.MESSAGE_MISSING]
    assert handling.message_missing(case, at(2)) == (case, ())


@pytest.mark.parametrize(("consent", "may"), [(Consent.CALL_AND_VOICEMAIL, True), (Consent.CALL_ONLY, False)])
def test_a_message_may_be_left_only_where_the_caller_said_so(consent, may):
    assert new_case(consent=consent).may_leave_message is may
    assert not replace(new_case(consent=consent), quiet=True).may_leave_message


def test_after_a_quick_exit_no_word_of_ours_goes_out_and_the_owner_is_told():
    desk = owned()
    desk.do(handling.keep_quiet(desk.case, desk.now))
    assert (desk.case.may_text, desk.case.may_call) == (False, False)
    assert NoticeKind.NO_TEXTS.value in [kind for _, kind in desk.told]
    assert handling.keep_quiet(desk.case, desk.now) == Refused(Reason.NOT_DUE)
    back, _ = handling.keep_quiet(desk.case, desk.now, quiet=False)
    assert back.may_text


def test_a_quick_exit_while_nobody_has_the_case_tells_nobody():
    case, _ = handling.keep_quiet(new_case(), at(1))
    assert (case.quiet, case.notices) == (True, ())


def test_the_owner_is_told_of_an_opt_out_once():
    desk = owned()
    desk.do(handling.opt_out(desk.case, desk.now))
    desk.do(handling.opt_out(desk.case, desk.now))
    assert [kind for _, kind in desk.told].count(NoticeKind.NO_TEXTS.value) == 1


@pytest.mark.parametrize(
    "act",
    [
        handling.give_number,
        handling.message_left,
        handling.opt_out,
        handling.keep_quiet,
        partial(handling.give_safe_times, now=at(2), times=()),
    ],
    ids=["number", "message", "opt-out", "quiet", "safe times"],
)
def test_a_closed_case_takes_no_more_wishes(act):
    case = closed_case()
    assert (act(case) if isinstance(act, partial) else act(case, at(2))) == Refused(Reason.CLOSED)
