"""Staff read the question and the choice in words, in their own language, wherever a caller answered by a key."""

import re

import pytest

from flows.nodes import Ask
from helpline.console.asked import answered, choices, meaning, written
from tests.console.desk import a_case

CALLER = "+12025550123"


@pytest.fixture
def content(line):
    return line.services.content.live


def asks(content):
    return [node for node in content.flow.nodes.values() if isinstance(node, Ask) and node.question]


def test_a_text_is_taken_apart_into_question_and_choices():
    question, known = choices("In the past 5 days, did you stop? 1 Alcohol. 2 Benzos, or sleep pills. 3 None.")
    assert question == "In the past 5 days, did you stop?"
    assert known == {"1": "Alcohol", "2": "Benzos, or sleep pills", "3": "None"}


def test_a_text_without_choices_is_a_question_as_it_is():
    assert choices("What happened? Use a few words.") == ("What happened? Use a few words.", {})


@pytest.mark.parametrize("language", ["en", "es"])
def test_every_choice_of_every_question_of_the_content_has_words(content, language):
    assert len(asks(content)) > 5
    for node in asks(content):
        for choice in node.choices:
            if choice.value is None:
                continue
            found = answered(content, language, node.question, (choice.value,))
            assert re.search(r"[a-zñáéíóú]{2}", found.answer.lower()), (node.id, choice.value)
            assert "1 " not in found.question, node.id


def test_the_same_answer_reads_in_the_language_of_whoever_reads_it(content):
    english, spanish = written(content, "en", "q2b 9"), written(content, "es", "q2b 9")
    assert english.answer == "Skip"
    assert spanish.answer not in {"Skip", "no answer"}
    assert english.question != spanish.question


def test_several_answers_are_all_named_and_none_is_said(content):
    several = next(node for node in asks(content) if node.several)
    values = [choice.value for choice in several.choices][:2]
    found = written(content, "en", f"{several.question} {values[0]},{values[1]}")
    assert found.answer.count(",") >= 1
    assert written(content, "en", f"{several.question} -").answer == "no answer"


@pytest.mark.parametrize("words", ["i want to die", "9", "q2b", "nothing 9", "q2b 9 and more", ""])
def test_the_callers_own_words_are_left_as_they_are(content, words):
    assert written(content, "en", words) is None


@pytest.mark.parametrize(
    ("said", "means"), [("3", "Skip"), (" 1 ", "Yes"), ("1, 3", "Yes, Skip"), ("7", ""), ("3 pills", ""), ("", "")]
)
def test_a_bare_number_is_told_by_the_question_before_it(said, means):
    assert meaning("Right now? 1 Yes. 2 No. 3 Skip.", said) == means


def test_the_page_of_a_case_shows_words_and_no_name_of_a_question(ana, line):
    case = a_case(line, CALLER, "i want to die")
    line.text(CALLER, "3")
    ana.post(f"/console/cases/{case.id}/claim")
    page = ana.get(f"/console/cases/{case.id}").text
    stored = [entry.detail.get("text", "") for entry in line.services.store.timeline(case.id)]
    names = [text.split()[0] for text in stored if re.fullmatch(r"\w+ [\d,]+", text)]
    assert names, "an answer is in the timeline"
    for name in names:
        assert f"{name} " not in page
    assert "answered “Skip” to:" in page
    assert "= Skip" in page
