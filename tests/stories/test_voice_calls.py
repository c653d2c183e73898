"""More of what people live through on the phone, in both languages: asked for help, texted to, rung back, cut off."""

import json
import re
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests
from twilio.request_validator import RequestValidator

from tests.helpline.voice_walk import NOISE
from tests.stories.examined import nothing_leaks
from tests.stories.people import HELPLINE, NUMBERS, record, running_line, until
from tests.stories.voice import (
    WORDS,
    a_stranger,
    both,
    calls,
    calls_and_holds,
    ends,
    falls_due,
    going_wrong,
    is_over,
    paged,
    takes,
    time_passes,
)
from tests.stories.voice import staff_phones_are_quiet as staff_phones_are_quiet  # noqa: PLC0414 - the fixture

pytestmark = pytest.mark.story

LANDLINE = {"kind": "message_fate", "outcome": "undelivered", "code": 30006, "always": True}


@pytest.fixture(scope="module")
def line(short_policy, tmp_path_factory):
    """The longest hold is seconds, calls are checked often, and the office has a holiday whenever this runs."""
    content = tmp_path_factory.mktemp("content") / "content"
    shutil.copytree(short_policy, content)
    changed(content / "policy.yaml", "max_hold: 900", "max_hold: 3")
    changed(content / "policy.yaml", "check_calls: 60", "check_calls: 3")
    today = datetime.now(UTC).date()
    days = ", ".join(str(today + timedelta(days=n)) for n in (-1, 0, 1))
    changed(content / "offices.yaml", "holidays: [", f"holidays: [{days}, ")
    with running_line(tmp_path_factory.mktemp("v"), content) as running:
        yield running
        nothing_leaks(running)


def changed(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert text.count(old) == 1, old
    file.write_text(text.replace(old, new))


@both
def test_the_menu_takes_keys_and_words_and_after_noise_and_silence_there_is_a_person(line, caller, ana, language):
    words = WORDS[language]
    call = calls(caller, language)
    call.says({"en": "questions", "es": "preguntas"}[language]).hears(words["questions"])
    call.says({"en": "menu", "es": "menú"}[language]).press("4").hears(words["programs"])
    call.press("*").hears(words["time"])
    call.press("##*")
    assert call.now["live"]
    call.says({"en": "menu", "es": "menú"}[language]).says(NOISE).hears(words["again"])
    time_passes(line, 31)  # who asked for more time has half a minute for every answer
    call.hears(words["alerting"]).hears(words["keys"])
    code = paged(line, caller, ana)
    takes(ana)
    call.hears(words["joining"]).is_connected_with(ana.number)
    call.does("hangup")
    ends(line, ana, code, 1)
    assert line.errors() == []


@both
def test_who_holds_too_long_is_offered_a_call_back_and_the_fallback_number_and_may_stay(line, caller, ana, language):
    call = calls_and_holds(caller, language)
    code = paged(line, caller, ana)
    call.hears(WORDS[language]["long"]).hears("7 1 7, 5 5 5, 0 1 9 9")
    assert call.now["live"]
    takes(ana)
    call.is_connected_with(ana.number)
    call.does("hangup")
    ends(line, ana, code, 1)


@both
def test_who_holds_for_a_call_within_hours_and_gets_worse_is_told_the_key_and_a_human_is_called(
    line, caller, ana, language
):
    call = calls(caller, language)
    for key in ("1", "4", "2", "4#", "4#", "6#", "1", "1#"):
        call.press(key)
    call.hears(WORDS[language]["worse"]).hears(WORDS[language]["keys"])
    code = paged(line, caller, ana)
    assert record(line, code)[0].urgency.word == "soon"
    call.press("1").hears(WORDS[language]["signs"]).press("1#").hears("9 1 1")
    staff_call = ana.rings().does("answer").hears("emergency")
    staff_call.press("1")
    call.press("1")  # may be called, and holds again
    call.is_connected_with(ana.number)
    call.does("hangup")
    ends(line, ana, code, 1)


IN_DANGER = {"en": "she took too much and wont wake up", "es": "tomó demasiado y no despierta"}
IN_LINE = {"en": "You are number {} in line", "es": "Su lugar en la fila es el {}"}


@both
def test_who_is_in_danger_goes_before_who_holds_longer_and_both_hear_it(line, caller, ana, language):
    longer, place = line.phone(next(NUMBERS)), IN_LINE[language].format
    first = calls_and_holds(longer, language).hears(place(1))
    one = paged(line, longer, ana)
    second = calls(caller, language).says(IN_DANGER[language]).hears("9 1 1").press("1").hears(place(1))
    other = paged(line, caller, ana)
    first.hears(place(2))
    for call, code in ((second, other), (first, one)):
        call.does("hangup")
        ana.texts(f"1 {code}")
        ends(line, ana, code, 1)


@both
def test_staff_hear_level_and_code_and_nothing_of_the_caller_who_hears_their_first_name(line, caller, ana, language):
    call = calls_and_holds(caller, language)
    code = paged(line, caller, ana)
    staff_call = ana.rings(40).does("answer").hears("press 1")
    offer = staff_call.heard.lower()
    assert "urgent" in offer
    assert " ".join(code).lower() in re.sub(r"[^a-z0-9]+", " ", offer)
    assert not any(one in offer.replace(" ", "") for one in (caller.number[-4:], caller.number[2:5]))
    staff_call.press("1")
    call.hears(WORDS[language]["joining"]).is_connected_with(ana.number)
    call.does("hangup")
    ends(line, ana, code, 1)


@both
def test_a_caller_who_drops_early_is_told_of_and_called_when_the_owner_asks_for_it(line, caller, ana, language):
    call = calls_and_holds(caller, language).press("2")
    code = paged(line, caller, ana)
    staff_call = takes(ana)
    call.is_connected_with(ana.number)
    call.does("hangup")
    staff_call.hears("The caller has hung up")
    staff_call.does("hangup")
    ana.texts(f"CALL {code}")
    again = takes(ana)
    back = caller.rings().does("answer").hears(WORDS[language]["screen"]).press("1")
    again.is_connected_with(caller.number)
    back.does("hangup")
    ends(line, ana, code, 1)


@both
def test_two_who_hang_up_together_after_a_few_words_are_not_rung_for_each_other(line, caller, ana, language):
    call = calls_and_holds(caller, language).press("2")
    code = paged(line, caller, ana)
    staff_call = takes(ana)
    call.is_connected_with(ana.number)
    staff_call.does("hangup")
    call.does("hangup")
    ana.gets("how did it go")
    case, history = record(line, code)
    assert (history.count("ringing_owner"), history.count("ringing_caller")) == (0, 0)
    assert case.next_try_at is None
    ends(line, ana, code, 1)


@both
def test_a_caller_who_calls_in_while_being_called_back_is_joined_and_their_phone_stops(line, caller, ana, language):
    call = calls_and_holds(caller, language)
    code = paged(line, caller, ana)
    call.press("2").does("hangup")
    takes(ana)
    ringing = caller.rings()
    again = caller.calls()
    again.hears(WORDS[language]["joining"]).is_connected_with(ana.number)
    until("their phone is quiet", lambda: not ringing.now["live"])
    again.does("hangup")
    ends(line, ana, code, 1)


@both
def test_a_message_can_be_recorded_anew_and_only_the_second_is_kept(line, caller, ana, language):
    words = WORDS[language]
    call = calls_and_holds(caller, language)
    code = paged(line, caller, ana)
    case, _ = record(line, code)
    call.press("7").hears(words["agree"]).press("1").hears("beep").press("#").hears(words["have"])
    (first,) = until("the first message is here", lambda: line.store.voicemails(case.id), 60)
    call.press("1")
    until("recording", lambda: call.heard.count("beep") == 2)
    thanked = call.heard.count(words["have"])
    call.press("#")
    until("thanked again", lambda: call.heard.count(words["have"]) > thanked)
    call.does("hangup")

    def only_the_second():
        kept = line.store.voicemails(case.id)
        return kept if kept and first not in kept else None

    (second,) = until("only the second", only_the_second, 60)  # a fetch that comes too early is made again after 15 s
    assert line.store.voicemail(first) is None
    assert line.store.voicemail(second)[:4] == b"RIFF"
    ana.texts(f"1 {code}")
    ends(line, ana, code, 2)


@both
def test_what_was_said_comes_as_a_text_for_a_key_and_a_landline_is_told_the_next_time_that_it_cannot(
    line, caller, language
):
    words, landline = WORDS[language], a_stranger(line)
    call = calls(caller, language).press("2").press("1").hears(words["not an opioid"])
    call.press("4").hears(words["texted"])
    caller.gets(words["not an opioid"])
    call.does("hangup")
    with going_wrong(line, {**LANDLINE, "number": landline.number}):
        first = calls(landline, language).press("2").press("1").press("4").hears(words["texted"])
        first.does("hangup")
        key = line.store.vault.caller_key(landline.number)
        until("remembered", lambda: line.store.transact(lambda tx: tx.caller(key)).memory.get("no_texts"))
    again = landline.calls().hears(words["menu"]).press("2").press("1").press("4").hears(words["no texts"])
    again.press("1").hears(words["questions"]).does("hangup")


@both
def test_a_closed_office_is_said_and_what_is_open_day_and_night_offered(line, caller, ana, language):
    call = calls(caller, language).press("4").press("1").press("1").hears(WORDS[language]["holiday"])
    call.press("0").hears(WORDS[language]["alerting"])
    code = paged(line, caller, ana)
    takes(ana)
    call.is_connected_with(ana.number)
    call.does("hangup")
    ends(line, ana, code, 1)


@both
def test_who_hides_their_number_holds_is_asked_for_one_and_is_called_there(line, ana, language):
    words = WORDS[language]
    hidden, other = a_stranger(line, withheld=True), a_stranger(line)
    call = calls_and_holds(hidden, language)
    code = until("a page", lambda: re.search(r"case (\w{4})", " ".join(ana.received)))[1]
    call.press("6").hears(words["which"]).press(f"{other.number[2:]}#").hears(words["heard"]).press("1")
    call.hears(words["leave"]).press("2").hears(words["when"]).press("1#").hears(words["kept"])
    is_over(call)
    staff_call = takes(ana)
    back = other.rings().does("answer").hears(words["screen"]).press("1")
    staff_call.is_connected_with(other.number)
    back.does("hangup")
    ends(line, ana, code, 1)


@both
def test_after_a_talk_a_caller_is_asked_by_key_whether_it_helped(line, caller, ana, language):
    call = calls_and_holds(caller, language)
    code = paged(line, caller, ana)
    staff_call = takes(ana)
    call.is_connected_with(ana.number)
    ends(line, ana, code, 1)
    staff_call.does("hangup")
    call.hears(WORDS[language]["helped"]).press("1").hears(WORDS[language]["goodbye"])
    is_over(call)
    assert record(line, code)[1].count("rated") == 1


def talks_by_text(line, caller, ana, language):
    """A caller and Ana have written with each other, and Ana has closed the case; the question falls due."""
    caller.texts("hi")
    if language == "es":
        caller.texts("3")
    caller.texts("0")
    caller.texts("3")
    code = paged(line, caller, ana)
    ana.texts(f"1 {code}")
    ana.sends("I am here for you")
    caller.gets("I am here for you")
    ends(line, ana, code, 1)
    falls_due(line, f"timer|sms-{line.store.vault.caller_key(caller.number)}|survey")
    return code


@both
def test_who_wrote_with_us_is_asked_by_text_and_a_landline_that_refuses_is_remembered(line, caller, ana, language):
    code = talks_by_text(line, caller, ana, language)
    caller.gets(WORDS[language]["helped, by text"])
    assert WORDS[language]["thanks"] in " ".join(caller.texts("1"))
    assert record(line, code)[1].count("rated") == 1
    ported = a_stranger(line)
    with going_wrong(line, {**LANDLINE, "number": ported.number, "path": WORDS[language]["helped, by text"]}):
        talks_by_text(line, ported, ana, language)
        key = line.store.vault.caller_key(ported.number)
        until("remembered", lambda: line.store.transact(lambda tx: tx.caller(key)).memory.get("no_texts"))


# -- what machines send -----------------------------------------------------------------------------------------------


def post(line, path, **form):
    token = json.loads((Path(line.env["VAR_DIR"]) / "demo-keys").read_text())["TWILIO_AUTH_TOKEN"]
    signature = RequestValidator(token).compute_signature(f"{line.url}{path}", form)
    return requests.post(f"{line.url}{path}", data=form, headers={"X-Twilio-Signature": signature}, timeout=15)


@both
def test_reports_that_come_late_twice_swapped_or_never_leave_the_talk_and_its_record_right(line, caller, ana, language):
    always = {"always": True, "chance": 0.4}
    lost = {"kind": "callback_drop", "event": "participant-join"}
    kinds = ("callback_duplicate", "callback_swap")
    late = {"kind": "callback_late", "seconds": 2, **always}
    with going_wrong(line, lost, late, *({"kind": kind, **always} for kind in kinds)):
        call = calls_and_holds(caller, language)
        code = paged(line, caller, ana)
        staff_call = takes(ana)
        until("the two talk", lambda: ana.number in call.now["connected_phones"], 60)
        call.does("hangup")
        until("an owner", lambda: record(line, code)[0].owner == "ana")
        ends(line, ana, code, 1)
    case, history = record(line, code)
    assert (case.closed, history.count("claimed"), history.count("closed")) == (True, 1, 1)

    if staff_call.now["live"]:  # whoever closes a case before the line knows that its caller is gone
        staff_call.does("hangup")
    until("nobody is on the line", lambda: not requests.get(f"{line.api}/calls?active=true", timeout=5).json())


ODD = ("flying", "", "IN-PROGRESS", "x" * 5_000)  # statuses that Twilio does not have, or not yet


@both
def test_a_status_that_nobody_knows_changes_nothing_in_a_call_that_goes_on(line, caller, ana, language):
    """Twilio may bring in new words: a caller who holds is not taken for gone, nor their phone for a machine."""
    call = calls_and_holds(caller, language)
    code = paged(line, caller, ana)
    form = {"CallSid": call.sid, "From": caller.number, "To": HELPLINE, "Direction": "inbound"}
    for status in ODD:
        assert post(line, "/twilio/voice/status", CallStatus=status, **form).status_code == 204
        held = post(line, "/twilio/voice/hold", CallStatus=status, **form)
        assert (held.status_code, "<Gather" in held.text) == (200, True)
        assert record(line, code)[0].on_line_call == call.sid, status
    offered = ana.rings()
    (page,) = [page for page in record(line, code)[0].pages if offered.sid in page.sids]
    taken = takes(ana)
    for status in ODD:
        answer = post(line, f"/twilio/status/page?p={page.id}", CallSid=taken.sid, CallStatus=status)
        assert answer.status_code == 204
    call.is_connected_with(ana.number)
    assert record(line, code)[0].owner == "ana"
    call.does("hangup")
    ends(line, ana, code, 1)


@both
def test_a_call_that_begins_with_an_unknown_status_is_a_call_like_any_other(line, language):
    form = {"From": next(NUMBERS), "To": HELPLINE, "Direction": "inbound", "CallSid": f"CA{language:7<32}"}
    begun = post(line, "/twilio/voice", CallStatus="flying", **form)
    assert (begun.status_code, WORDS["en"]["menu"] in begun.text) == (200, True)
    answer = {"en": "9", "es": "3"}[language]
    chosen = post(line, "/twilio/voice/turn?v=1", CallStatus="flying", Digits=answer, **form)
    assert WORDS[language]["menu"] in chosen.text
    noise = post(line, "/twilio/voice/turn?v=2", CallStatus="flying", SpeechResult=NOISE, **form)
    assert {"en": "en-US", "es": "es-US"}[language] in noise.text
    assert "<Hangup" not in noise.text
    assert post(line, "/twilio/voice/status", CallStatus="completed", **form).status_code == 204


@both
def test_without_a_call_sid_the_machine_is_told_what_is_missing_and_the_call_it_meant_goes_on(
    line, caller, ana, language
):
    call = calls_and_holds(caller, language)
    code = paged(line, caller, ana)
    form = {"From": caller.number, "To": HELPLINE, "Direction": "inbound", "CallStatus": "completed"}
    for path in ("", "/turn?v=1", "/hold", "/status", "/recorded", "/fallback"):
        nameless = post(line, f"/twilio/voice{path}", RecordingSid="RE" + "1" * 32, Digits="5", **form)
        assert (nameless.status_code, "CallSid" in nameless.text) == (400, True), path
    case, history = record(line, code)
    assert (case.on_line_call, case.closed) == (call.sid, False)
    assert "voicemail" not in history
    takes(ana)
    call.hears(WORDS[language]["joining"]).is_connected_with(ana.number)
    call.does("hangup")
    ends(line, ana, code, 1)
