"""A third person in the call: the owner steps out, asks for one, comes back, and may leave them with the caller."""

from dataclasses import replace

import pytest

from flows import bridging, claims, handling, third_party
from flows.case import NOBODY, CaseState, ClaimVia, GuestKind, LineKind, NoticeKind, Outcome, Reason, Refused
from flows.events import Channel
from flows.pages import PageState, Purpose
from flows.planning import LIFELINE
from flows.roster import StaffId
from tests.flows.escalation.desk import Desk
from tests.flows.escalation.line import ANA, BEN, CLEO, SAM, new_case, person

OWNERS_CALL, CALLERS_CALL, GUESTS_CALL = "CA-ana", "CA-caller", "CA-guest"


def talking() -> Desk:
    """The owner and a caller who had called are in the room."""
    desk = Desk(new_case(channel=Channel.VOICE, on_line_call=CALLERS_CALL))
    desk.claims(ANA, call=OWNERS_CALL, via=ClaimVia.CALL)
    desk.do(bridging.staff_joined(desk.case, OWNERS_CALL, desk.now))
    desk.do(bridging.caller_joined(desk.case, CALLERS_CALL, desk.now))
    assert desk.case.state is CaseState.CONNECTED
    return desk


def asked_for(kind: GuestKind) -> Desk:
    """The owner has stepped out, asked for somebody, and is back in the room with the caller."""
    desk = talking()
    desk.do(third_party.stepped_out(desk.case, OWNERS_CALL, desk.now))
    desk.do(third_party.invite(desk.case, kind, OWNERS_CALL, desk.now))
    desk.do(bridging.staff_joined(desk.case, OWNERS_CALL, desk.now))
    desk.do(bridging.caller_joined(desk.case, CALLERS_CALL, desk.now))
    return desk


def three(kind: GuestKind = GuestKind.COLLEAGUE, who: StaffId = BEN) -> Desk:
    """All three are in the room."""
    desk = asked_for(kind)
    desk.do(third_party.takes_part(desk.case, who, GUESTS_CALL, desk.now))
    desk.do(third_party.is_here(desk.case, GUESTS_CALL, desk.now))
    return desk


def rung(desk: Desk) -> list[StaffId]:
    return [page.staff_id for page in desk.case.pages if page.purpose is Purpose.GUEST]


def what(desk: Desk) -> list[LineKind]:
    return [line.what for line in desk.lines]


def test_an_owner_who_steps_out_keeps_the_case_and_the_caller_holds():
    desk = talking()
    desk.until(40)
    desk.do(third_party.stepped_out(desk.case, OWNERS_CALL, desk.now))
    assert (desk.case.state, desk.case.owner, desk.case.on_line_call) == (CaseState.CLAIMED, ANA, CALLERS_CALL)
    assert desk.case.on_line_since == desk.now
    assert desk.case.next_try_at == desk.now + third_party.BACK_WITHIN
    assert desk.case.talked.total_seconds() == 40


def test_an_owner_who_does_not_come_back_is_rung_like_one_whose_call_dropped():
    desk = talking()
    desk.do(third_party.stepped_out(desk.case, OWNERS_CALL, desk.now))
    desk.until(59)
    assert not desk.case.live(Purpose.OWNER)
    desk.until(60)
    assert desk.case.live(Purpose.OWNER)


def test_an_owner_whose_caller_still_holds_may_step_out_too():
    desk = Desk(new_case(channel=Channel.VOICE, on_line_call=CALLERS_CALL))
    desk.claims(ANA, call=OWNERS_CALL, via=ClaimVia.CALL)
    desk.do(bridging.staff_joined(desk.case, OWNERS_CALL, desk.now))
    desk.do(third_party.stepped_out(desk.case, OWNERS_CALL, desk.now))
    assert (desk.case.bridge, desk.case.on_line_call) == (None, CALLERS_CALL)
    again, _ = third_party.stepped_out(desk.case, OWNERS_CALL, desk.now)
    assert again.next_try_at == desk.now + third_party.BACK_WITHIN


def test_nobody_else_steps_out_and_nobody_from_a_call_that_is_over():
    desk = talking()
    assert third_party.stepped_out(desk.case, "CA-other", desk.now) == Refused(Reason.NO_BRIDGE)
    assert third_party.stepped_out(new_case(), OWNERS_CALL, desk.now) == Refused(Reason.NO_BRIDGE)
    desk.until(60)
    desk.do(bridging.call_ended(desk.case, CALLERS_CALL, desk.now))
    assert desk.case.awaits_outcome
    assert third_party.stepped_out(desk.case, OWNERS_CALL, desk.now) == Refused(Reason.NO_BRIDGE)
    desk.do(handling.close(desk.case, Outcome.HANDED_OVER, by=ANA, now=desk.now))
    assert third_party.stepped_out(desk.case, OWNERS_CALL, desk.now) == Refused(Reason.NO_BRIDGE)


def test_up_to_three_colleagues_are_rung_once_the_owner_is_back_and_never_the_owner():
    desk = talking()
    desk.do(third_party.stepped_out(desk.case, OWNERS_CALL, desk.now))
    desk.do(third_party.invite(desk.case, GuestKind.COLLEAGUE, OWNERS_CALL, desk.now))
    assert not rung(desk), "the owner is not in the room yet"
    desk.do(bridging.staff_joined(desk.case, OWNERS_CALL, desk.now))
    assert sorted(rung(desk)) == [BEN, CLEO, SAM]
    desk.until(5)
    assert len(rung(desk)) == 3, "each phone is rung once"


def test_a_colleague_who_is_on_the_phone_is_not_rung():
    desk = talking()
    desk.busy = frozenset({CLEO})
    desk.do(third_party.stepped_out(desk.case, OWNERS_CALL, desk.now))
    desk.do(third_party.invite(desk.case, GuestKind.COLLEAGUE, OWNERS_CALL, desk.now))
    desk.do(bridging.staff_joined(desk.case, OWNERS_CALL, desk.now))
    assert sorted(rung(desk)) == [BEN, SAM]


def test_of_many_colleagues_three_are_rung():
    desk = talking()
    more = tuple(person(StaffId(f"more{number}")) for number in range(4))
    desk.roster = replace(desk.roster, staff=(*desk.roster.staff, *more))
    desk.do(third_party.stepped_out(desk.case, OWNERS_CALL, desk.now))
    desk.do(third_party.invite(desk.case, GuestKind.COLLEAGUE, OWNERS_CALL, desk.now))
    desk.do(bridging.staff_joined(desk.case, OWNERS_CALL, desk.now))
    assert len(rung(desk)) == 3


def test_the_crisis_line_is_one_call():
    assert rung(asked_for(GuestKind.LIFELINE)) == [LIFELINE]


def test_when_none_of_those_who_were_rung_comes_the_two_talk_on_and_may_ask_again():
    desk = asked_for(GuestKind.COLLEAGUE)
    for page in desk.case.live(Purpose.GUEST):
        desk.do(desk.status_of(page, "no-answer"))
    assert {page.state for page in desk.case.pages if page.purpose is Purpose.GUEST} <= {PageState.FAILED_FINAL}
    assert (desk.case.guest, desk.case.state) == (None, CaseState.CONNECTED)


def test_only_who_has_the_case_asks_for_a_third():
    assert third_party.invite(new_case(), GuestKind.COLLEAGUE, "CA1", Desk().now) == Refused(Reason.NOT_CLAIMED)


def test_an_owner_without_a_call_cannot_bring_anybody_into_it():
    desk = talking()
    desk.do(third_party.stepped_out(desk.case, OWNERS_CALL, desk.now))
    assert third_party.invite(desk.case, GuestKind.COLLEAGUE, "", desk.now) == Refused(Reason.NO_BRIDGE)


def test_the_first_who_presses_the_key_comes_and_the_other_phones_are_stopped():
    desk = asked_for(GuestKind.COLLEAGUE)
    desk.do(third_party.takes_part(desk.case, BEN, GUESTS_CALL, desk.now))
    assert (desk.case.guest.staff_id, desk.case.guest.call, desk.case.guest.here) == (BEN, GUESTS_CALL, False)
    assert not [page for page in desk.case.live(Purpose.GUEST) if page.staff_id is not BEN]
    assert third_party.takes_part(desk.case, CLEO, "CA-late", desk.now) == Refused(Reason.OTHER_CALL)
    desk.do(third_party.is_here(desk.case, GUESTS_CALL, desk.now))
    assert desk.case.guest.here
    assert third_party.is_here(desk.case, GUESTS_CALL, desk.now) == (desk.case, ())
    assert third_party.is_here(desk.case, "CA-late", desk.now) == Refused(Reason.OTHER_CALL)
    assert what(desk).count(LineKind.GUEST_JOINED) == 1


def test_nobody_takes_part_who_was_not_asked_for():
    desk = talking()
    assert third_party.takes_part(desk.case, BEN, GUESTS_CALL, desk.now) == Refused(Reason.NO_BRIDGE)
    assert third_party.is_here(desk.case, GUESTS_CALL, desk.now) == Refused(Reason.OTHER_CALL)


@pytest.mark.parametrize("reported", ["the call", "the room"])
def test_a_third_who_leaves_leaves_the_two_talking(reported):
    desk = three()
    if reported == "the call":
        desk.do(bridging.call_ended(desk.case, GUESTS_CALL, desk.now))
    else:
        desk.do(bridging.room_left(desk.case, GUESTS_CALL, desk.now, on_line=False))
    assert (desk.case.guest, desk.case.state, desk.case.owner) == (None, CaseState.CONNECTED, ANA)
    assert desk.lines[-1].who == BEN


def test_a_third_who_never_came_is_nobody_in_the_timeline():
    case, lines = third_party.is_gone(talking().case, Desk().now)
    assert (case.guest, lines[0].who) == (None, NOBODY)


def test_a_colleague_has_the_case_once_the_owner_leaves():
    desk = three()
    desk.do(bridging.staff_left(desk.case, desk.now))
    assert (desk.case.owner, desk.case.state, desk.case.bridge.staff_call) == (BEN, CaseState.CONNECTED, GUESTS_CALL)
    assert desk.case.guest is None
    assert what(desk)[-2:] == [LineKind.STAFF_LEFT, LineKind.GIVEN]


def test_after_the_crisis_line_the_owner_still_says_how_it_ended():
    desk = three(GuestKind.LIFELINE, LIFELINE)
    desk.until(30)
    desk.do(bridging.staff_left(desk.case, desk.now))
    assert desk.case.awaits_outcome
    assert (desk.case.owner, desk.case.guest) == (ANA, None)
    assert LineKind.CALLER_LEFT in what(desk)


def test_an_owner_who_leaves_before_the_third_is_there_puts_the_caller_on_hold():
    desk = asked_for(GuestKind.COLLEAGUE)
    desk.do(third_party.takes_part(desk.case, BEN, GUESTS_CALL, desk.now))
    desk.do(bridging.staff_left(desk.case, desk.now))
    assert (desk.case.on_line_call, desk.case.state) == (CALLERS_CALL, CaseState.CLAIMED)


# -- the room's own reports ---------------------------------------------------------------------------------------------


def test_a_caller_whose_call_lives_on_was_left_by_the_owner_and_holds():
    desk = talking()
    desk.do(bridging.room_left(desk.case, CALLERS_CALL, desk.now, on_line=True))
    assert (desk.case.on_line_call, desk.case.state) == (CALLERS_CALL, CaseState.CLAIMED)


def test_a_caller_whose_call_is_over_has_left():
    desk = talking()
    desk.do(bridging.room_left(desk.case, CALLERS_CALL, desk.now, on_line=False))
    assert LineKind.CALLER_LEFT in what(desk)
    assert desk.case.on_line_call == ""


def test_an_owner_who_is_out_of_the_room_has_left_it():
    desk = talking()
    desk.do(bridging.room_left(desk.case, OWNERS_CALL, desk.now, on_line=False))
    assert LineKind.STAFF_LEFT in what(desk)


def test_the_room_says_nothing_about_calls_that_are_not_in_it():
    desk = talking()
    for call in ("CA-other", ""):
        assert bridging.room_left(desk.case, call, desk.now, on_line=False) == Refused(Reason.OTHER_CALL)
    assert bridging.room_left(new_case(), OWNERS_CALL, desk.now, on_line=False) == Refused(Reason.OTHER_CALL)
    ended, _ = handling.close(desk.case, Outcome.HANDED_OVER, by=ANA, now=desk.now)
    assert bridging.room_left(ended, OWNERS_CALL, desk.now, on_line=False) == Refused(Reason.CLOSED)


ENDS = {
    "the owner hangs up": lambda desk: bridging.call_ended(desk.case, OWNERS_CALL, desk.now),
    "the caller hangs up": lambda desk: bridging.call_ended(desk.case, CALLERS_CALL, desk.now),
    "the room ends": lambda desk: bridging.room_left(desk.case, OWNERS_CALL, desk.now, on_line=True),
    "the owner steps out": lambda desk: third_party.stepped_out(desk.case, OWNERS_CALL, desk.now),
    "the owner gives the case back": lambda desk: claims.release(desk.case, ANA, desk.now),
    "the case is closed": lambda desk: handling.close(desk.case, Outcome.HANDED_OVER, by=ANA, now=desk.now),
}


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("kind", GuestKind)
def test_nobody_joins_a_talk_that_is_over(kind, end):
    """A colleague who hears the offer just then would enter an empty room, or the next owner's talk."""
    desk = asked_for(kind)
    desk.do(bridging.caller_joined(desk.case, CALLERS_CALL, desk.now))
    desk.do(ENDS[end](desk))
    assert desk.case.guest is None
    assert desk.case.live(Purpose.GUEST) == ()
    assert third_party.takes_part(desk.case, BEN, GUESTS_CALL, desk.now) in (
        Refused(Reason.NO_BRIDGE),
        Refused(Reason.CLOSED),
    )


@pytest.mark.parametrize("after_s", [1, 30], ids=["early", "after a real talk"])
@pytest.mark.parametrize(("kind", "who"), [(GuestKind.COLLEAGUE, BEN), (GuestKind.LIFELINE, LIFELINE)])
def test_a_third_who_is_there_is_told_on_their_call_when_the_caller_leaves(kind, who, after_s):
    """The room no longer ends with the owner, so the third person would sit in it alone."""
    desk = three(kind, who)
    desk.until(after_s)
    desk.do(bridging.call_ended(desk.case, CALLERS_CALL, desk.now))
    told = [(one.kind, one.call) for one in desk.case.notices if one.staff_id == who]
    assert told == [(NoticeKind.CALLER_LEFT, GUESTS_CALL)]
    assert (desk.case.owner, desk.case.guest, desk.case.bridge) == (ANA, None, None)
