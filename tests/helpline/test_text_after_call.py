"""What a caller was told, as a text afterwards: only if a key asked for it, and not where texts cannot arrive."""

import pytest

from tests.helpline.inside import one_line, somebody  # noqa: F401  fixtures
from tests.helpline.test_hang_ups import Caller
from tests.helpline.voice_walk import heard

LANDLINE_ERROR = "30006"


def letters(line):
    store = line.services.store
    due = [row.partition("|")[2] for row in store.due(line.clock()) if row.startswith("letter|")]
    return [store.transact(lambda tx, one=one: tx.letter(one)) for one in due]


def asked(line, number, *keys):
    caller = Caller(line, number)
    for key in keys:
        caller.presses(key)
    return caller


@pytest.mark.parametrize(
    ("keys", "said", "written"),
    [
        (("2", "1", "4"), "sending it to this phone", "Ketamine is not an opioid"),
        (("3", "2", "1", "4"), "Se lo mando por texto", "La ketamina no es un opioide"),
        (("4", "1", "4"), "sending it to this phone", "Day treatment (PHP)"),
    ],
    ids=["an answer", "in Spanish", "a programme"],
)
def test_an_answer_or_programme_is_texted_to_whoever_asks(line, number, keys, said, written):
    caller = asked(line, number, *keys)
    assert said in heard(caller.document)
    (letter,) = letters(line)
    assert letter.to == number
    assert written in letter.text
    assert "press" not in letter.text.lower()


def test_nothing_is_texted_that_was_not_asked_for(line, number):
    asked(line, number, "2", "1").hangs_up()
    assert letters(line) == []


def test_the_same_key_heard_twice_is_one_text(line, number):
    caller = asked(line, number, "2", "1")
    before = caller.document
    caller.presses("4")
    caller.document = before
    caller.presses("4")
    assert len(letters(line)) == 1


@pytest.mark.parametrize("hidden", ["anonymous", "+266696687", "+18005550199"])
def test_a_withheld_or_textless_number_is_told_so_and_helped_on(line, number, hidden):
    caller = asked(line, hidden, "2", "1", "4")
    assert "can't text this phone" in heard(caller.document)
    assert "press" in heard(caller.document)
    assert letters(line) == []


@pytest.mark.parametrize("code", [LANDLINE_ERROR, "21614"])
def test_a_landline_is_remembered_once_twilio_says_so(line, number, code):
    asked(line, number, "2", "1", "4")
    (letter,) = letters(line)
    form = {"MessageSid": line.sid("SM"), "MessageStatus": "undelivered", "ErrorCode": code, "To": number}
    assert line.post(f"/twilio/status/notice?l={letter.id}", form).status_code == 204
    line.redis.delete(*line.redis.keys("letter:*"))
    line.redis.delete("due")
    caller = asked(line, number, "2", "1", "4")
    assert "can't text this phone" in heard(caller.document)
    assert letters(line) == []


def test_who_has_stopped_our_texts_gets_none(line, number):
    line.text(number, "STOP")
    caller = asked(line, number, "2", "1", "4")
    assert "can't text this phone" in heard(caller.document)
    assert letters(line) == []
