"""STOP, START and HELP as Twilio handles them, and what the block list does to sends."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.base.exceptions import TwilioRestException

from emulator.messaging.optout import HELP, START, STOP, Keyword, Mode, keyword_of

CALLER, NUMBER, TOLL_FREE = "+12025550101", "+15005550006", "+18885550107"


def choose(lab, owner: str, **handling: str) -> None:
    answer = lab.http.put(f"{lab.emulator.url}/emulator/api/opt-outs/{owner}", json=handling, timeout=9)
    assert answer.status_code == 200, answer.text


def code_of(act) -> int:
    with pytest.raises(TwilioRestException) as caught:
        act()
    assert caught.value.status == 400
    return caught.value.code


def send(lab, **more):
    return lab.sdk.messages.create(**({"to": CALLER, "from_": NUMBER, "body": "x"} | more))


def service(lab) -> str:
    made = lab.sdk.messaging.v1.services.create(friendly_name="line", use_inbound_webhook_on_number=True)
    [number] = lab.sdk.incoming_phone_numbers.list(phone_number=NUMBER)
    made.phone_numbers.create(phone_number_sid=number.sid)
    return made.sid


@pytest.mark.parametrize("word", sorted(STOP))
def test_each_stop_word_blocks_is_answered_by_twilio_and_still_reaches_the_webhook(lab, peer, word):
    lab.text(CALLER, f" {word.lower()} ")
    assert len(lab.bodies(CALLER)) == 1
    [form] = peer.got("/sms")
    assert "OptOutType" not in form
    assert code_of(lambda: send(lab)) == 21610


@pytest.mark.parametrize("body", ["STOP PLEASE", "please stop", "END it all", "stop.", "", "cancel it"])
def test_a_sentence_is_no_keyword(lab, body):
    lab.text(CALLER, body)
    assert lab.bodies(CALLER) == []
    assert send(lab).status == "queued"


@pytest.mark.parametrize("word", sorted(START))
def test_each_start_word_lifts_the_block_and_says_so(lab, peer, word):
    lab.text(CALLER, "STOP")
    lab.text(CALLER, word)
    assert len(lab.bodies(CALLER)) == 2
    assert send(lab).status == "queued"


@pytest.mark.parametrize("word", sorted(START))
def test_a_start_word_from_somebody_not_blocked_is_just_a_message(lab, peer, word):
    lab.text(CALLER, word)
    assert lab.bodies(CALLER) == []
    assert peer.got("/sms")[0]["Body"] == word


@pytest.mark.parametrize("word", sorted(HELP))
def test_help_is_answered_unless_the_person_is_blocked(lab, word):
    lab.text(CALLER, word)
    assert len(lab.bodies(CALLER)) == 1
    lab.text(CALLER, "STOP")
    lab.text(CALLER, word)
    assert len(lab.bodies(CALLER)) == 2


def test_stop_is_confirmed_once_only(lab):
    lab.text(CALLER, "STOP")
    lab.text(CALLER, "STOP")
    assert len(lab.bodies(CALLER)) == 1


def test_stop_works_without_any_webhook(lab):
    lab.hooks(sms_url="")
    lab.text(CALLER, "STOP")
    assert code_of(lambda: send(lab)) == 21610


def test_a_reply_to_somebody_blocked_fails_with_21610(lab, peer):
    peer.twiml("/sms", "<Message>Sorry to see you go</Message>")
    lab.text(CALLER, "STOP")
    assert lab.errors() == [21610]
    [message] = lab.sdk.messages.list(to=CALLER)
    assert (message.status, message.error_code) == ("failed", 21610)
    assert len(lab.bodies(CALLER)) == 1


def test_through_a_service_a_blocked_send_is_accepted_then_fails(lab, peer):
    sid = service(lab)
    lab.text(CALLER, "STOP")
    message = send(lab, from_=None, messaging_service_sid=sid, status_callback=f"{peer.url}/ms")
    assert message.status == "accepted"
    lab.advance(1)
    assert [(f["MessageStatus"], f.get("ErrorCode")) for f in peer.got("/ms")] == [
        ("queued", None),
        ("failed", "21610"),
    ]
    assert lab.errors() == [21610]


def test_the_block_covers_all_senders_of_a_service(lab):
    sid = service(lab)
    other = lab.sdk.incoming_phone_numbers.create(phone_number="+15005550007")
    lab.sdk.messaging.v1.services(sid).phone_numbers.create(phone_number_sid=other.sid)
    lab.text(CALLER, "STOP")
    assert code_of(lambda: send(lab, from_="+15005550007")) == 21610


@pytest.mark.parametrize(("word", "kind"), [("Stop", "STOP"), ("unstop", "START"), ("info", "HELP")])
def test_advanced_opt_out_tells_the_webhook_what_it_answered(lab, peer, word, kind):
    sid = service(lab)
    choose(lab, sid, mode="advanced", help_text="Call 988", stop_text="Bye", start_text="Welcome back")
    if kind == "START":
        lab.text(CALLER, "STOP")
    lab.text(CALLER, word)
    assert peer.got("/sms")[-1]["OptOutType"] == kind
    assert lab.bodies(CALLER)[-1] == {"STOP": "Bye", "START": "Welcome back", "HELP": "Call 988"}[kind]


def test_advanced_opt_out_refuses_even_direct_sends_only_later(lab):
    choose(lab, service(lab), mode="advanced")
    lab.text(CALLER, "STOP")
    message = send(lab)
    assert message.status == "queued"
    lab.advance(1)
    assert message.fetch().error_code == 21610
    assert lab.errors() == [21610]


def test_a_toll_free_number_knows_only_stop_and_is_not_unblocked_by_yes(lab, peer):
    lab.sdk.incoming_phone_numbers.create(phone_number=TOLL_FREE)
    lab.text(CALLER, "END", to=TOLL_FREE)
    assert send(lab, from_=TOLL_FREE).status == "queued"
    lab.text(CALLER, "STOP", to=TOLL_FREE)
    lab.text(CALLER, "YES", to=TOLL_FREE)
    assert code_of(lambda: send(lab, from_=TOLL_FREE)) == 21610
    lab.text(CALLER, "UNSTOP", to=TOLL_FREE)
    assert send(lab, from_=TOLL_FREE).status == "queued"


def test_with_handling_off_the_application_does_it_all(lab, peer):
    choose(lab, NUMBER, mode="off")
    lab.text(CALLER, "STOP")
    assert lab.bodies(CALLER) == []
    assert send(lab).status == "queued"


def test_the_block_list_can_be_seen_and_changed_by_hand(lab):
    url = f"{lab.emulator.url}/emulator/api/opt-outs/{NUMBER}/{CALLER}"
    assert lab.http.put(url, timeout=9).json()["blocked"] == [{"owner": NUMBER, "person": CALLER}]
    assert code_of(lambda: send(lab)) == 21610
    assert lab.http.delete(url, timeout=9).json()["blocked"] == []
    assert send(lab).status == "queued"


def test_twilios_own_answers_are_none_of_the_accounts_messages(lab):
    lab.text(CALLER, "STOP")
    assert [message.body for message in lab.sdk.messages.list()] == ["STOP"]


@given(st.text())
def test_only_whole_words_of_the_list_are_keywords(body):
    found = keyword_of(body, Mode.DEFAULT)
    assert (found is None) == (body.strip().upper() not in STOP | START | HELP)
    assert keyword_of(body, Mode.OFF) is None


@given(st.sampled_from(sorted(STOP)), st.sampled_from(["", " ", "\n"]))
def test_case_and_space_around_a_keyword_do_not_matter(word, space):
    assert keyword_of(f"{space}{word.title()}{space}", Mode.DEFAULT) is Keyword.STOP
