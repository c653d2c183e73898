"""Abuse that cannot lose a caller: a short answer for too much, the emergency text for the blocked, help for danger."""

from dataclasses import replace
from datetime import timedelta

import pytest
from lxml import etree

from helpline.app import create_app
from helpline.limits import Most
from helpline.paging.dialable import of_line
from helpline.paging.dialling import Dialling
from helpline.store import keys
from helpline.store.counters import Block, Counters, block, unblock
from tests.helpline.inside import BEGIN, inside

CALLER, OTHER = "+12025550123", "+12025550124"
DANGER = "i want to die"


FEW = Most(texts_a_minute=4, calls_in_ten_minutes=3)


@pytest.fixture(scope="module")
def the_line(tmp_path_factory):
    with inside(tmp_path_factory.mktemp("v")) as running:
        yield limited(running, FEW)


def limited(line, most, **more):
    """The same line with other limits."""
    services = replace(line.services, limits=replace(line.services.limits, most=most, **more))
    return replace(line, services=services, app=create_app(services))


@pytest.fixture
def line(the_line):
    the_line.redis.flushall()
    the_line.clock.now = BEGIN
    return the_line


def key(line, number=CALLER):
    return line.services.store.vault.caller_key(number)


def is_short(answer):
    return "can't keep up" in answer or "can't chat" in answer or "press any key" in answer.lower()


def flood(line, number=CALLER, texts=4):
    for _ in range(texts):
        answer = line.text(number, "menu")
    return answer


def test_too_many_texts_get_a_short_answer_with_911_and_988_and_never_silence(line):
    assert not is_short(flood(line))
    for _ in range(5):
        answer = line.text(CALLER, "menu")
        assert is_short(answer)
        assert "911" in answer
        assert "988" in answer
    assert not is_short(line.text(OTHER, "menu"))


def test_a_minute_later_the_conversation_goes_on_where_it_was(line):
    flood(line)
    before = line.services.store.transact(lambda tx: tx.session(f"sms-{key(line)}"))
    assert is_short(line.text(CALLER, "2"))
    line.clock.forward(minutes=1)
    assert not is_short(line.text(CALLER, "2"))
    after = line.services.store.transact(lambda tx: tx.session(f"sms-{key(line)}"))
    assert after.version == before.version + 1


@pytest.mark.parametrize("body", [DANGER, "overdose", "quiero morir", "i need to talk to someone", "0", "STOP"])
def test_danger_a_person_and_stop_always_pass(line, body):
    flood(line)
    assert is_short(line.text(CALLER, "menu"))
    assert not is_short(line.text(CALLER, body))


def test_danger_in_a_flood_has_its_case_before_the_answer(line):
    flood(line)
    line.text(CALLER, DANGER)
    assert [case.caller_key for case in line.services.store.open_cases()] == [key(line)]


def test_whoever_waits_for_a_person_is_never_answered_short(line):
    line.text(CALLER, DANGER)
    case = line.services.store.open_cases()[0]
    for n in range(18):
        assert not is_short(line.text(CALLER, f"word {n}"))
    said = {entry.detail.get("text") for entry in line.services.store.timeline(case.id)}
    assert {f"word {n}" for n in range(18)} <= said


def test_even_with_a_case_a_machine_does_not_bury_staff_in_words(line):
    line.text(CALLER, DANGER)
    for _ in range(19):
        line.text(CALLER, "spam")
    assert is_short(line.text(CALLER, "spam"))
    assert not is_short(line.text(CALLER, DANGER))


def test_a_flood_from_everywhere_gets_short_answers_and_danger_still_a_person(line):
    line = limited(line, Most(line_texts_a_minute=3))
    answers = [line.text(f"+1202555{n:04d}", "hi") for n in range(130, 136)]
    assert [is_short(answer) for answer in answers] == [False] * 3 + [True] * 3
    assert not is_short(line.text("+12025550150", DANGER))


def test_too_many_calls_are_told_so_and_any_key_goes_on(line):
    for _ in range(3):
        first = line.call(CALLER)
    assert "any key" not in first.lower()
    root = etree.fromstring(line.call(CALLER).encode())
    assert "9 1 1" in "".join(root.itertext()) or "911" in "".join(root.itertext())
    assert [child.tag for child in root] == ["Gather", "Redirect"]
    again = root.find("Redirect").text.partition("/twilio")[2]
    more = etree.fromstring(line.call(CALLER, f"/twilio{again}").encode())
    assert [child.tag for child in more] == ["Gather", "Redirect"]  # never a hang-up
    goes_on = root.find("Gather").get("action").partition("/twilio")[2]
    assert "any key" not in line.call(CALLER, f"/twilio{goes_on}", Digits="5").lower()


def a_block(line, days=7):
    return Block("threatened staff", "ana", line.clock() + timedelta(days=days))


def test_the_blocked_get_the_emergency_text_until_the_block_expires(line):
    line.text(CALLER, "hi")
    line.services.store.transact(lambda tx: block(tx, key(line), a_block(line), line.clock()))
    answer = line.text(CALLER, "hi")
    assert "can't chat" in answer
    assert "911" in answer
    assert "988" in answer
    assert 0 < line.redis.ttl(keys.block(key(line))) <= timedelta(days=7).total_seconds()
    assert b"threatened" not in line.redis.get(keys.block(key(line)))
    assert line.services.limits.counters.blocked(key(line)).reason == "threatened staff"
    line.services.store.transact(lambda tx: unblock(tx, key(line), "ana"))
    assert "can't chat" not in line.text(CALLER, "hi")


def test_danger_of_the_blocked_still_reaches_a_person(line):
    line.services.store.transact(lambda tx: block(tx, key(line), a_block(line), line.clock()))
    assert "can't chat" not in line.text(CALLER, DANGER)
    assert len(line.services.store.open_cases()) == 1


def test_the_blocked_who_call_hear_the_emergency_numbers_and_a_way_on(line):
    line.services.store.transact(lambda tx: block(tx, key(line), a_block(line), line.clock()))
    root = etree.fromstring(line.call(CALLER).encode())
    assert [child.tag for child in root] == ["Gather", "Redirect"]
    assert "can't talk" in "".join(root.itertext())


def test_a_flood_of_strangers_alarms_the_supervisors_once(line):
    told = []
    line = limited(line, Most(new_numbers_in_ten_minutes=5), alarm=lambda *what: told.append(what))
    for n in range(160, 170):
        line.text(f"+1202555{n:04d}", "hi")
    assert told
    assert {what[0] for what in told} == {"alarm_pumping"}
    assert len({what[1] for what in told}) == 1  # one key: `tell_supervisors` says each once


def test_counters_expire_and_hold_no_number(line):
    flood(line)
    names = [name.decode() for name in line.redis.scan_iter("rate:*")]
    assert names
    assert all(line.redis.ttl(name) > 0 for name in names)
    assert all("2025550123" not in name for name in names)


GUARD = of_line("+17175550100")


@pytest.mark.parametrize(
    ("number", "may"),
    [
        ("+12025550123", True),
        ("+16135550123", True),  # Canada
        ("+18095551234", False),  # Dominican Republic, +1 all the same
        ("+18765551234", False),  # Jamaica
        ("+19005551234", False),  # premium
        ("+447700900123", False),
        ("+525512345678", False),
        ("+1911", False),
        ("+188", False),
        ("nonsense", False),
    ],
)
def test_only_what_costs_like_a_neighbour_is_called_back(line, number, may):
    assert Dialling(GUARD, Counters(line.services.store)).costs_no_more_than_ours(number) is may


def test_there_is_an_end_to_calls_to_one_caller_in_a_day(line):
    dialling = Dialling(GUARD, Counters(line.services.store), most_a_day=3, most_for_all=5)
    assert [dialling.may_ring_again("a", BEGIN) for _ in range(4)] == [True, True, True, False]
    assert dialling.may_ring_again("b", BEGIN)
    assert not dialling.may_ring_again("c", BEGIN)
    assert dialling.may_ring_again("a", BEGIN + timedelta(days=1))
