"""A caller who said when a call is safe: the case says so first, and no thumb calls them at another time unawares."""

import re

import pytest

from flows import handling
from flows.case import LineKind
from flows.safe_times import SafeTime
from tests.console.desk import a_case

CALLER = "+12025550123"
EVENING = SafeTime("17:00", "21:00", "America/New_York")


@pytest.fixture
def case(line, ana):
    """Ana has the case of a caller who may be called in the evening only; it is 22:00 there."""
    case = a_case(line, CALLER, "i want to die")
    line.services.dispatch.change(case.id, lambda one, now: handling.give_safe_times(one, (EVENING,), now))
    return case


def asked_to_call(line, case):
    return [one for one in line.services.store.timeline(case.id) if one.detail.get("asked") == "call"]


def test_the_case_says_when_it_is_safe_and_that_it_is_not_now(line, ana, case):
    told = ana.post(f"/console/cases/{case.id}/claim", follow=True).text
    assert "not safe to call them now" in told
    assert "17:00-21:00 (America/New_York)" in told
    assert "Not safe to call before" in told
    assert "Call now" not in told
    assert "Call all the same" in told


def test_a_button_from_a_page_that_was_open_before_calls_nobody(line, ana, case):
    ana.post(f"/console/cases/{case.id}/claim")
    said = ana.post(f"/console/cases/{case.id}/call", follow=True).text
    assert "nobody was called" in said
    assert asked_to_call(line, case) == []


def test_the_owner_can_decide_that_it_must_be_now(line, ana, case):
    ana.post(f"/console/cases/{case.id}/claim")
    assert "Your phone rings now" in ana.post(f"/console/cases/{case.id}/call", follow=True, anyway="1").text
    assert len(asked_to_call(line, case)) == 1


def test_within_the_times_the_button_is_as_ever(line, ana, case):
    line.clock.forward(hours=19, minutes=30)  # 17:30 there
    ana.sign_in()
    ana.post(f"/console/cases/{case.id}/claim")
    page = ana.get(f"/console/cases/{case.id}").text
    assert "Not safe to call before" not in page
    assert "17:00-21:00" in page
    assert re.search("Call now|Talking|calling", page)
    ana.post(f"/console/cases/{case.id}/call")
    assert LineKind.CLAIMED in [one.what for one in line.services.store.timeline(case.id)]


def test_whoever_is_on_the_line_already_is_not_called_so_nothing_is_unsafe(line, ana, case):
    from flows import bridging

    line.services.dispatch.change(case.id, lambda one, now: bridging.call_started(one, "CA1", now))
    ana.post(f"/console/cases/{case.id}/claim")
    assert "Not safe to call before" not in ana.get(f"/console/cases/{case.id}").text
