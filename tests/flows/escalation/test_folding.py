"""Storms."""

from flows.escalation import plan
from flows.folding import MOST_SHOWN, fold
from flows.handling import open_case
from flows.roster import Contact
from flows.urgency import Urgency
from tests.flows.escalation.desk import Desk
from tests.flows.escalation.line import ANA, POLICY, ROSTER, at, opening


def due(number, *, urgency=Urgency.EMERGENCY, second=None):
    now = at(number if second is None else second)
    case, _ = open_case(opening(id=f"case{number}", code=f"C{number}", urgency=urgency), POLICY, now)
    planned = plan(case, ROSTER, now=now)
    return [(planned.case, order.page) for order in planned.orders]


def storm(count):
    return [one for number in range(count) for one in due(number)]


def texts(folded):
    return [one for one in folded if one.channel is Contact.SMS]


def test_200_cases_become_one_text_for_a_person_that_carries_every_page():
    (text,) = texts(fold(storm(200)))
    assert text.staff_id == ANA
    assert len(text.pages) == len({page.id for page in text.pages}) == 200
    assert len(text.shown) == MOST_SHOWN
    assert text.more == 200 - MOST_SHOWN


def test_the_newest_danger_is_named_first():
    rows = [*due(1), *due(2), *due(3, urgency=Urgency.SOON, second=100)]
    (text,) = texts(fold(rows))
    assert [case.id for case in text.shown] == ["case2", "case1", "case3"]
    assert text.more == 0


def test_calls_stay_one_by_one_and_the_newest_danger_comes_first():
    calls = [one for one in fold(storm(5)) if one.channel is Contact.CALL]
    assert [(one.staff_id, [case.id for case in one.shown]) for one in calls] == [(ANA, ["case4"])]


def test_a_phone_that_rings_gets_no_second_call_but_the_text_goes_out():
    folded = fold(storm(3), ringing=frozenset({ANA}))
    assert [one.channel for one in folded] == [Contact.SMS]


def test_each_case_keeps_its_own_owner():
    cases = [case for case, page in storm(3) if page.channel is Contact.SMS]
    first, second = Desk(cases[0]), Desk(cases[1])
    first.claims(ANA)
    assert first.case.owner == ANA
    assert second.case.owner is None


def test_calls_for_a_bridge_are_never_folded():
    desk = Desk(carrier=False)
    desk.claims(ANA)
    assert fold((desk.case, page) for page in desk.case.pages if page.unsent) == ()


def test_nothing_due_is_nothing_to_send():
    assert fold(()) == ()
