import pytest
from twilio.base.exceptions import TwilioRestException

NUMBER = "+15005550006"
FIRST, SECOND, THIRD = "+12025550101", "+12025550102", "+12025550103"


def room(*, attributes: str) -> str:
    return f'<Dial><Conference beep="false" waitUrl="" {attributes}>case-1</Conference></Dial><Say>after</Say>'


def test_only_the_first_participant_decides_what_is_reported(lab, peer):
    peer.twiml(
        "/voice",
        room(attributes='statusCallback="/one" statusCallbackEvent="join"'),
        room(attributes='statusCallback="/two" statusCallbackEvent="start end join leave"'),
    )
    lab.call(FIRST)
    lab.call(SECOND)
    assert [form["SequenceNumber"] for form in peer.got("/one")] == ["0", "1"]
    assert peer.got("/two") == []


def test_a_full_conference_lets_nobody_else_in(lab, peer):
    peer.twiml("/voice", room(attributes='maxParticipants="2"'))
    lab.call(FIRST)
    lab.call(SECOND)
    third = lab.call(THIRD)
    lab.advance(1)
    assert lab.heard(third) == ["after"]
    assert lab.errors() == [13200]
    assert lab.rooms() == [[FIRST, SECOND]]


def test_nobody_hears_anybody_before_somebody_starts_it(lab, peer):
    peer.twiml(
        "/voice",
        room(attributes='startConferenceOnEnter="false"'),
        room(attributes='startConferenceOnEnter="false"'),
        room(attributes=""),
    )
    lab.call(FIRST)
    lab.call(SECOND)
    assert lab.rooms() == []
    lab.call(THIRD)
    assert lab.rooms() == [[FIRST, SECOND, THIRD]]


def test_a_removed_participant_goes_on_with_the_next_verb(lab, peer):
    peer.twiml("/voice", room(attributes=""))
    first, second = lab.call(FIRST), lab.call(SECOND)
    [conference] = lab.sdk.conferences.list(status="in-progress")
    assert lab.sdk.conferences(conference.sid).participants(second).delete()
    lab.advance(1)
    assert lab.heard(second) == ["after"]
    assert lab.view(first)["live"]


def test_a_held_participant_hears_nobody(lab, peer):
    peer.twiml("/voice", room(attributes=""))
    first, second = lab.call(FIRST), lab.call(SECOND)
    [conference] = lab.sdk.conferences.list()
    lab.sdk.conferences(conference.sid).participants(second).update(hold=True)
    assert lab.post(f"/calls/{first}/speech", text="hello")["heard"] is False
    assert lab.rooms() == []


ALL = 'statusCallback="/conf" statusCallbackEvent="start end join leave mute hold modify speaker announcement"'


def events(peer) -> list[str]:
    return [form["StatusCallbackEvent"] for form in peer.got("/conf")]


def two(lab, attributes: str = ALL):
    lab.peer.twiml("/voice", room(attributes=attributes))
    first, second = lab.call(FIRST), lab.call(SECOND)
    [conference] = lab.sdk.conferences.list(status="in-progress")
    return first, second, conference


def test_every_conference_event_is_reported_in_order(lab, peer):
    first, second, conference = two(lab)
    who = conference.participants(second)
    for change in ({"muted": True}, {"muted": False}, {"hold": True}, {"hold": False}):
        who.update(**change)
    who.update(coaching=True, call_sid_to_coach=first)
    lab.settle()
    lab.act(first, "speech", text="hello")
    peer.twiml("/news", "<Say>News</Say>")
    who.update(announce_url=f"{peer.url}/news")
    lab.advance(1)
    conference.update(status="completed")
    lab.advance(1)
    assert events(peer) == [
        *["participant-join", "participant-join", "conference-start"],
        *["participant-mute", "participant-unmute", "participant-hold", "participant-unhold", "participant-modify"],
        *["participant-speech-start", "participant-speech-stop", "announcement-end"],
        *["participant-leave", "participant-leave", "conference-end"],
    ]
    forms = peer.got("/conf")
    assert [form["SequenceNumber"] for form in forms] == [str(n) for n in range(len(forms))]
    assert {form["ConferenceSid"] for form in forms} == {conference.sid}
    assert forms[-1]["ReasonConferenceEnded"] == "conference-ended-via-api"
    assert forms[-2]["ReasonParticipantLeft"] == "conference_ended"


def test_the_end_names_the_call_that_ended_it(lab, peer):
    peer.twiml("/voice", room(attributes=ALL), room(attributes='endConferenceOnExit="true"'))
    lab.call(FIRST)
    second = lab.call(SECOND)
    lab.act(second, "hangup")
    form = peer.got("/conf")[-1]
    assert form["ReasonConferenceEnded"] == "participant-with-end-conference-on-exit-left"
    assert form["CallSidEndingConference"] == second


def test_the_last_one_to_leave_ends_it(lab, peer):
    first, second, _ = two(lab)
    lab.act(first, "hangup")
    lab.act(second, "hangup")
    assert peer.got("/conf")[-1]["ReasonConferenceEnded"] == "last-participant-left"


def test_a_muted_participant_is_heard_by_nobody_and_hears_everybody(lab):
    first, second, conference = two(lab, "")
    conference.participants(first).update(muted=True)
    assert lab.post(f"/calls/{first}/speech", text="can you hear me")["heard"] is False
    assert lab.post(f"/calls/{second}/speech", text="hello there")["heard"] is True
    assert "hello there" in lab.heard(first)


def test_a_coach_is_heard_by_the_coached_alone(lab, peer):
    first, second, conference = two(lab, "")
    peer.twiml("/voice", room(attributes=f'coach="{first}" participantLabel="coach"'))
    third = lab.call(THIRD)
    lab.act(third, "speech", text="offer a callback")
    assert ("offer a callback" in lab.heard(first), "offer a callback" in lab.heard(second)) == (True, False)
    shown = conference.participants("coach").fetch()
    assert (shown.coaching, shown.call_sid_to_coach) == (True, first)


def test_music_plays_on_hold_until_taken_back(lab, peer):
    _, second, conference = two(lab, "")
    peer.twiml("/music", "<Say>la la</Say><Pause length='4'/>")
    conference.participants(second).update(hold=True, hold_url=f"{peer.url}/music")
    lab.advance(9)
    assert lab.heard(second) == ["la la"] * 3
    conference.participants(second).update(hold=False)
    lab.advance(60)
    assert lab.heard(second) == ["la la"] * 3


def test_an_announcement_to_the_conference_is_heard_by_all(lab, peer):
    first, second, conference = two(lab, "")
    peer.twiml("/news", "<Say>Two minutes left</Say>")
    conference.update(announce_url=f"{peer.url}/news")
    lab.advance(1)
    assert (lab.heard(first), lab.heard(second)) == (["Two minutes left"], ["Two minutes left"])


@pytest.mark.parametrize(("beep", "heard"), [("true", 2), ("onEnter", 1), ("onExit", 1), ("false", 0)])
def test_the_others_hear_a_beep_when_somebody_comes_or_goes(lab, peer, beep, heard):
    noun = f'<Dial><Conference waitUrl="" beep="{beep}">room</Conference></Dial>'
    peer.twiml("/voice", noun)
    first = lab.call(FIRST)
    lab.act(lab.call(SECOND), "hangup")
    assert lab.heard(first).count("beep") == heard


def test_waiting_alone_one_hears_the_wait_music_again_and_again(lab, peer):
    peer.twiml("/voice", '<Dial><Conference waitUrl="/wait">room</Conference></Dial>')
    peer.twiml("/wait", "<Say>Please hold</Say><Pause length='9'/>")
    first = lab.call(FIRST)
    lab.advance(15)
    assert lab.heard(first) == ["Please hold", "Please hold"]


def test_without_a_wait_url_there_is_music_and_with_an_empty_one_silence(lab, peer):
    peer.twiml(
        "/voice", "<Dial><Conference>room</Conference></Dial>", '<Dial><Conference waitUrl="">two</Conference></Dial>'
    )
    assert lab.heard(lab.call(FIRST)) == ["hold music"]
    assert lab.heard(lab.call(SECOND)) == []


def test_a_label_can_be_used_once_and_names_its_participant(lab, peer):
    peer.twiml("/voice", room(attributes='participantLabel="caller"'))
    lab.call(FIRST)
    second = lab.call(SECOND)
    lab.advance(1)
    assert lab.heard(second) == ["after"]
    assert lab.errors() == [16025]
    [conference] = lab.sdk.conferences.list()
    assert conference.participants("caller").fetch().label == "caller"


def test_somebody_is_called_into_a_conference_by_rest(lab, peer):
    peer.twiml("/voice", room(attributes=ALL))
    lab.call(FIRST)
    [conference] = lab.sdk.conferences.list()
    made = conference.participants.create(
        from_=NUMBER,
        to=SECOND,
        label="staff",
        status_callback=f"{peer.url}/leg",
        status_callback_event=["ringing", "answered"],
    )
    assert (made.status, made.label, made.conference_sid) == ("queued", "staff", conference.sid)
    lab.settle()
    assert conference.participants("staff").fetch().status == "ringing"
    lab.act(made.call_sid, "answer")
    assert lab.rooms() == [[FIRST, SECOND]]
    assert conference.participants("staff").fetch().status == "connected"
    assert [form["CallStatus"] for form in peer.got("/leg")] == ["ringing", "in-progress"]
    assert events(peer)[-2:] == ["participant-join", "conference-start"]


def test_calling_into_a_name_opens_a_conference_that_reports_as_the_request_says(lab, peer):
    made = lab.sdk.conferences("case-9").participants.create(
        from_=NUMBER,
        to=SECOND,
        beep="false",
        conference_status_callback=f"{peer.url}/conf",
        conference_status_callback_event=["join", "leave"],
    )
    lab.settle()
    lab.act(made.call_sid, "answer")
    assert events(peer) == ["participant-join"]
    lab.act(made.call_sid, "hangup")
    assert events(peer) == ["participant-join", "participant-leave"]


def test_an_invitation_can_be_taken_back_and_a_stranger_not_found(lab, peer):
    made = lab.sdk.conferences("case-9").participants.create(from_=NUMBER, to=SECOND)
    lab.settle()
    assert lab.sdk.conferences(made.conference_sid).participants(made.call_sid).delete()
    assert lab.view(made.call_sid)["status"] == "canceled"
    for sid in ("CF" + "0" * 32, "nothing"):
        with pytest.raises(TwilioRestException) as caught:
            lab.sdk.conferences(sid).fetch()
        assert caught.value.code == 20404
    with pytest.raises(TwilioRestException):
        lab.sdk.conferences("CF" + "0" * 32).participants.create(from_=NUMBER, to=SECOND)


def test_a_recorded_conference_is_reported_when_it_is_over(lab, peer):
    peer.twiml("/voice", room(attributes='record="record-from-start" recordingStatusCallback="/rec"'))
    first, second = lab.call(FIRST), lab.call(SECOND)
    lab.advance(7)
    lab.act(first, "hangup")
    lab.act(second, "hangup")
    [form] = peer.got("/rec")
    assert (form["RecordingStatus"], form["RecordingDuration"], form["ConferenceSid"][:2]) == ("completed", "7", "CF")
    assert lab.sdk.recordings(form["RecordingSid"]).fetch().source == "Conference"
