FIRST, SECOND, THIRD = "+12025550101", "+12025550102", "+12025550103"


def room(*, attributes: str) -> str:
    return f'<Dial><Conference waitUrl="" {attributes}>case-1</Conference></Dial><Say>after</Say>'


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
