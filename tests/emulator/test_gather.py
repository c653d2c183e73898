"""Gather: keys, speech, time-outs, barge-in, partial results."""

import pytest

CALLER = "+12025550101"


def gather(attributes: str = "", inside: str = "") -> str:
    return f'<Gather action="/key" {attributes}>{inside}</Gather><Say>Nothing</Say>'


def ask(lab, attributes: str = "", inside: str = "") -> str:
    lab.peer.twiml("/voice", gather(attributes, inside))
    lab.peer.twiml("/key", "")
    return lab.call()


def got(lab) -> list[tuple[str | None, str | None]]:
    return [(form.get("Digits"), form.get("SpeechResult")) for form in lab.peer.got("/key")]


@pytest.mark.parametrize(
    ("attributes", "keys", "digits"),
    [
        ('numDigits="1"', "5", "5"),
        ('numDigits="3"', "1234", "123"),
        ("", "12#", "12"),
        ('finishOnKey="*"', "1#2*", "1#2"),
        ('finishOnKey="" numDigits="2"', "1#", "1#"),
        ('numDigits="4"', "12#", "12"),
    ],
)
def test_keys_are_gathered_until_enough_or_the_finish_key(lab, attributes, keys, digits):
    lab.press(ask(lab, attributes), keys)
    assert got(lab) == [(digits, None)]


def test_keys_without_an_end_count_once_the_timeout_is_over(lab):
    sid = ask(lab, 'timeout="3"')
    lab.press(sid, "1")
    lab.advance(2.9)
    lab.press(sid, "2")
    lab.advance(2.9)
    assert got(lab) == []
    lab.advance(0.2)
    assert got(lab) == [("12", None)]


def test_the_timeout_begins_when_the_words_are_over(lab):
    sid = ask(lab, 'timeout="2"', "<Say>one</Say><Pause length='10'/>")
    lab.advance(11.9)
    assert lab.heard(sid) == ["one"]
    lab.advance(0.2)
    assert lab.heard(sid) == ["one", "Nothing"]


def test_the_first_key_ends_the_words(lab):
    sid = ask(lab, 'numDigits="2"', "<Say>one</Say><Pause length='10'/><Say>two</Say>")
    lab.press(sid, "1")
    lab.press(sid, "2")
    assert lab.heard(sid) == ["one"]
    assert got(lab) == [("12", None)]


def test_an_empty_result_asks_the_action_only_on_request(lab):
    ask(lab, 'timeout="2" actionOnEmptyResult="true"')
    lab.advance(2.1)
    assert got(lab) == [("", None)]


def test_without_an_action_the_document_itself_is_asked(lab, peer):
    peer.twiml("/voice", '<Gather numDigits="1"/>', "<Say>Heard</Say>")
    sid = lab.call()
    lab.press(sid, "1")
    lab.advance(1)
    assert peer.got("/voice")[1]["Digits"] == "1"
    assert lab.heard(sid) == ["Heard"]


def test_speech_is_written_down_with_its_confidence_after_a_silence(lab):
    sid = ask(lab, 'input="speech" speechTimeout="2"')
    lab.act(sid, "speech", text="I need", confidence=0.5)
    lab.act(sid, "speech", text="help", confidence=0.75)
    lab.advance(1.9)
    assert got(lab) == []
    lab.advance(0.2)
    assert got(lab) == [(None, "I need help")]
    assert lab.peer.got("/key")[0]["Confidence"] == "0.75"


def test_auto_ends_speech_at_the_first_pause(lab):
    lab.act(ask(lab, 'input="speech" speechTimeout="auto"'), "speech", text="help")
    assert got(lab) == [(None, "help")]


def test_speech_is_not_heard_where_only_keys_are_wanted(lab):
    sid = ask(lab)
    assert lab.post(f"/calls/{sid}/speech", text="help")["heard"] is False
    assert lab.get("/journal", kind="call.speech_unheard", subject=sid)["records"]


@pytest.mark.parametrize(("first", "result"), [("speech", (None, "help")), ("keys", ("1", None))])
def test_of_keys_and_speech_the_first_counts(lab, first, result):
    sid = ask(lab, 'input="dtmf speech" timeout="2" speechTimeout="2"')
    acts = [lambda: lab.act(sid, "speech", text="help"), lambda: lab.press(sid, "1")]
    for act in acts if first == "speech" else reversed(acts):
        act()
    lab.advance(2.1)
    assert got(lab) == [result]


def test_speech_first_makes_the_finish_key_nothing(lab):
    sid = ask(lab, 'input="dtmf speech" speechTimeout="3"')
    lab.act(sid, "speech", text="help")
    lab.press(sid, "#")
    assert got(lab) == []
    lab.advance(3.1)
    assert got(lab) == [(None, "help")]


def test_speech_is_cut_off_at_its_longest(lab):
    sid = ask(lab, 'input="speech" speechTimeout="5" maxSpeechTime="8"')
    for _ in range(3):
        lab.act(sid, "speech", text="more")
        lab.advance(3)
    assert got(lab) == [(None, "more more more")]


def test_partial_results_come_while_somebody_speaks(lab, peer):
    sid = ask(lab, 'input="speech" speechTimeout="3" partialResultCallback="/part"')
    lab.act(sid, "speech", text="I need")
    lab.act(sid, "speech", text="help")
    forms = [(form["UnstableSpeechResult"], form["SequenceNumber"]) for form in peer.got("/part")]
    assert forms == [("I need", "0"), ("I need help", "1")]
    assert got(lab) == []


@pytest.mark.parametrize(
    ("setting", "written"), [("", "I want to f****** die"), ('profanityFilter="false"', "I want to fucking die")]
)
def test_curses_are_masked_unless_the_filter_is_off(lab, setting, written):
    lab.act(ask(lab, f'input="speech" speechTimeout="auto" {setting}'), "speech", text="I want to fucking die")
    assert got(lab) == [(None, written)]


def test_a_speech_model_needs_a_silence_in_seconds(lab):
    ask(lab, 'input="speech" speechModel="phone_call" speechTimeout="auto"')
    warnings = lab.get("/journal", kind="warning")["records"]
    assert "speechModel" in warnings[0]["data"]["text"]


def test_a_redirected_action_loses_its_digits(lab, peer):
    from flask import redirect

    peer.twiml("/voice", gather('numDigits="1"'))
    peer.answer("/key", lambda: redirect("/moved", code=302))
    peer.twiml("/moved", "<Say>Moved</Say>")
    lab.press(lab.call(), "5")
    assert peer.got("/key")[0]["Digits"] == "5"
    assert "Digits" not in peer.got("/moved")[0]
