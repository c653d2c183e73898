"""Limits and blocks in the console: seen, set with a reason and an end, taken back; each written down."""

from datetime import timedelta

import pytest

from tests.console.desk import ANA, a_case, audit

CALLER = "+12025550123"


def blocked(line, number=CALLER):
    return line.services.counters.blocked(line.services.store.vault.caller_key(number))


def block(desk, **form):
    desk.get("/console/limits")
    return desk.post(
        "/console/limits/block", follow=True, **{"phone": CALLER, "reason": "threats", "days": "7", **form}
    )


def test_a_block_has_a_reason_an_end_and_whoever_decided_it_and_the_caller_still_gets_help(line, carla):
    line.text(CALLER, "hi")
    page = block(carla).text
    assert "Blocked for 7 days" in page
    found = blocked(line)
    assert (found.reason, found.by, found.until) == ("threats", "carla", line.clock.now + timedelta(days=7))
    for words in ("threats", "decided by Carla", "••• ••• ••23"):
        assert words in page
    assert CALLER[-7:] not in page
    assert line.services.store.vault.caller_key(CALLER) not in page
    assert "911" in line.text(CALLER, "hello")
    assert "short.blocked.sms" not in page
    assert '">texts of blocked callers</th><td class="n">1</td>' in carla.get("/console/limits").text
    case = a_case(line, CALLER)
    assert case.in_danger, "danger passes a block"


def test_a_block_is_taken_back_and_both_are_in_the_trail(line, carla):
    page = block(carla).text
    shown = page.partition('name="block" value="')[2].partition('"')[0]
    assert "The block is taken back" in carla.post("/console/limits/unblock", follow=True, block=shown).text
    assert blocked(line) is None
    assert "gone already" in carla.post("/console/limits/unblock", follow=True, block=shown).text
    key = line.services.store.vault.caller_key(CALLER)
    for what in ("blocked", "unblocked"):
        assert {"what": what, "caller": key, "by": "carla"} in audit(line)
    assert "viewed_limits" in [row["what"] for row in audit(line)]


def test_a_caller_is_blocked_from_their_case_by_a_supervisor_only(line, ana, carla):
    case = a_case(line, CALLER)
    path = f"/console/cases/{case.id}"
    assert "Block this caller" not in ana.get(path).text
    assert ana.post(f"{path}/block", reason="rude", days="7").status_code == 403
    assert blocked(line) is None
    assert "Block this caller" in carla.get(path).text
    carla.post(f"{path}/block", reason="threats to staff", days="1")
    assert blocked(line).until == line.clock.now + timedelta(days=1)


def test_an_expired_block_is_not_listed(line, carla):
    block(carla, days="1")
    line.clock.forward(days=1, seconds=1)
    carla.sign_in("+17175550113")
    assert "Nobody is blocked" in carla.get("/console/limits").text


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"reason": ""}, "Say why"),
        ({"reason": "  \x00 "}, "Say why"),
        ({"days": "9000"}, "Say why and for how long"),
        ({"days": ""}, "Say why and for how long"),
        ({"phone": "hello"}, "not a phone number"),
        ({"phone": ""}, "not a phone number"),
        ({"phone": ANA}, "a phone of staff"),
        ({"reason": "call 202 555 0123 is his"}, "no phone number"),
    ],
)
def test_what_cannot_be_blocked_is_said_and_nobody_is(line, carla, form, said):
    assert said in block(carla, **form).text
    assert list(line.redis.scan_iter("block:*")) == []


def test_codes_that_were_not_sent_are_counted(line, carla, desk):
    desk.get("/console/sign-in")
    desk.post("/console/sign-in", phone="+17175550999")
    page = carla.get("/console/limits").text
    assert '>sign-in codes not sent</th><td class="n">1</td>' in page


def test_every_limit_of_the_line_is_named_with_its_number(line, carla):
    page = carla.get("/console/limits").text
    for value in ("20", "240", "6000", "300"):
        assert f'<td class="n">{value}</td>' in page
