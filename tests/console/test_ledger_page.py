"""The ledger in the console: the sum, what to look at, one contact; the same as `helpline ledger`, and nobody in it."""

import re

import pytest

from helpline.ledger.book import DAY
from helpline.store import keys
from tests.console.desk import a_case, audit

CALLER = "+12025550123"


def contacts(line):
    return line.services.ledger.day(line.clock.now - DAY)


def test_the_sum_is_that_of_the_ledger_and_nobody_is_in_it(line, carla):
    line.text("+12025550150", "hi")
    case = a_case(line, CALLER)
    page = carla.get("/console/ledger").text
    assert "It adds up." in page
    assert re.search(r"<p>Came</p><p class=\"big\">2</p>", page)
    for contact in contacts(line):
        assert contact.id in page
    for secret in ("2025550123", "wont wake up", case.caller_key):
        assert secret not in page
    assert "viewed_ledger" in [row["what"] for row in audit(line)]


def test_a_contact_that_nobody_owes_an_answer_is_named_first_and_on_its_own_page(line, carla):
    a_case(line, CALLER)
    (contact,) = contacts(line)
    line.redis.delete(keys.case(contact.case_id))
    page = carla.get("/console/ledger").text
    assert "It adds up." not in page
    assert "1 to look at" in page
    assert page.index("to look at") < page.index("Each contact, newest first")
    one = carla.get(f"/console/ledger/{contact.id}").text
    assert "To look at: their case is gone or closed" in one
    assert "no longer kept" in one


def test_one_contact_leads_to_its_case_and_is_written_down_as_looked_at(line, carla):
    case = a_case(line, CALLER)
    (contact,) = contacts(line)
    page = carla.get("/console/ledger", query_string={"id": contact.id}, follow_redirects=True).text
    assert f"/console/cases/{case.id}" in page
    assert "staff" in page
    assert CALLER[-7:] not in page
    assert {"what": "viewed_contact", "staff": "carla", "contact": contact.id} in audit(line)
    by_conversation = carla.get("/console/ledger", query_string={"id": contact.session_id})
    assert by_conversation.location == f"/console/ledger/{contact.id}"


@pytest.mark.parametrize("wanted", ["nobody", "0" * 80, "../case", "\x00", "<b>"])
def test_an_id_that_is_none_is_said(line, carla, wanted):
    page = carla.get("/console/ledger", query_string={"id": wanted}, follow_redirects=True)
    assert page.status_code == 200
    assert "No contact has that id" in page.text
    assert carla.get("/console/ledger/nobody").status_code == 404


def test_a_contact_that_ended_says_how(line, carla, ana):
    case = a_case(line, CALLER)
    ana.post(f"/console/cases/{case.id}/claim")
    ana.post(f"/console/cases/{case.id}/close", outcome="handed_over")
    (contact,) = contacts(line)
    assert "handed over" in carla.get(f"/console/ledger/{contact.id}").text
    assert re.search(r"handed over</th><td class=\"n\">1</td>", carla.get("/console/ledger").text)
