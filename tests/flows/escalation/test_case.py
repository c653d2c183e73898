"""The record of a case."""

import json

import pytest

from flows import handling, notices
from flows.case import Case, Hearer, NoticeKind, Reason, Refused
from flows.events import Channel
from flows.step import Consent
from tests.flows.escalation.desk import Desk
from tests.flows.escalation.line import ANA, at, new_case


def test_a_case_with_everything_in_it_survives_json():
    desk = Desk()
    desk.connect(ANA)
    assert Case.from_json(json.loads(json.dumps(desk.case.to_json()))) == desk.case


@pytest.mark.parametrize("data", [{"schema": 99}, {}])
def test_a_record_of_another_schema_is_refused(data):
    with pytest.raises(ValueError, match="run the release step first"):
        Case.from_json(data)


@pytest.mark.parametrize("field", ["opened_at", "tally", "policy"])
def test_a_damaged_record_is_refused_with_its_place(field):
    with pytest.raises(ValueError, match=rf"Case\.{field}"):
        Case.from_json({**new_case().to_json(), field: 7})


def test_no_phone_number_gets_into_the_record_or_the_timeline():
    desk = Desk()
    desk.connect(ANA)
    assert "+1202" not in json.dumps(desk.case.to_json()) + str(desk.lines)


@pytest.mark.parametrize(
    ("changes", "text", "call"),
    [
        ({"consent": Consent.CALL_ONLY}, True, True),
        ({"consent": Consent.CALL_ONLY, "channel": Channel.VOICE}, False, True),
        ({"consent": Consent.TEXT_ONLY, "channel": Channel.VOICE}, True, False),
        ({"consent": Consent.NO_CONTACT}, False, False),
        ({"consent": Consent.CALL_ONLY, "opted_out": True}, False, True),
        ({"consent": Consent.CALL_ONLY, "anonymous": True}, False, False),
    ],
)
def test_a_caller_is_reached_only_as_they_allow(changes, text, call):
    case = new_case(**changes)
    assert (case.may_text, case.may_call) == (text, call)


def test_a_caller_who_opts_out_and_in_again_is_texted_again():
    out, _ = handling.opt_out(new_case(), at(1))
    assert not out.may_text
    back, _ = handling.opt_out(out, at(2), out=False)
    assert back.may_text


def test_an_opt_out_does_not_stop_the_paging():
    desk = Desk()
    desk.do(handling.opt_out(desk.case, desk.now))
    desk.until(61)
    assert any(when == 60 for when, _, _ in desk.paged)


def test_a_caller_who_writes_and_then_calls_has_one_case_with_both():
    case, _ = handling.join_session(new_case(), "s2", Channel.VOICE, at(1))
    assert case.sessions == ("s1", "s2")
    assert case.channels == (Channel.SMS, Channel.VOICE)


@pytest.mark.parametrize("kind", [NoticeKind.ALERTED, NoticeKind.STILL_TRYING, NoticeKind.LOOKING_AGAIN])
def test_that_nobody_has_the_case_is_true_only_while_nobody_has_it(kind):
    desk = Desk()
    notice = notices.with_notice(desk.case, kind, desk.now).notices[-1]
    assert notices.still_true(desk.case, notice)
    desk.claims(ANA)
    assert not notices.still_true(desk.case, notice)


def test_every_kind_of_notice_has_one_hearer():
    assert {notices.hearer(kind) for kind in NoticeKind} == set(Hearer)


def test_a_notice_that_was_told_is_done():
    desk = Desk()
    notice = desk.case.notices[0]
    desk.do(notices.told(desk.case, notice.id, desk.now))
    assert notice not in desk.case.notices
    assert notices.told(desk.case, notice.id, desk.now) == Refused(Reason.NO_SUCH_NOTICE)


def test_a_notice_nobody_confirms_is_ordered_again_more_and_more_rarely_and_then_given_up():
    desk = Desk()
    alerted = [notice for notice in desk.case.notices if notice.kind is NoticeKind.ALERTED]
    assert alerted
    desk.until(40)
    times = [when for when, order in desk.orders if getattr(getattr(order, "notice", None), "kind", "") == "alerted"]
    assert times == [0, 5, 15, 35]


def test_an_alarm_is_given_up_after_some_minutes_and_the_timeline_says_so():
    desk = Desk()
    desk.until(1200)
    assert any(line.detail.get("notice") == "target_missed" and line.what == "notice" for line in desk.lines)


def test_what_is_no_longer_true_is_not_told():
    desk = Desk()
    assert [notice.kind for notice in desk.case.notices] == [NoticeKind.ALERTED]
    desk.claims(ANA)
    assert [notice.kind for notice in desk.case.notices] == [NoticeKind.TAKEN]


def test_a_change_by_time_alone_also_drops_what_is_no_longer_true():
    desk = Desk()
    desk.claims(ANA)
    desk.now = at(120)
    desk.plan()
    assert NoticeKind.TAKEN not in {notice.kind for notice in desk.case.notices}
