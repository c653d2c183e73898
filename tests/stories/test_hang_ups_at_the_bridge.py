"""Whoever hangs up between caller and staff, at every point of it, over real processes: a right record, no ghost ring."""

import pytest
import requests

from flows.ledger import Ending, Owner
from tests.stories.bridge import LIFELINE, POINTS, Point, Scene, Who
from tests.stories.people import CARLA, NUMBERS, running_line, until
from tests.stories.voice import ends
from tests.stories.voice import staff_phones_are_quiet as staff_phones_are_quiet  # noqa: PLC0414 - the fixture

pytestmark = pytest.mark.story

STOPS_WITHIN_S = 10
"""A phone rings for 30 s if nobody stops it."""


@pytest.fixture(scope="module")
def line(short_policy, tmp_path_factory):
    with running_line(tmp_path_factory.mktemp("v"), short_policy) as running:
        yield running


def in_both_languages():
    """Every point in both; in every run those marked `often`, one language each and by turns, the rest in the soak."""
    often = [point for point in POINTS if point.often]
    for point in POINTS:
        for place, language in enumerate(("en", "es")):
            now = point.often and often.index(point) % 2 == place
            yield pytest.param(point, language, id=f"{point.name} {language}", marks=() if now else (pytest.mark.soak,))


@pytest.mark.parametrize(("point", "language"), tuple(in_both_languages()))
def test_whoever_hangs_up_leaves_a_right_record_and_no_phone_rings_for_nobody(
    line, caller, ana, ben, point: Point, language
):
    s = Scene(line, language, caller, ana, ben, line.phone(CARLA), line.phone(LIFELINE))
    point.way(s)
    for who in (Who.OWNER,) if point.who is Who.BOTH else (point.who,):
        until(f"{who} at {point.stands}", lambda who=who: s.stands(s.calls[who]) == point.stands, 10)
    s.hang_up(point.who)
    point.after(s)
    requests.delete(f"{line.api}/faults", timeout=5)
    assert s.rung_since() <= point.rings, s.history
    owed_or_ended(s)
    is_put_away(s)


def live(s):
    rows = requests.get(f"{s.line.api}/calls?active=true", timeout=5).json()
    return [(row["phone"], row["status"], row["created"]) for row in rows]


def sids_live(s):
    return {row["sid"] for row in requests.get(f"{s.line.api}/calls?active=true", timeout=5).json()}


def owed_or_ended(s):
    """The ledger has every call that came in: owed by staff for this case, or ended with it; no dead call counts."""
    until("only live calls are believed in", lambda: s.case.closed or set(s.case.live_calls) <= sids_live(s))
    for sid in s.came_in:
        contact = s.contact(sid)
        assert contact is not None
        owed = (contact.owner, contact.case_id, contact.ending) == (Owner.STAFF, s.case.id, None)
        assert owed or (s.case.closed and contact.ending is Ending.HANDED_OVER), contact


def is_put_away(s):
    """Everybody hangs up and the owner says how it ended: the ledger has an ending, and no telephone rings on."""
    for call in requests.get(f"{s.line.api}/calls?active=true", timeout=5).json():
        if not call["ringing"]:
            requests.post(f"{s.line.api}/calls/{call['sid']}/hangup", timeout=5)
    if not s.case.closed:
        if s.case.owner is None:
            s.ana.texts(f"1 {s.code}")
        ends(s.line, s.ben if s.case.owner == "ben" else s.ana, s.code, 1)
    until(f"every phone is quiet; live: {live(s)}", lambda: not live(s), STOPS_WITHIN_S)
    assert {s.contact(sid).ending for sid in s.came_in} == {Ending.HANDED_OVER}
    assert (s.case.bridge, s.case.guest) == (None, None)
    assert s.line.errors() == []


@pytest.fixture
def caller(line):
    return line.phone(next(NUMBERS))
