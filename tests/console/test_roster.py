"""The roster page: who is on, gaps, and changes that decide who is paged next."""

from datetime import timedelta

import pytest

from flows.roster import on_call
from tests.console.desk import BEN, a_case, audit, letters


def change(desk, line, **form):
    start = line.clock() - timedelta(hours=5)  # New York
    known = {
        "who": "ana", "list": "primary", "from": f"{start:%Y-%m-%dT%H:%M}",
        "to": f"{start + timedelta(hours=8):%Y-%m-%dT%H:%M}",
    }  # fmt: skip
    desk.get("/console/roster")
    return desk.post("/console/roster/change", follow=True, **{**known, **form}).text


def on_now(line):
    return on_call(line.services.roster.now(), line.clock())


def test_the_page_says_who_is_on_now(ana):
    page = ana.get("/console/roster").text
    assert "Ana" in page
    assert "Somebody is on at every minute" in page
    assert "<svg" in page


def test_a_colleague_who_covers_is_paged_next_and_told(ana, line):
    change(ana, line, kind="cover", by="ben")
    assert on_now(line) == ("ben",)
    (letter,) = [one for one in letters(line, BEN) if one.kind == "notice"]
    assert "you are on primary" in letter.text
    case = a_case(line, "+12025550188")
    line.services.dispatch.advance(case.id)
    assert line.services.store.case(case.id).tried == ("ben",)


def test_a_swap_gives_mine_to_them_and_theirs_to_me(ana, line):
    form = {"from": "2026-11-22T23:00", "to": "2026-11-23T09:00", "kind": "swap", "by": "ben"}
    assert "has no duty" in change(ana, line, who="ana", **{**form, "by": "carla"})
    change(ana, line, **form)
    roster = line.services.roster.now()
    assert "ben" in on_call(roster, line.clock() + timedelta(hours=2))
    kinds = [(one.kind.value, one.who, one.by) for one in line.services.store.transact(lambda tx: tx.overrides())]
    assert ("cover", "ana", "ben") in kinds


def test_being_out_leaves_a_gap_in_red_until_it_is_taken_back(ana, line):
    said = change(ana, line, kind="out")
    assert "There is a gap now" in said
    page = ana.get("/console/roster").text
    assert "gap: primary" in page
    assert "Nobody is on" in page
    (override,) = line.services.store.transact(lambda tx: tx.overrides())
    ana.post("/console/roster/take-back", override=override.id)
    assert on_now(line) == ("ana",)


def test_a_responder_changes_only_what_they_are_part_of(ben, carla, line):
    assert "Only a supervisor" in change(ben, line, kind="out")
    assert line.services.store.transact(lambda tx: tx.overrides()) == ()
    change(carla, line, kind="out")
    (override,) = line.services.store.transact(lambda tx: tx.overrides())
    assert ben.post("/console/roster/take-back", override=override.id).status_code == 404
    assert line.services.store.transact(lambda tx: tx.overrides()) == (override,)


@pytest.mark.parametrize(
    "wrong",
    [
        {"who": "nobody"},
        {"list": "nolist"},
        {"from": "yesterday"},
        {"to": ""},
        {"to": "2020-01-01T00:00"},
        {"to": "9999-12-31T23:59"},
        {"kind": "cover", "by": ""},
        {"kind": "cover", "by": "ana"},
        {"kind": "burn"},
    ],
    ids=str,
)
def test_a_wrong_form_changes_nothing_and_says_so(ana, line, wrong):
    assert "The roster is as it was." in change(ana, line, **{"kind": "out", **wrong})
    assert line.services.store.transact(lambda tx: tx.overrides()) == ()


def test_changes_are_in_the_audit_trail(ana, line):
    change(ana, line, kind="cover", by="ben")
    assert {"what": "roster_changed", "staff": "ana", "kind": "cover", "who": "ana", "by": "ben"} in audit(line)


def test_my_phone_rings_when_i_ask(ana, line):
    ana.post("/console/account/ring", by="call")
    (letter,) = [one for one in letters(line, "+17175550111") if one.kind == "test"]
    assert letter.by == "call"
    assert "This is a test" in line.post(f"/twilio/letter?l={letter.id}", {"CallSid": line.sid("CA")}).text
