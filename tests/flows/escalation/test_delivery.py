"""What workers and the carrier report, and what follows from it."""

from dataclasses import replace

import pytest

from flows import claims, delivery
from flows.case import NoticeKind, Reason, Refused
from flows.orders import CancelCall, PageOrder, Reconcile
from flows.pages import PageState
from flows.roster import Contact
from flows.urgency import Urgency
from tests.flows.escalation.desk import Desk
from tests.flows.escalation.line import ANA, BEN, ROSTER, STAFF, at, new_case, person, seconds


def soon(**changes) -> Desk:
    """A case whose step pages by text only."""
    return Desk(new_case(urgency=Urgency.SOON), **changes)


def text_of(desk):
    return next(page for page in desk.case.pages if page.channel is Contact.SMS)


def call_of(desk):
    return next(page for page in desk.case.pages if page.channel is Contact.CALL)


def lease(desk, page, token="t"):
    desk.do(delivery.page_leased(desk.case, page.id, token=token, now=desk.now))


@pytest.mark.parametrize("error", ["30003", "30005", "30006", "30007", "30008", "21610", ""])
def test_a_text_that_does_not_arrive_becomes_a_call_at_once(error):
    desk = soon()
    desk.until(7)
    page = replace(text_of(desk), status="sent")
    desk.case = replace(desk.case, pages=(replace(page, state=PageState.SENT),))
    desk.do(desk.status_of(page, "undelivered", error))
    assert (7, ANA, "call") in desk.paged


def test_a_handset_out_of_reach_gets_the_text_once_more_later_and_not_for_ever():
    desk = soon(carrier=False)
    for _ in range(5):
        for page in [page for page in desk.case.pages if page.state is PageState.DUE]:
            lease(desk, page)
            desk.do(delivery.page_accepted(desk.case, page.id, sid=f"S{page.id}", now=desk.now))
            desk.do(desk.status_of(page, *(("undelivered", "30003") if page.channel == "sms" else ("no-answer",))))
        desk.until(desk.second + 20)
    assert [channel for _, _, channel in desk.paged] == ["sms", "call", "sms", "call", "sms", "call"]


@pytest.mark.parametrize(
    ("error", "alarm"), [("30007", NoticeKind.CARRIER_FAULT), ("21610", NoticeKind.STAFF_OPTED_OUT)]
)
def test_what_an_operator_must_mend_raises_an_alarm(error, alarm):
    desk = soon(carrier=False)
    lease(desk, text_of(desk))
    desk.do(delivery.page_refused(desk.case, text_of(desk).id, token="t", code=error, now=desk.now))
    assert (0, alarm) in desk.told


def test_a_late_text_becomes_a_call_after_30_seconds():
    desk = soon(carrier=False)
    lease(desk, text_of(desk))
    desk.do(delivery.page_accepted(desk.case, text_of(desk).id, sid="S1", now=desk.now))
    desk.until(29)
    assert len(desk.paged) == 1
    desk.until(30)
    assert (30, ANA, "call") in desk.paged
    desk.until(200)
    assert len(desk.paged) == 2, "once is enough"


def test_a_delivered_text_needs_no_call():
    desk = soon()
    desk.until(200)
    assert desk.paged == [(0, ANA, "sms")]


def test_when_no_page_of_a_round_can_arrive_the_last_resort_does_not_wait_for_the_next_round():
    roster = replace(ROSTER, staff=(person(ANA, contact=(Contact.SMS,)), *STAFF[1:]))
    desk = soon(roster=roster, carrier=False)
    desk.until(2)
    lease(desk, text_of(desk))
    desk.do(delivery.page_refused(desk.case, text_of(desk).id, token="t", code="21614", now=desk.now))
    last_resort = [(2, "sam", "sms"), (2, "sam", "call"), (2, "fallback:0", "call")]
    assert desk.paged == [(0, ANA, "sms"), *last_resort]
    assert (2, NoticeKind.NOBODY_TO_PAGE) in desk.told
    for page in [page for page in desk.case.pages if page.unsent]:
        lease(desk, page)
        desk.do(delivery.page_refused(desk.case, page.id, token="t", code="21614", now=desk.now))
    desk.until(61)
    assert desk.paged == [(0, ANA, "sms"), *last_resort], "once in a round"
    desk.until(62)
    assert desk.paged[4:] == [(62, ANA, "sms")], "and the next round comes soon"


def test_a_phone_that_rang_in_vain_is_no_reason_for_the_last_resort():
    roster = replace(ROSTER, staff=(person(ANA, contact=(Contact.CALL,)), *STAFF[1:]))
    desk = soon(roster=roster)
    desk.do(desk.status_of(call_of(desk), "no-answer"))
    assert desk.paged == [(0, ANA, "call")]


def test_when_everybody_in_a_step_failed_the_next_step_comes_at_once():
    desk = Desk(carrier=False)
    desk.until(3)
    for page in desk.case.pages:
        lease(desk, page)
        desk.do(delivery.page_refused(desk.case, page.id, token="t", code="21211", now=desk.now))
    assert {staff for when, staff, _ in desk.paged if when == 3} == {BEN}


def test_a_lease_that_runs_out_has_the_carrier_asked_before_anything_is_sent_again():
    desk = soon(carrier=False)
    lease(desk, text_of(desk))
    ordered = len(desk.of(PageOrder))
    desk.until(20)
    assert [order.page.id for order in desk.of(Reconcile)] == [text_of(desk).id]
    assert len(desk.of(PageOrder)) == ordered
    desk.do(delivery.page_not_found(desk.case, text_of(desk).id, now=desk.now))
    assert len(desk.of(PageOrder)) == ordered + 1


def test_an_uncertain_page_is_asked_about_until_the_carrier_can_say():
    desk = soon(carrier=False)
    lease(desk, text_of(desk))
    desk.do(delivery.page_uncertain(desk.case, text_of(desk).id, token="t", now=desk.now))
    desk.until(11)
    assert len(desk.of(Reconcile)) == 3


def test_the_carriers_own_wait_is_kept():
    desk = soon(carrier=False)
    lease(desk, text_of(desk))
    report = delivery.page_unavailable(desk.case, text_of(desk).id, token="t", now=desk.now, wait=seconds(15))
    before = len(desk.of(PageOrder))
    desk.do(report)
    desk.until(14)
    assert len(desk.of(PageOrder)) == before
    desk.until(15)
    assert len(desk.of(PageOrder)) == before + 1
    desk.until(16)
    lease(desk, text_of(desk))
    assert text_of(desk).state is PageState.LEASED


def test_a_call_accepted_after_the_claim_is_stopped():
    desk = Desk(carrier=False)
    page = call_of(desk)
    lease(desk, page)
    desk.claims(BEN)
    assert desk.case.page(page.id).state is PageState.SUPERSEDED
    desk.do(delivery.page_accepted(desk.case, page.id, sid="S-late", now=desk.now))
    assert [order.page.sids for order in desk.of(CancelCall)] == [("S-late",)]


def test_nothing_can_be_leased_after_the_claim():
    desk = Desk(carrier=False)
    page = text_of(desk)
    desk.claims(BEN)
    refused = delivery.page_leased(desk.case, page.id, token="t", now=desk.now)
    assert refused in {Refused(Reason.NO_SUCH_PAGE), Refused(Reason.NOT_DUE)}


def test_a_page_cannot_be_leased_twice():
    desk = Desk(carrier=False)
    lease(desk, text_of(desk))
    assert delivery.page_leased(desk.case, text_of(desk).id, token="u", now=desk.now) == Refused(Reason.NOT_DUE)


@pytest.mark.parametrize(
    "report",
    [
        lambda case, now: delivery.page_leased(case, "case1.x", token="t", now=now),
        lambda case, now: delivery.page_accepted(case, "case1.x", sid="S", now=now),
        lambda case, now: delivery.page_uncertain(case, "case1.x", token="t", now=now),
        lambda case, now: delivery.page_not_found(case, "case1.x", now=now),
        lambda case, now: delivery.page_refused(case, "case1.x", token="t", code="1", now=now),
        lambda case, now: delivery.page_unavailable(case, "case1.x", token="t", now=now),
        lambda case, now: delivery.page_status(case, "case1.x", sid="S", status="sent", now=now),
    ],
)
def test_reports_about_a_page_nobody_knows_change_nothing(report):
    desk = Desk()
    assert report(desk.case, desk.now) == Refused(Reason.NO_SUCH_PAGE)


def test_a_report_that_says_nothing_new_changes_nothing():
    desk = Desk()
    assert desk.status_of(text_of(desk), "queued") == (desk.case, ())


def test_a_status_that_leaves_the_page_in_its_state_is_kept_without_a_line():
    desk = Desk(carrier=False)
    lease(desk, text_of(desk))
    desk.do(desk.status_of(text_of(desk), "queued"))
    case, lines = desk.status_of(text_of(desk), "sending")
    assert (case.version, lines) == (desk.case.version + 1, ())


def test_whoever_passed_gets_no_call_in_place_of_a_lost_text():
    roster = replace(ROSTER, lists=(replace(ROSTER.lists[0], shifts=()), ROSTER.lists[1]))
    desk = Desk(new_case(urgency=Urgency.SOON), roster=roster, carrier=False)
    before = desk.case
    assert before.pages
    desk.case = replace(before, passed=tuple({page.staff_id for page in before.pages}))
    page = text_of(desk)
    lease(desk, page)
    count = len(desk.case.pages)
    desk.do(delivery.page_refused(desk.case, page.id, token="t", code="21614", now=desk.now))
    assert len(desk.case.pages) == count


def test_the_caller_is_not_told_of_the_alert_once_somebody_has_the_case():
    desk = Desk(carrier=False)
    desk.until(1)
    page = call_of(desk)
    lease(desk, page)
    desk.claims(ANA)
    desk.do(delivery.page_accepted(desk.case, page.id, sid="S1", now=desk.now))
    assert NoticeKind.ALERTED not in {kind for _, kind in desk.told}


def test_a_release_follows_no_failure_of_the_round_before():
    desk = Desk(carrier=False)
    desk.claims(ANA)
    desk.do(claims.release(desk.case, ANA, desk.now))
    assert {staff for _, staff, _ in desk.paged} == {ANA, BEN}


def test_an_uncertain_page_to_somebody_whose_shift_is_over_is_not_lost_when_the_next_round_begins():
    desk = soon(carrier=False)
    desk.until(880)
    page = next(page for page in desk.case.pages if page.unsent)
    lease(desk, page)
    desk.roster = replace(ROSTER, lists=(replace(ROSTER.lists[0], shifts=()),))
    desk.until(905)
    assert desk.case.round == 1
    assert desk.case.page(page.id).state is PageState.UNCERTAIN
    assert page.id in {order.page.id for order in desk.of(Reconcile)}


def test_a_page_that_is_held_stays_due_and_waits_and_the_others_do_not():
    desk = Desk(carrier=False)
    held, other = text_of(desk), call_of(desk)
    desk.take(delivery.page_held(desk.case, held.id, until=at(30)))
    assert (desk.case.page(held.id).state, desk.case.page(held.id).next_at) == (PageState.DUE, at(30))
    assert desk.case.page(other.id) == other


def test_a_page_that_is_under_way_or_unknown_is_not_held():
    desk = Desk(carrier=False)
    lease(desk, text_of(desk))
    assert delivery.page_held(desk.case, text_of(desk).id, until=at(30)) == Refused(Reason.NOT_DUE)
    assert delivery.page_held(desk.case, "nothing", until=at(30)) == Refused(Reason.NOT_DUE)
