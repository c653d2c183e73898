"""Each caller in their own language: chosen by key, by name or guessed and confirmed, remembered for the next contact."""

import itertools
from xml.etree import ElementTree as ET

import pytest

from tests.helpline.inside import Inside, inside

callers = (f"+1202555{n:04d}" for n in itertools.count(600))


@pytest.fixture(scope="module")
def line(tmp_path_factory: pytest.TempPathFactory):
    with inside(tmp_path_factory.mktemp("v")) as running:
        yield running


def spoken(twiml: str) -> list[tuple[str, str, str]]:
    """Every Say: its language, its voice and its words."""
    return [(one.get("language"), one.get("voice"), one.text) for one in ET.fromstring(twiml).iter("Say")]


def turn(line: Inside, caller: str, sid: str, version: int, **form: str) -> str:
    return line.call(caller, f"/twilio/voice/turn?v={version}", CallSid=sid, **form)


def test_spanish_is_a_key_away_in_the_first_prompt_of_a_call_and_in_its_own_voice(line: Inside):
    caller, sid = next(callers), line.sid("CA")
    first = spoken(line.call(caller, CallSid=sid))
    assert {language for language, _, _ in first} == {"en-US"}
    assert any("Para español, oprima 3" in words for _, _, words in first)
    after = turn(line, caller, sid, 1, Digits="3")
    assert {(language, voice) for language, voice, _ in spoken(after)} == {("es-US", "Polly.Lupe-Neural")}
    assert 'language="es-US"' in after.split("<Say")[0], "speech is recognised in Spanish too"


def test_spanish_chosen_by_text_is_spoken_on_the_next_call(line: Inside):
    caller = next(callers)
    line.text(caller, "hi")
    assert "Responda 1" in line.text(caller, "3")
    assert {language for language, _, _ in spoken(line.call(caller))} == {"es-US"}


@pytest.mark.parametrize("words", ["español", "en espanol por favor", "Spanish"])
def test_spanish_is_asked_for_by_its_name_at_any_question(line: Inside, words: str):
    caller = next(callers)
    line.text(caller, "hi")
    line.text(caller, "1")
    assert "¿Hay alguien en peligro ahora?" in line.text(caller, words)
    assert "Is anyone in danger" in line.text(caller, "english")


def test_spanish_guessed_from_the_words_is_confirmed_in_spanish_and_then_kept(line: Inside):
    caller = next(callers)
    asked = line.text(caller, "hola, quiero saber algo de la clinica por favor")
    assert "español" in asked
    line.text(caller, "1")
    assert {language for language, _, _ in spoken(line.call(caller))} == {"es-US"}


def test_danger_in_spanish_is_answered_in_spanish_at_once(line: Inside):
    assert "LLAME AL 911" in line.text(next(callers), "mi hermano no despierta y no respira")
