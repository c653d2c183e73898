"""TwiML as text is the TwiML of Twilio's library: the same document in canonical XML (C14N 2.0)."""

from xml.etree.ElementTree import canonicalize

from hypothesis import given
from hypothesis import strategies as some
from twilio.twiml.messaging_response import MessagingResponse
from twilio.twiml.voice_response import Conference, Dial, Gather, VoiceResponse

from helpline.channels.twiml import document, said, verb

WORDS = some.text(some.characters(exclude_categories=["Cs", "Cc"]) | some.sampled_from("&<>\"'\n\t"))
NUMBERS = some.integers(min_value=0, max_value=999)
SWITCHES = some.booleans()


@given(some.lists(WORDS, max_size=4))
def test_messages_are_written_as_the_library_writes_them(texts):
    theirs = MessagingResponse()
    for text in texts:
        theirs.message(text)
    ours = document(*(verb("Message", said(text)) for text in texts))
    assert canonicalize(ours) == canonicalize(str(theirs))


@given(WORDS, WORDS, WORDS, NUMBERS, SWITCHES)
def test_a_question_is_written_as_the_library_writes_it(words, address, hints, seconds, switch):
    theirs = VoiceResponse()
    gather = Gather(action=address, timeout=seconds, hints=hints, profanity_filter=switch)
    gather.say(words, voice=None, language="en-US")
    theirs.append(gather)
    theirs.redirect(address, method="POST")
    ours = document(
        verb(
            "Gather",
            verb("Say", said(words), voice=None, language="en-US"),
            action=address,
            timeout=seconds,
            hints=hints,
            profanityFilter=switch,
        ),
        verb("Redirect", said(address), method="POST"),
    )
    assert canonicalize(ours) == canonicalize(str(theirs))


@given(WORDS, WORDS, NUMBERS, SWITCHES)
def test_a_room_is_written_as_the_library_writes_it(room, address, most, switch):
    theirs = VoiceResponse()
    dial = Dial(action=address, hangup_on_star=switch)
    dial.append(Conference(room, max_participants=most, wait_url="", end_conference_on_exit=switch))
    theirs.append(dial)
    theirs.hangup()
    inside = verb("Conference", said(room), endConferenceOnExit=switch, waitUrl="", maxParticipants=most)
    ours = document(verb("Dial", inside, action=address, hangupOnStar=switch), verb("Hangup"))
    assert canonicalize(ours) == canonicalize(str(theirs))
