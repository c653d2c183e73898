"""The one question by text: after staff have closed the case, once, and never to whoever must not be written to."""

import itertools

import pytest

from flows import bridging
from flows.case import Outcome
from tests.helpline.whole_line import SOMEBODY, new_sid

callers = (f"+1202555{n:04d}" for n in itertools.count(400))
QUESTION = {"en": "Did we help you?", "es": "¿Le ayudamos?"}
THANKS = {"en": "Thank you. We are here", "es": "Gracias. Aquí estamos"}
HELLO = {"en": ("hi", "talk to someone"), "es": ("hola", "quiero hablar con una persona")}


@pytest.fixture
def caller():
    return next(callers)


def talked(line, caller, language="en"):
    """A caller who has written with a staff member; gives the case."""
    for text in HELLO[language]:
        line.text(text, sender=caller)
    case = line.services.store.transact(lambda tx: tx.case_of(line.services.store.vault.caller_key(caller)))
    line.tick()
    line.text(f"1 {case.code}", sender="+17175550111")
    assert line.services.dispatch.change(case.id, lambda c, now: bridging.relayed(c, "ana", now)) is not None
    return case


def closes(line, case, outcome=Outcome.HANDED_OVER):
    line.services.dispatch.close(case.id, "ana", outcome)
    assert line.services.store.case(case.id).closed


def asked(line, caller):
    return [text for text in line.sent(caller) if any(question in text for question in QUESTION.values())]


def rated(line, case):
    return [one.detail["helped"] for one in line.services.store.timeline(case.id) if one.what.value == "rated"]


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize(("answer", "helped"), [("1", "yes"), ("2", "no"), ("no", "no")])
def test_it_is_asked_once_two_minutes_later_and_the_answer_is_kept_with_the_case(
    line, caller, language, answer, helped
):
    case = talked(line, caller, language)
    closes(line, case)
    line.tick(seconds=100)
    assert asked(line, caller) == []
    line.tick(seconds=21)
    (question,) = asked(line, caller)
    assert QUESTION[language] in question
    assert THANKS[language] in line.text(answer, sender=caller)
    assert rated(line, case) == [helped]
    line.tick(seconds=100_000)
    assert len(asked(line, caller)) == 1
    assert line.services.store.transact(lambda tx: tx.case_of(case.caller_key)) is None


def test_who_answers_something_else_is_shown_the_way_and_not_asked_again(line, caller):
    case = talked(line, caller)
    closes(line, case)
    line.tick(seconds=121)
    assert "For a person, reply 0" in line.text("purple monkey dishwasher", sender=caller)
    assert rated(line, case) == []
    line.text("purple monkey dishwasher", sender=caller)
    line.tick(seconds=1000)
    assert len(asked(line, caller)) == 1


def test_danger_in_the_answer_is_danger(line, caller):
    closes(line, talked(line, caller))
    line.tick(seconds=121)
    assert "911" in line.text("no i want to die", sender=caller)
    key = line.services.store.vault.caller_key(caller)
    assert line.services.store.transact(lambda tx: tx.case_of(key)).in_danger


@pytest.mark.parametrize("word", ["STOP", "x", "hi again"])
@pytest.mark.parametrize("when", ["before staff close", "after"])
def test_an_opt_out_a_quick_exit_and_any_new_word_are_respected(line, caller, word, when):
    case = talked(line, caller)
    if when == "after":
        closes(line, case)
    line.text(word, sender=caller)
    if when == "before staff close":
        closes(line, case)
    line.tick(seconds=121)
    expected = 1 if (word, when) == ("hi again", "before staff close") else 0
    assert len(asked(line, caller)) == expected


@pytest.mark.parametrize("outcome", [Outcome.UNREACHABLE, Outcome.TRANSFERRED_911_988])
def test_nobody_is_asked_who_was_not_reached_or_is_with_911(line, caller, outcome):
    closes(line, talked(line, caller), outcome)
    line.tick(seconds=121)
    assert asked(line, caller) == []


def test_who_only_called_is_not_written_to(line):
    form = {"CallSid": new_sid("CA"), "From": SOMEBODY, "Direction": "inbound", "CallStatus": "in-progress"}
    line.post("/twilio/voice", form)
    line.post("/twilio/voice/turn?v=1", {**form, "Digits": "0"})
    case = line.services.store.transact(lambda tx: tx.case_of(line.services.store.vault.caller_key(SOMEBODY)))
    line.services.dispatch.close(case.id, "ana", Outcome.HANDED_OVER)
    line.tick(seconds=121)
    assert asked(line, SOMEBODY) == []


def test_a_landline_that_refuses_the_question_is_remembered_as_one(line, caller):
    case = talked(line, caller)
    closes(line, case)
    line.tick(seconds=121)
    form = {"MessageSid": new_sid("SM"), "MessageStatus": "undelivered", "ErrorCode": "30006", "To": caller}
    assert line.post("/twilio/status/notice", form).status_code == 204
    assert line.services.store.caller(case.caller_key).memory["no_texts"] == "1"
