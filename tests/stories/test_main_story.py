"""The main job, end to end, as people with telephones live it."""

import re

import pytest

from flows.case import Outcome
from flows.urgency import Urgency
from tests.stories.people import record, until

pytestmark = pytest.mark.story

CODE = re.compile(r"\b[0-9][A-Z][0-9][A-Z]\b")


def code_in(text: str) -> str:
    found = CODE.search(text)
    assert found, text
    return found.group()


def test_a_first_text_is_welcomed_by_a_bot_that_names_911_and_988(caller):
    answer = " ".join(caller.texts("hi"))
    assert "bot" in answer.lower()
    assert "911" in answer
    assert "988" in answer


def test_danger_in_the_first_text_gets_the_script_at_once_and_a_human_on_the_phone(line, caller, ana):
    answer = " ".join(caller.texts("my friend took too much and wont wake up"))
    assert "911" in answer
    page = ana.gets("Reply 1", 5)
    code = code_in(page)
    staff_call = ana.rings(5).does("answer").hears("press 1")
    staff_call.press("1")
    caller_call = caller.rings().does("answer").hears("press 1")
    caller_call.press("1")
    staff_call.is_connected_with(caller.number)
    assert caller.number not in page
    caller_call.does("hangup")
    staff_call.does("hangup")
    closed = " ".join(ana.texts(f"DONE {code} 1"))
    assert code in closed
    assert line.errors() == []
    case, history = record(line, code)
    assert case.outcome is Outcome.HANDED_OVER
    steps = ("opened", "claimed", "staff_joined", "caller_joined", "connected", "closed")
    assert tuple(step for step in history if step in steps) == steps
    assert "paged" in history


def test_triage_by_number_to_an_emergency_gets_the_script_in_the_same_answer_and_staff_within_5_s(line, caller, ana):
    caller.texts("hi")
    assert "danger right now" in " ".join(caller.texts("1"))
    for no in ("4", "2"):
        caller.texts(no)
    caller.texts("1")
    answer = " ".join(caller.texts("1"))
    assert "911" in answer
    code = code_in(ana.gets("Reply 1", 5))
    ana.rings(5).does("answer").hears("press 1").press("1")
    caller.rings().does("answer").hears("press 1").press("1").is_connected_with(ana.number)
    ana.texts(f"DONE {code} 1")
    case, history = record(line, code)
    assert case.urgency is Urgency.EMERGENCY
    assert case.outcome is Outcome.HANDED_OVER
    assert "answered" in history or "note" in history, history


def test_a_caller_on_the_line_is_joined_to_whoever_pressed_1(line, caller, ana):
    call = caller.calls().hears("9 1 1")
    call.press("1").hears("danger right now")
    call.press("1").hears("9 1 1")
    page = ana.gets("Reply 1", 5)
    staff_call = ana.rings(5).does("answer").hears("press 1")
    staff_call.press("1")
    call.is_connected_with(ana.number)
    staff_call.does("hangup")
    code = code_in(page)
    ana.texts(f"DONE {code} 1")
    assert line.errors() == []
    case, history = record(line, code)
    assert case.outcome is Outcome.HANDED_OVER
    assert "connected" in history


def test_a_reply_of_1_claims_and_the_second_claimer_is_told_who_has_it(caller, ana, ben):
    caller.texts("i want to die")
    code = code_in(ana.gets("Reply 1", 10))
    until_ben = ben.gets(code, 15)
    assert code in until_ben
    assert code in " ".join(ana.texts(f"1 {code}"))
    assert "ana" in " ".join(ben.texts(f"1 {code}")).lower()
    ana.texts(f"DONE {code} 1")


def test_nobody_answering_brings_the_next_person_and_then_everyone_again_and_again(line, caller, ana, ben):
    carla = line.phone("+17175550113")
    caller.texts("i took all my pills")
    code = code_in(ana.gets("Reply 1", 10))
    for phone in (ben, carla):
        phone.gets(code)
    ana_pages = len([body for body in ana.received if code in body])

    until("ana paged again", lambda: len([body for body in ana.received if code in body]) > ana_pages, 30)
    ana.texts(f"1 {code}")
    ana.texts(f"DONE {code} 3")


def test_questions_back_and_the_menu_by_text(caller):
    menu = " ".join(caller.texts("hi"))
    questions = " ".join(caller.texts("2"))
    answer = " ".join(caller.texts("1"))
    assert "ketamine" in answer.lower()
    assert questions.split()[:4] == " ".join(caller.texts("back")).split()[:4]
    assert " ".join(caller.texts("menu")).split()[-6:] == menu.split()[-6:]


def test_questions_back_and_the_menu_by_keys_on_a_call(caller):
    call = caller.calls().hears("press 0 at any time")
    call.press("2").hears("press")
    heard = len(call.heard)
    call.press("1")
    until("the answer", lambda: "ketamine" in call.heard[heard:].lower())
    heard = len(call.heard)
    call.press("1")
    until("the questions again", lambda: "opioid" in call.heard[heard:].lower())
    heard = len(call.heard)
    call.says("menu")
    until("the menu again", lambda: "for a person, press 0" in call.heard[heard:].lower())
    call.does("hangup")
