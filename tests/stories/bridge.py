"""Every place where a call can stand between a caller and staff, the way there, and what is right once somebody hangs up.

`tests/rules/test_bridge_points.py` holds the list complete: an address that can answer a call and has no hang-up here fails.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from types import MappingProxyType
from urllib.parse import urlsplit

import requests

from flows.case import Case, CaseState
from flows.ledger import Contact
from tests.stories.people import ANA, BEN, CARLA, FALLBACK, Call, Line, Phone, record, until
from tests.stories.voice import WORDS, calls_and_holds, ends, is_over, paged, takes

LIFELINE = "+18002738255"
RINGING = "a phone that rings"
PLACES = MappingProxyType({ANA: "ana", BEN: "ben", CARLA: "carla", FALLBACK: "fallback", LIFELINE: "lifeline"})
PAGED = frozenset({"ana", "ben", "carla", "fallback"})
"""Whose phones ring for a case that nobody has."""


class Who(StrEnum):
    """Who hangs up."""

    CALLER = "caller"
    OWNER = "owner"
    GUEST = "guest"
    BOTH = "caller and owner"


@dataclass
class Scene:
    """One caller, the staff, and the calls between them."""

    line: Line
    language: str
    caller: Phone
    ana: Phone
    ben: Phone
    carla: Phone
    lifeline: Phone
    code: str = ""
    calls: dict[Who, Call] = field(default_factory=dict)
    came_in: list[str] = field(default_factory=list)
    known: frozenset[str] = frozenset()

    @property
    def words(self) -> dict[str, str]:
        return WORDS[self.language]

    @property
    def call(self) -> Call:
        return self.calls[Who.CALLER]

    @property
    def mine(self) -> Call:
        return self.calls[Who.OWNER]

    @property
    def theirs(self) -> Call:
        return self.calls[Who.GUEST]

    @property
    def case(self) -> Case:
        return record(self.line, self.code)[0]

    @property
    def history(self) -> tuple[str, ...]:
        return record(self.line, self.code)[1]

    def contact(self, sid: str) -> Contact | None:
        """The line of a call that came in, open or ended, as the ledger has it."""
        store, mine = self.line.store, f"voice-{sid}"
        still: Contact | None = store.transact(lambda tx: tx.contact(mine))
        ended = (one for one in store.ended_contacts(self.case.opened_at) if one.session_id == mine)
        return still or next(ended, None)

    def all_calls(self) -> list[dict[str, object]]:
        return list(requests.get(f"{self.line.api}/calls", timeout=10).json())

    def stands(self, call: Call) -> str:
        """The address whose document this call is in: the last that gave it one to stay in."""
        if call.now["ringing"]:
            return RINGING
        rows = requests.get(f"{self.line.api}/journal?kind=webhook&subject={call.sid}", timeout=10).json()["records"]
        given = [row["data"] for row in rows if row["data"]["status"] == 200 and "<Response" in row["data"]["answer"]]
        stays = [one for one in given if "<Redirect" not in one["answer"] or "<Gather" in one["answer"]]
        return urlsplit(str(stays[-1]["url"])).path if stays else ""

    def hang_up(self, who: Who) -> None:
        """They put down the phone, or do not take it."""
        self.known = frozenset(str(call["sid"]) for call in self.all_calls())
        for one in (Who.OWNER, Who.CALLER) if who is Who.BOTH else (who,):
            call = self.calls[one]
            call.does("reject" if call.now["ringing"] else "hangup")

    def rung_since(self) -> set[str]:
        """Whose phones the line has rung since somebody hung up."""
        new = [call for call in self.all_calls() if call["sid"] not in self.known and call["incoming"]]
        return {PLACES.get(str(call["phone"]), "caller") for call in new}


@dataclass(frozen=True)
class Point:
    """Somebody hangs up somewhere. `stands`: the address whose document their call was in.

    `rings`: whose phones may ring from then on, until the case is closed; any other that does rings for nobody.
    """

    place: str
    who: Who
    stands: str
    way: Callable[[Scene], None]
    after: Callable[[Scene], None]
    rings: frozenset[str] = frozenset()
    often: bool = False

    @property
    def name(self) -> str:
        return f"{self.place}: {self.who}"


# -- the way there ----------------------------------------------------------------------------------------------------


def on_hold(s: Scene, *keys: str) -> None:
    s.calls[Who.CALLER] = call = calls_and_holds(s.caller, s.language)
    s.came_in.append(call.sid)
    s.code = paged(s.line, s.caller, s.ana)
    for key in keys:
        call.press(key)


def the_owner_s_phone_rings(s: Scene) -> None:
    """Taken by text: the phone that rang for the page is stopped, and rings anew to bring the two together."""
    staff_phone_rings(s)
    paging = s.mine
    s.ana.texts(f"1 {s.code}")
    until("not rung for the page any more", lambda: not paging.now["live"])
    s.calls[Who.OWNER] = s.ana.rings()
    assert s.case.owner == "ana"


def the_owner_hears_what_it_is_about(s: Scene) -> None:
    the_owner_s_phone_rings(s)
    s.mine.does("answer").hears("press 1")


def wants_no_call(s: Scene) -> None:
    on_hold(s, "4")
    until("noted, and holding again", lambda: s.case.consent.value == "no_contact" and s.stands(s.call) == HOLD)


def staff_phone_rings(s: Scene) -> None:
    on_hold(s)
    s.calls[Who.OWNER] = s.ana.rings(40)


def staff_hear_the_offer(s: Scene) -> None:
    staff_phone_rings(s)
    s.mine.does("answer").hears("press 1")


def staff_have_pressed_1(s: Scene) -> None:
    """The caller is not in the room yet: the request that moves them there is refused, and they hear music."""
    on_hold(s)
    _waits_alone(s)


def staff_wait_for_who_wants_no_call(s: Scene) -> None:
    wants_no_call(s)
    _waits_alone(s)


def _waits_alone(s: Scene) -> None:
    refused = {"kind": "rest_status", "path": f"/Calls/{s.call.sid}", "method": "POST", "status": 503, "always": True}
    requests.post(f"{s.line.api}/faults", json=refused, timeout=5).raise_for_status()
    s.calls[Who.OWNER] = takes(s.ana)
    until("staff in the room alone", lambda: (bridge := s.case.bridge) and bridge.staff_in and not bridge.caller_in)


def both_talk(s: Scene) -> None:
    on_hold(s)
    s.calls[Who.OWNER] = takes(s.ana)
    _talking(s)


def _talking(s: Scene) -> None:
    s.call.is_connected_with(ANA)
    until("connected", lambda: s.case.state is CaseState.CONNECTED)


def both_have_talked(s: Scene) -> None:
    both_talk(s)
    began, least = s.case.bridge.connected_at, s.case.policy.talk_at_least
    until("a real talk", lambda: datetime.now(UTC) - began > least)


def staff_are_asked_how_it_went(s: Scene) -> None:
    both_talk(s)
    s.call.does("hangup")
    s.mine.hears("How did it go")


def the_caller_is_asked_whether_it_helped(s: Scene) -> None:
    both_talk(s)
    ends(s.line, s.ana, s.code, 1)
    s.mine.does("hangup")
    s.call.hears(s.words["helped"])


def staff_step_out(s: Scene) -> None:
    both_talk(s)
    s.mine.press("*").hears("add a colleague")
    s.call.hears(s.words["taken"])


def a_colleague_s_phone_rings(s: Scene) -> None:
    _third(s, "3", s.ben)


def a_colleague_hears_the_offer(s: Scene) -> None:
    a_colleague_s_phone_rings(s)
    s.theirs.does("answer").hears("asks you to join")


def three_with_a_colleague(s: Scene) -> None:
    a_colleague_hears_the_offer(s)
    s.theirs.press("1")
    _three(s)


def the_crisis_line_s_phone_rings(s: Scene) -> None:
    _third(s, "9", s.lifeline)


def three_with_the_crisis_line(s: Scene) -> None:
    the_crisis_line_s_phone_rings(s)
    s.theirs.does("answer")
    _three(s)


def _third(s: Scene, key: str, whom: Phone) -> None:
    staff_step_out(s)
    s.mine.press(key)
    _talking(s)
    s.calls[Who.GUEST] = whom.rings(40)


def _three(s: Scene) -> None:
    until("three in the room", lambda: len(s.call.now["connected_phones"]) == 2)
    until("known to be there", lambda: (guest := s.case.guest) is not None and guest.here)


def asked_to_be_called(s: Scene) -> None:
    on_hold(s, "2")
    until("noted", lambda: s.case.consent.value == "call_only")
    s.call.does("hangup")
    until("off the line", lambda: s.case.on_line_call == "")


def staff_hear_the_offer_of_a_call_back(s: Scene) -> None:
    asked_to_be_called(s)
    s.calls[Who.OWNER] = s.ana.rings(40).does("answer").hears("press 1")


def the_caller_s_phone_rings(s: Scene) -> None:
    staff_hear_the_offer_of_a_call_back(s)
    s.mine.press("1")
    s.calls[Who.CALLER] = s.caller.rings()


def the_caller_hears_the_screen(s: Scene) -> None:
    the_caller_s_phone_rings(s)
    s.call.does("answer").hears(s.words["screen"])


def both_talk_in_a_call_back(s: Scene) -> None:
    the_caller_hears_the_screen(s)
    s.call.press("1")
    _talking(s)


# -- what is right afterwards -----------------------------------------------------------------------------------------


def nothing_taken(s: Scene) -> None:
    """The caller is where they were, nobody has the case, and the next is asked."""
    s.ben.rings(40)
    assert (s.case.owner, s.case.bridge) == (None, None)
    assert s.case.waiting
    assert s.case.on_line_call == (s.call.sid if s.call.now["live"] else "")


def staff_ring_them_back(s: Scene) -> None:
    """Whoever takes the case of a caller who has left, and who may be called, gets them back on the line."""
    until("known to be off the line", lambda: s.case.on_line_call == "")
    assert s.case.waiting
    assert s.mine.now["live"], "somebody is still needed: that phone is not stopped"
    if s.mine.now["ringing"]:
        s.mine.does("answer").hears("press 1")
    s.mine.press("1")
    rung_back(s)


def owner_s_key_rings_them_back(s: Scene) -> None:
    until("known to be off the line", lambda: s.case.on_line_call == "")
    s.mine.does("answer").hears("press 1").press("1")
    rung_back(s)


def rung_back(s: Scene) -> None:
    s.calls[Who.CALLER] = s.caller.rings().does("answer").hears(s.words["screen"]).press("1")
    _talking(s)


def told_and_not_rung(s: Scene) -> None:
    s.mine.hears("The caller has hung up")
    until("off the line", lambda: s.case.on_line_call == "")
    assert (s.case.owner, s.case.bridge) == ("ana", None)
    assert not s.case.closed


def owner_rung_again(s: Scene) -> None:
    """The caller holds, and hears that somebody has their call; the owner's phone rings again, and they talk."""
    until("no bridge", lambda: (bridge := s.case.bridge) is None or not bridge.staff_in)
    requests.delete(f"{s.line.api}/faults", timeout=5)
    assert s.call.now["live"]
    s.calls[Who.OWNER] = takes(s.ana)
    _talking(s)


def back_on_hold(s: Scene) -> None:
    """The caller is told that they were lost, is the first in line, and somebody else is looked for."""
    s.call.hears(s.words["lost"])
    assert (s.case.on_line_call, s.case.bridge) == (s.call.sid, None)
    assert s.line.store.place_on_hold(s.case.id) == 1
    assert "staff_left" in s.history


def owner_says_how_it_went(s: Scene) -> None:
    """After a real talk nobody is rung: the owner has the case until they say."""
    s.ana.gets("how did it go")
    assert (s.case.awaits_outcome, s.case.owner, s.case.next_try_at) == (True, "ana", None)


def both_went(s: Scene) -> None:
    s.ana.gets("how did it go")
    assert (s.case.owner, s.case.next_try_at, s.case.on_line_call) == ("ana", None, "")


def still_ana_s(s: Scene) -> None:
    s.ana.gets("how did it go")
    is_over(s.mine)
    assert (s.case.owner, s.case.closed, s.case.bridge) == ("ana", False, None)


def closed_and_not_rated(s: Scene) -> None:
    is_over(s.call)
    assert s.case.closed
    assert "rated" not in s.history


def owner_is_due_again(s: Scene) -> None:
    """The caller holds; who stepped out and does not come back is rung within the minute."""
    is_over(s.mine)
    assert s.call.now["live"]
    assert (s.case.owner, s.case.bridge, s.case.on_line_call) == ("ana", None, s.call.sid)
    assert s.case.next_try_at is not None
    assert s.case.next_try_at - datetime.now(UTC) <= s.case.policy.ring_again * 12


def owner_goes_back_and_the_caller_is_rung(s: Scene) -> None:
    until("off the line", lambda: s.case.on_line_call == "")
    s.mine.press("1")
    rung_back(s)


def guest_s_phone_stops_and_the_caller_holds(s: Scene) -> None:
    until("nobody is asked to join any more", lambda: not s.theirs.now["ringing"], 10)
    back_on_hold(s)


def guest_s_phone_stops_and_the_owner_is_told(s: Scene) -> None:
    until("nobody is asked to join any more", lambda: not s.theirs.now["ringing"], 10)
    told_and_not_rung(s)


def the_key_of_the_guest_joins_nobody(s: Scene) -> None:
    until("nothing to join", lambda: s.case.guest is None)
    s.theirs.press("1").hears("taken care of")
    is_over(s.theirs)


def the_key_joins_nobody_and_the_caller_holds(s: Scene) -> None:
    the_key_of_the_guest_joins_nobody(s)
    back_on_hold(s)


def the_key_joins_nobody_and_the_owner_is_told(s: Scene) -> None:
    the_key_of_the_guest_joins_nobody(s)
    told_and_not_rung(s)


def the_two_go_on(s: Scene) -> None:
    """Whoever else was asked does not come either; owner and caller are not disturbed."""
    is_over(s.theirs)
    for phone in (s.ben, s.carla):
        for call in phone._ringing():
            Call(s.line.api, str(call["sid"])).does("reject")
    until("nobody is asked any more", lambda: s.case.guest is None)
    assert s.call.now["connected_phones"] == [ANA]
    assert (s.case.state, s.case.owner) == (CaseState.CONNECTED, "ana")


def the_colleague_has_it(s: Scene) -> None:
    until("ben has the case", lambda: s.case.owner == "ben")
    assert s.call.now["connected_phones"] == [BEN]
    assert s.case.state is CaseState.CONNECTED


def the_crisis_line_goes_on_with_them(s: Scene) -> None:
    until("the outcome is ana's to say", lambda: s.case.awaits_outcome)
    assert s.call.now["connected_phones"] == [LIFELINE]
    assert s.case.owner == "ana"


def the_owner_is_told_and_nobody_is_left_alone(s: Scene) -> None:
    """The caller is gone: the owner is told, and the third person is not left in an empty room."""
    told_and_not_rung(s)
    is_over(s.theirs)


def the_caller_s_phone_stops_and_the_owner_rings_again(s: Scene) -> None:
    until("the caller's phone is quiet", lambda: not s.call.now["live"], 10)
    s.calls[Who.OWNER] = takes(s.ana)
    rung_back(s)


def not_reached(s: Scene) -> None:
    s.mine.hears("The caller did not answer")
    assert (s.case.owner, s.case.bridge, s.case.caller_tries) == ("ana", None, 1)
    assert s.case.next_try_at is not None


def the_caller_s_key_is_not_for_nothing(s: Scene) -> None:
    """They picked up and pressed the key, and the owner had just gone: they hold, and the owner is rung again."""
    until("no bridge", lambda: s.case.bridge is None)
    s.call.press("1").hears(s.words["taken"])
    until("holding", lambda: s.case.on_line_call == s.call.sid)
    s.calls[Who.OWNER] = takes(s.ana)
    _talking(s)


A, C, W, G, B = PAGED, Who.CALLER, Who.OWNER, Who.GUEST, Who.BOTH
RUNG_BACK, OWNER = A | {"caller"}, frozenset({"ana"})
HOLD, ROOM, OFFER = "/twilio/voice/hold", "/twilio/staff/key", "/twilio/staff/offer"
POINTS = (
    Point("staff's phone rings", C, HOLD, staff_phone_rings, staff_ring_them_back, RUNG_BACK),
    Point("staff's phone rings", W, RINGING, staff_phone_rings, nothing_taken, A),
    Point("staff hear level and code", C, HOLD, staff_hear_the_offer, staff_ring_them_back, RUNG_BACK),
    Point("staff hear level and code", W, OFFER, staff_hear_the_offer, nothing_taken, A, often=True),
    Point("staff have pressed 1", C, HOLD, staff_have_pressed_1, rung_back, frozenset({"caller"})),
    Point("staff have pressed 1", W, ROOM, staff_have_pressed_1, owner_rung_again, OWNER),
    Point("staff wait for who wants no call", C, HOLD, staff_wait_for_who_wants_no_call, told_and_not_rung, often=True),
    Point(
        "the owner's phone rings", C, HOLD, the_owner_s_phone_rings, owner_s_key_rings_them_back, frozenset({"caller"})
    ),
    Point("the owner's phone rings", W, RINGING, the_owner_s_phone_rings, owner_rung_again, OWNER),
    Point("the owner hears what it is about", W, OFFER, the_owner_hears_what_it_is_about, owner_rung_again, OWNER),
    Point("both talk", C, "/twilio/voice/join", both_talk, told_and_not_rung),
    Point("both talk", W, ROOM, both_talk, back_on_hold, A),
    Point("both talk", B, ROOM, both_talk, both_went),
    Point("both have talked", C, "/twilio/voice/join", both_have_talked, owner_says_how_it_went),
    Point("staff are asked how it went", W, "/twilio/staff/told", staff_are_asked_how_it_went, still_ana_s),
    Point(
        "the caller is asked", C, "/twilio/voice/after", the_caller_is_asked_whether_it_helped, closed_and_not_rated
    ),
    Point("staff step out", W, "/twilio/staff/after", staff_step_out, owner_is_due_again, OWNER, often=True),
    Point("staff step out", C, HOLD, staff_step_out, owner_goes_back_and_the_caller_is_rung, frozenset({"caller"})),
    Point(
        "a colleague's phone rings", W, "/twilio/staff/aside", a_colleague_s_phone_rings,
        guest_s_phone_stops_and_the_caller_holds, A, often=True,
    ),
    Point(
        "a colleague's phone rings", C, "/twilio/voice/join", a_colleague_s_phone_rings,
        guest_s_phone_stops_and_the_owner_is_told,
    ),
    Point("a colleague's phone rings", G, RINGING, a_colleague_s_phone_rings, the_two_go_on),
    Point("a colleague hears who asks", G, "/twilio/guest/offer", a_colleague_hears_the_offer, the_two_go_on),
    Point(
        "a colleague hears who asks", W, "/twilio/staff/aside", a_colleague_hears_the_offer,
        the_key_joins_nobody_and_the_caller_holds, A,
    ),
    Point(
        "a colleague hears who asks", C, "/twilio/voice/join", a_colleague_hears_the_offer,
        the_key_joins_nobody_and_the_owner_is_told,
    ),
    Point("three talk", G, "/twilio/guest/key", three_with_a_colleague, the_two_go_on, often=True),
    Point("three talk", W, "/twilio/staff/aside", three_with_a_colleague, the_colleague_has_it),
    Point(
        "three talk", C, "/twilio/voice/join", three_with_a_colleague, the_owner_is_told_and_nobody_is_left_alone,
        often=True,
    ),
    Point(
        "the crisis line's phone rings", W, "/twilio/staff/aside", the_crisis_line_s_phone_rings,
        guest_s_phone_stops_and_the_caller_holds, A,
    ),
    Point(
        "the crisis line's phone rings", C, "/twilio/voice/join", the_crisis_line_s_phone_rings,
        guest_s_phone_stops_and_the_owner_is_told,
    ),
    Point("the crisis line's phone rings", G, RINGING, the_crisis_line_s_phone_rings, the_two_go_on),
    Point("three with the crisis line", G, "/twilio/guest/offer", three_with_the_crisis_line, the_two_go_on),
    Point(
        "three with the crisis line", W, "/twilio/staff/aside", three_with_the_crisis_line,
        the_crisis_line_goes_on_with_them,
    ),
    Point(
        "three with the crisis line", C, "/twilio/voice/join", three_with_the_crisis_line,
        the_owner_is_told_and_nobody_is_left_alone,
    ),
    Point("staff hear the offer of a call back", W, OFFER, staff_hear_the_offer_of_a_call_back, nothing_taken, A),
    Point(
        "the caller's phone rings", W, ROOM, the_caller_s_phone_rings,
        the_caller_s_phone_stops_and_the_owner_rings_again, OWNER | {"caller"},
    ),
    Point("the caller's phone rings", C, RINGING, the_caller_s_phone_rings, not_reached, OWNER | {"caller"}),
    Point(
        "the caller hears the screen", C, "/twilio/caller/screen", the_caller_hears_the_screen, not_reached,
        OWNER | {"caller"},
    ),
    Point(
        "the caller hears the screen", W, ROOM, the_caller_hears_the_screen, the_caller_s_key_is_not_for_nothing,
        OWNER | {"caller"}, often=True,
    ),
    Point("both talk in a call back", W, ROOM, both_talk_in_a_call_back, back_on_hold, A),
    Point("both talk in a call back", C, "/twilio/caller/key", both_talk_in_a_call_back, told_and_not_rung),
)  # fmt: skip
