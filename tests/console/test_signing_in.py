"""Signing in: a code to the roster phone, once, for ten minutes, for the browser that asked."""

import pytest

from tests.console.desk import ANA, BEN, LOGIN, Desk, audit, code_sent, letters


def asked(desk, number=ANA, **form):
    desk.get(LOGIN)
    desk.post(LOGIN, phone=number, **form)
    return desk


def test_a_code_texted_to_the_roster_phone_signs_in(desk, line):
    asked(desk, "717 555 0111")
    answer = desk.post("/console/code", code=code_sent(line, ANA))
    assert answer.location == "/console/"
    assert "Board" in desk.get("/console/").text


def test_a_code_can_be_said_in_a_call(desk, line):
    asked(desk, by="call")
    (letter,) = letters(line, ANA)
    assert letter.by == "call"
    assert f"l={letter.id}" in line.services.addresses.of("letter", {"l": letter.id})
    said = line.post(f"/twilio/letter?l={letter.id}", {"CallSid": line.sid("CA")}).text
    assert letter.text in said


def test_a_code_is_good_once(desk, line):
    code = code_sent(line, ANA) if asked(desk) else ""
    with desk.client.session_transaction() as cookie:
        kept = cookie["entry"]
    desk.post("/console/code", code=code)
    other = asked(Desk(line, line.app.test_client()), BEN)
    with other.client.session_transaction() as cookie:
        cookie["entry"] = kept
    assert other.post("/console/code", code=code).location == "/console/code"


def test_a_code_is_good_only_in_the_browser_that_asked(desk, line):
    asked(desk)
    other = asked(Desk(line, line.app.test_client()), "+12025550177")
    assert other.post("/console/code", code=code_sent(line, ANA)).location == "/console/code"


def test_a_code_is_good_for_ten_minutes(desk, line):
    asked(desk)
    line.clock.forward(minutes=10)
    assert desk.post("/console/code", code=code_sent(line, ANA)).location == "/console/code"


def test_after_five_wrong_codes_the_right_one_is_dead_too(desk, line):
    asked(desk)
    right = code_sent(line, ANA)
    wrong = "000000" if right != "000000" else "111111"
    for _ in range(5):
        assert desk.post("/console/code", code=wrong).location == "/console/code"
    assert desk.post("/console/code", code=right).location == "/console/code"


def test_a_stranger_s_number_gets_the_same_answer_and_no_text(desk, line):
    known = asked(desk).post(LOGIN, phone=ANA)
    strange = asked(Desk(line, line.app.test_client()), "+12025550177").post(LOGIN, phone="+12025550177")
    assert (known.status_code, known.location) == (strange.status_code, strange.location)
    assert letters(line, "+12025550177") == []


def test_one_phone_gets_at_most_six_codes_an_hour(line):
    for _ in range(9):
        asked(Desk(line, line.app.test_client()))
    assert len(letters(line, ANA)) == 6


def test_one_address_may_not_ask_without_end(desk):
    desk.get(LOGIN)
    answers = [desk.post(LOGIN, phone=f"+1202555{number:04d}").status_code for number in range(100, 130)]
    assert answers[0] == 303
    assert answers[-1] == 429


@pytest.mark.parametrize("typed", ["", "x", "+", "911", "0" * 400, "\x00", "🙂"])
def test_what_is_no_number_is_said_to_be_none(desk, typed):
    desk.get(LOGIN)
    assert "not a phone number" in desk.post(LOGIN, follow=True, phone=typed).text


def test_a_shared_device_is_signed_out_after_fifteen_minutes_without_use(desk, line):
    desk.sign_in(shared="1")
    line.clock.forward(minutes=14)
    assert desk.get("/console/").status_code == 200
    line.clock.forward(minutes=15)
    assert desk.get("/console/").location == LOGIN


def test_ones_own_phone_stays_signed_in_through_a_night_shift_and_no_longer(ana, line):
    for _ in range(27):
        line.clock.forward(minutes=30)
        assert ana.get("/console/").status_code == 200
    line.clock.forward(minutes=30)
    assert ana.get("/console/").location == LOGIN


def test_a_supervisor_ends_somebody_elses_visit_and_a_colleague_cannot(ana, ben, carla, line):
    page = carla.get("/console/account").text
    assert "Ana" in page
    assert "Carla" not in ben.get("/console/account").text.replace("Carla Lindqvist", "")
    keys = {
        line.services.store.vault.keyed("visit", visit.id): visit.staff_id for visit in line.services.console.visits()
    }
    ana_s = next(key for key, who in keys.items() if who == "ana")
    ben.post("/console/account/end", visit=ana_s)
    assert ana.get("/console/").status_code == 200
    carla.post("/console/account/end", visit=ana_s)
    assert ana.get("/console/").location == LOGIN


def test_no_page_shows_the_id_that_a_cookie_holds(carla, ana, line):
    page = carla.get("/console/account").text
    assert [visit.id for visit in line.services.console.visits() if visit.id in page] == []


def test_signing_out_ends_the_visit_and_not_only_the_cookie(ana, line):
    with ana.client.session_transaction() as cookie:
        kept = dict(cookie)
    ana.post("/console/sign-out")
    thief = line.app.test_client()
    with thief.session_transaction() as cookie:
        cookie.update(kept)
    assert thief.get("/console/").location == LOGIN


def test_after_signing_in_one_is_where_one_wanted_to_be(desk, line):
    desk.get("/console/account")
    asked(desk)
    assert desk.post("/console/code", code=code_sent(line, ANA)).location == "/console/account"


@pytest.mark.parametrize("wanted", ["https://evil.example/", "//evil.example", "/console/\\evil", "/twilio/sms"])
def test_signing_in_leads_nowhere_else(desk, line, wanted):
    desk.get(LOGIN, query_string={"next": wanted})
    asked(desk)
    assert desk.post("/console/code", code=code_sent(line, ANA)).location == "/console/"


def test_the_first_link_makes_an_admin_once_and_only_by_its_button(desk, line):
    from helpline.console.first_link import first_link

    link = first_link(line.services)
    path = link.removeprefix(line.settings.public_url)
    assert first_link(line.services) is None
    assert desk.get(path).status_code == 200
    assert desk.get("/console/").location == LOGIN, "opening it, as a link preview does, uses nothing up"
    desk.get(path)
    assert desk.post(path).location == "/console/"
    assert "Admin" in desk.get("/console/account").text
    other = Desk(line, line.app.test_client())
    other.get(path)
    assert other.post(path).location == LOGIN


def test_the_first_link_is_good_for_a_day(desk, line):
    from helpline.console.first_link import first_link

    path = first_link(line.services).removeprefix(line.settings.public_url)
    line.clock.forward(hours=24)
    desk.get(path)
    assert desk.post(path).location == LOGIN


def test_coming_and_going_is_in_the_audit_trail_and_no_code_or_number_is(ana, line):
    code = code_sent(line, ANA)
    ana.post("/console/sign-out")
    words = [row["what"] for row in audit(line)]
    assert {"sign_in_code", "signed_in", "signed_out"} <= set(words)
    assert code not in str(audit(line))
    assert "7175550111" not in str(audit(line))
