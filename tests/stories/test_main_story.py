"""The main job, end to end, as people with telephones live it."""

import re

import pytest

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
    staff_call.does("hangup")
    closed = " ".join(ana.texts(f"DONE {code} 1"))
    assert code in closed
    assert line.errors() == []
