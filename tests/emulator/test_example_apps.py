"""The kinds of application Twilio's own tutorials build, written anew here, running in the emulator without an error."""

import re

import pytest
from flask import Response
from twilio.twiml.messaging_response import MessagingResponse
from twilio.twiml.voice_response import Dial, Gather, VoiceResponse

CALLER, STAFF, OTHER, NUMBER = "+12025550101", "+12025550102", "+12025550103", "+15005550006"


def xml(document: object) -> Response:
    return Response(str(document), mimetype="text/xml")


def last(peer, path: str) -> dict[str, str]:
    return peer.got(path)[-1]


@pytest.fixture(autouse=True)
def no_errors(lab):
    yield
    assert lab.errors() == []


def test_an_answer_that_greets_and_hangs_up(lab, peer):
    response = VoiceResponse()
    response.say("Thanks for calling!", voice="Polly.Joanna", language="en-US")
    response.hangup()
    peer.answer("/voice", xml(response))
    sid = lab.call()
    lab.advance(1)
    assert (lab.heard(sid), lab.view(sid)["status"]) == (["Thanks for calling!"], "completed")


def test_a_phone_tree_with_a_menu_that_comes_back_after_a_wrong_key(lab, peer):
    def menu() -> Response:
        response = VoiceResponse()
        gather = Gather(num_digits=1, action="/menu", timeout=5)
        gather.say("For directions press 1. For a planet press 2.", loop=2)
        response.append(gather)
        response.redirect("/voice")
        return xml(response)

    def chosen() -> Response:
        response = VoiceResponse()
        match last(peer, "/menu")["Digits"]:
            case "1":
                response.say("Turn left at the lake.")
                response.hangup()
            case "2":
                response.redirect("/planets")
            case _:
                response.say("I did not get that.")
                response.redirect("/voice")
        return xml(response)

    peer.answer("/voice", menu)
    peer.answer("/menu", chosen)
    peer.twiml("/planets", f'<Dial timeout="10" callerId="{NUMBER}">{STAFF}</Dial><Say>Nobody is home.</Say>')
    lab.phone(STAFF, behaviour="busy")
    sid = lab.call()
    lab.advance(6)
    lab.press(sid, "9")
    lab.advance(1)
    lab.press(sid, "2")
    lab.advance(1)
    heard = lab.heard(sid)
    assert (heard[2], "I did not get that." in heard, heard[-1]) == (heard[0], True, "Nobody is home.")


def test_an_answering_service_that_records_and_writes_down(lab, peer):
    response = VoiceResponse()
    response.say("Please leave a message after the beep.")
    response.record(
        max_length=30, finish_on_key="*", action="/goodbye", transcribe=True, transcribe_callback="/written"
    )
    response.say("I did not receive a recording.")
    peer.answer("/voice", xml(response))
    peer.twiml("/goodbye", "<Say>Goodbye.</Say><Hangup/>")
    sid = lab.call()
    lab.advance(1)
    lab.act(sid, "speech", text="It is Ana, call me")
    lab.press(sid, "*")
    lab.advance(1)
    assert lab.heard(sid) == ["Please leave a message after the beep.", "beep", "Goodbye."]
    assert last(peer, "/written")["TranscriptionText"] == "It is Ana, call me"
    assert last(peer, "/goodbye")["RecordingUrl"].startswith("http")


def test_a_click_to_call_that_rings_the_agent_then_the_customer(lab, peer):
    def connect() -> Response:
        response = VoiceResponse()
        response.say("Connecting you with a customer.")
        response.dial(CALLER, caller_id=NUMBER)
        return xml(response)

    peer.answer("/connect", connect)
    call = lab.sdk.calls.create(to=STAFF, from_=NUMBER, url=f"{peer.url}/connect")
    lab.settle()
    lab.act(call.sid, "answer")
    lab.advance(1)
    customer = lab.live(CALLER)
    assert customer["with"] == NUMBER
    lab.act(customer["sid"], "answer")
    assert lab.rooms() == [[CALLER, STAFF]]


def test_a_conference_line_with_a_moderator(lab, peer):
    def join() -> Response:
        response, dial = VoiceResponse(), Dial()
        moderator = last(peer, "/voice")["From"] == STAFF
        dial.conference(
            "weekly", start_conference_on_enter=moderator, end_conference_on_exit=moderator, wait_url="/wait"
        )
        response.append(dial)
        return xml(response)

    peer.answer("/voice", join)
    peer.twiml("/wait", "<Say>The moderator has not come yet.</Say><Pause length='30'/>")
    first, second = lab.call(CALLER), lab.call(OTHER)
    lab.advance(1)
    assert lab.heard(first) == ["The moderator has not come yet."]
    assert lab.rooms() == []
    moderator = lab.call(STAFF)
    assert lab.rooms() == [[CALLER, STAFF, OTHER]]
    lab.act(moderator, "hangup")
    lab.advance(1)
    assert [lab.view(sid)["status"] for sid in (first, second)] == ["completed", "completed"]


def test_a_warm_transfer_from_one_agent_to_another(lab, peer):
    room = '<Dial><Conference beep="false" endConferenceOnExit="{}" waitUrl="">transfer</Conference></Dial>'
    peer.twiml("/voice", room.format("true"))
    peer.twiml("/agent", room.format("false"))
    customer = lab.call(CALLER)
    agents = []
    for number in (STAFF, OTHER):
        call = lab.sdk.calls.create(to=number, from_=NUMBER, url=f"{peer.url}/agent")
        lab.advance(1.1)
        lab.act(call.sid, "answer")
        agents.append(call.sid)
    assert lab.rooms() == [[CALLER, STAFF, OTHER]]
    lab.act(agents[0], "hangup")
    assert lab.rooms() == [[CALLER, OTHER]]
    lab.act(customer, "hangup")
    assert lab.view(agents[1])["status"] == "completed"


def test_a_call_centre_queue_with_music_and_an_agent_who_takes_calls(lab, peer):
    peer.answer("/voice", lambda: xml(_queue_or_agent(last(peer, "/voice")["From"])))
    peer.answer("/hold", lambda: xml(_place(last(peer, "/hold"))))
    peer.twiml("/after", "<Say>Thank you for waiting.</Say>")
    customer = lab.call(CALLER)
    lab.advance(25)
    assert lab.heard(customer)[:2] == ["You are number 1.", "You are number 1."]
    agent = lab.call(STAFF)
    assert lab.rooms() == [[CALLER, STAFF]]
    lab.act(agent, "hangup")
    lab.advance(1)
    assert lab.heard(customer)[-1] == "Thank you for waiting."


def _queue_or_agent(caller: str) -> VoiceResponse:
    response = VoiceResponse()
    if caller == STAFF:
        dial = Dial()
        dial.queue("support")
        response.append(dial)
    else:
        response.enqueue("support", wait_url="/hold", action="/after")
    return response


def _place(form: dict[str, str]) -> VoiceResponse:
    response = VoiceResponse()
    response.say(f"You are number {form['QueuePosition']}.")
    response.pause(length=10)
    return response


def test_a_survey_by_text_that_remembers_its_question_in_a_cookie(lab, peer):
    questions = ["How old are you?", "Where do you live?"]

    def ask() -> Response:
        found = re.search(r"question=(\d+)", peer.requests("/sms")[-1].headers.get("Cookie", ""))
        at = int(found.group(1)) if found else 0
        reply = MessagingResponse()
        reply.message(questions[at] if at < len(questions) else "Thank you.")
        answer = xml(reply)
        answer.set_cookie("question", str(at + 1))
        return answer

    peer.answer("/sms", ask)
    for body in ("start it", "34", "Harrisburg"):
        lab.text(CALLER, body)
    lab.text(OTHER, "hello")
    assert lab.bodies(CALLER) == [*questions, "Thank you."]
    assert lab.bodies(OTHER) == questions[:1]


def test_an_appointment_reminder_that_the_person_confirms(lab, peer):
    def confirm() -> Response:
        reply = MessagingResponse()
        reply.message("Confirmed." if last(peer, "/sms")["Body"].strip().lower() == "ok" else "Reply OK to confirm.")
        return xml(reply)

    peer.answer("/sms", confirm)
    lab.sdk.messages.create(to=CALLER, from_=NUMBER, body="See you at nine. Reply OK to confirm.")
    lab.advance(1)
    lab.text(CALLER, "who is this")
    lab.text(CALLER, " Ok ")
    assert lab.bodies(CALLER)[-2:] == ["Reply OK to confirm.", "Confirmed."]


def test_a_picture_that_is_answered_with_a_picture(lab, peer):
    reply = MessagingResponse()
    message = reply.message()
    message.body("Nice. Here is ours.")
    message.media("/cat.jpg")
    peer.answer("/sms", xml(reply))
    lab.text(CALLER, "look", media=[{"url": "https://example.com/dog.jpg"}])
    assert last(peer, "/sms")["MediaUrl0"] == "https://example.com/dog.jpg"
    received = lab.get(f"/phones/{CALLER}/thread")[-1]
    assert [media["url"] for media in received["media"]] == [f"{peer.url}/cat.jpg"]


def test_masked_numbers_that_pass_texts_and_calls_on(lab, peer):
    def relay() -> Response:
        form = last(peer, "/sms")
        reply = MessagingResponse()
        reply.message(form["Body"], to=STAFF if form["From"] == CALLER else CALLER)
        return xml(reply)

    peer.answer("/sms", relay)
    peer.twiml("/voice", f'<Dial callerId="{NUMBER}"><Number>{STAFF}</Number></Dial>')
    lab.text(CALLER, "Is the room free?")
    lab.text(STAFF, "Yes it is")
    assert (lab.bodies(STAFF), lab.bodies(CALLER)) == (["Is the room free?"], ["Yes it is"])
    lab.call(CALLER)
    assert lab.live(STAFF)["with"] == NUMBER


def test_a_code_read_out_twice_to_a_person_and_not_to_a_machine(lab, peer):
    def code() -> Response:
        response = VoiceResponse()
        if last(peer, "/code")["AnsweredBy"] == "human":
            for _ in range(2):
                response.say("Your code is 4, 7, 1, 1.")
                response.pause(length=1)
        response.hangup()
        return xml(response)

    peer.answer("/code", code)
    lab.phone(STAFF, behaviour="voicemail")
    lab.phone(CALLER, behaviour="answer")
    calls = [
        lab.sdk.calls.create(to=to, from_=NUMBER, url=f"{peer.url}/code", machine_detection="Enable")
        for to in (CALLER, STAFF)
    ]
    lab.advance(12)
    assert [lab.heard(call.sid).count("Your code is 4, 7, 1, 1.") for call in calls] == [2, 0]


def test_an_emergency_hunt_through_several_numbers_with_screening(lab, peer):
    def screen() -> Response:
        response = VoiceResponse()
        gather = Gather(num_digits=1, action="/accept")
        gather.say("Press any key to accept the call.")
        response.append(gather)
        response.hangup()
        return xml(response)

    response = VoiceResponse()
    dial = Dial(caller_id=NUMBER, action="/done", timeout=10)
    for number in (STAFF, OTHER):
        dial.number(number, url="/screen")
    response.append(dial)
    peer.answer("/voice", xml(response))
    peer.answer("/screen", screen)
    peer.twiml("/accept", "<Say>Connecting.</Say>")
    peer.twiml("/done", "<Hangup/>")
    lab.call(CALLER)
    lab.act(lab.live(OTHER)["sid"], "answer")
    lab.press(lab.live(OTHER)["sid"], "1")
    lab.advance(1)
    assert lab.rooms() == [[CALLER, OTHER]]
    assert lab.get(f"/phones/{STAFF}/calls", active="true") == []


def test_a_spoken_request_that_is_understood_by_its_words(lab, peer):
    response = VoiceResponse()
    gather = Gather(
        input="speech dtmf", action="/understood", speech_timeout="auto", language="en-US", hints="opening hours,person"
    )
    gather.say("How can we help?")
    response.append(gather)
    response.say("We did not hear you.")
    peer.answer("/voice", xml(response))
    peer.answer(
        "/understood",
        lambda: xml(_hours() if "hours" in last(peer, "/understood")["SpeechResult"] else VoiceResponse()),
    )
    sid = lab.call()
    lab.act(sid, "speech", text="what are your opening hours")
    lab.advance(1)
    assert lab.heard(sid)[-1] == "Day and night."


def _hours() -> VoiceResponse:
    response = VoiceResponse()
    response.say("Day and night.")
    return response


def test_a_recording_notice_before_two_people_are_joined(lab, peer):
    peer.twiml(
        "/voice",
        "<Say>This call is recorded.</Say>"
        f'<Dial callerId="{NUMBER}" record="record-from-answer-dual" recordingStatusCallback="/kept">{STAFF}</Dial>',
    )
    sid = lab.call()
    lab.advance(1)
    lab.act(lab.live(STAFF)["sid"], "answer")
    lab.advance(5)
    lab.act(sid, "hangup")
    assert last(peer, "/kept")["RecordingStatus"] == "completed"
