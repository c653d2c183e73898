"""Messages: their life, their errors, Messaging Services, schedules, loops, redaction, lists and media."""

import base64
import itertools
from datetime import UTC, datetime, timedelta

import pytest
from flask import Response
from twilio.base.exceptions import TwilioRestException

CALLER, STAFF, NUMBER, SECOND = "+12025550101", "+12025550102", "+15005550006", "+15005550007"


def refused(act) -> tuple[int, int]:
    with pytest.raises(TwilioRestException) as caught:
        act()
    return caught.value.status, caught.value.code


def send(lab, **more):
    details = {"to": STAFF, "from_": NUMBER, "body": "x", "status_callback": f"{lab.peer.url}/ms"} | more
    return lab.sdk.messages.create(**{name: value for name, value in details.items() if value is not None})


def reported(lab) -> list[tuple[str, str | None]]:
    return [(form["MessageStatus"], form.get("ErrorCode")) for form in lab.peer.got("/ms")]


def service(lab, **settings):
    made = lab.sdk.messaging.v1.services.create(friendly_name="line", **settings)
    [number] = lab.sdk.incoming_phone_numbers.list(phone_number=NUMBER)
    made.phone_numbers.create(phone_number_sid=number.sid)
    return made


def test_a_message_is_queued_sent_and_delivered_and_the_first_status_has_no_callback(lab):
    message = send(lab)
    assert (message.status, message.date_sent) == ("queued", None)
    lab.advance(1)
    assert reported(lab) == [("sent", None), ("delivered", None)]
    form = lab.peer.got("/ms")[0]
    assert (form["MessageSid"], form["SmsSid"], form["To"], form["From"]) == (message.sid, message.sid, STAFF, NUMBER)
    assert message.fetch().status == "delivered"


@pytest.mark.parametrize("code", [30003, 30004, 30005, 30006, 30007, 30008])
def test_the_network_can_leave_a_message_undelivered_with_every_reason(lab, code):
    lab.post("/faults", kind="message_fate", outcome="undelivered", code=code, number=STAFF)
    message = send(lab)
    lab.advance(1)
    assert reported(lab) == [("sent", None), ("undelivered", str(code))]
    assert (message.fetch().error_code, bool(message.fetch().error_message)) == (code, True)
    assert lab.bodies(STAFF) == []


def test_a_carrier_filters_by_words(lab):
    lab.post("/faults", kind="message_fate", outcome="undelivered", code=30007, path="free money", always=True)
    fine, caught = send(lab, body="hello"), send(lab, body="get free money now")
    lab.advance(1)
    assert (fine.fetch().status, caught.fetch().error_code) == ("delivered", 30007)


def test_a_message_can_fail_before_it_is_sent_or_stay_sent_for_ever(lab):
    lab.post("/faults", kind="message_fate", outcome="failed", code=30001)
    lab.post("/faults", kind="message_fate", outcome="sent")
    failed, lost = send(lab), send(lab)
    lab.advance(3600)
    assert (failed.fetch().status, lost.fetch().status) == ("failed", "sent")
    assert reported(lab) == [("failed", "30001"), ("sent", None)]


def test_a_body_is_charged_by_segments_and_refused_beyond_1600_characters(lab):
    assert send(lab, body="a" * 161).num_segments == "2"
    assert refused(lambda: send(lab, body="a" * 1601)) == (400, 21617)
    assert refused(lambda: send(lab, body="")) == (400, 21602)


def test_smart_encoding_keeps_a_text_in_plain_segments(lab):
    curly = "\u201cWe\u2019re here\u201d " + "a" * 100
    assert send(lab, body=curly).num_segments == "2"
    smart = send(lab, body=curly, smart_encoded=True)
    assert (smart.num_segments, smart.body[:13]) == ("1", '"We\'re here" ')


def test_at_most_ten_replies_are_sent(lab, peer):
    peer.twiml("/sms", "".join(f"<Message>{n}</Message>" for n in range(11)))
    lab.text(CALLER, "hi")
    assert lab.bodies(CALLER) == [str(n) for n in range(10)]
    assert lab.errors() == [14109]


def test_a_reply_reports_its_status_where_it_says(lab, peer):
    peer.twiml("/sms", '<Message statusCallback="/ms"><Body>hello</Body><Media>/cat.jpg</Media></Message>')
    lab.text(CALLER, "hi")
    assert reported(lab) == [("sent", None), ("delivered", None)]
    [message] = lab.sdk.messages.list(to=CALLER)
    assert (message.sid[:2], message.direction, message.num_media) == ("MM", "outbound-reply", "1")


def test_a_redirect_in_a_reply_asks_the_next_address_and_fifty_are_too_many(lab, peer):
    peer.twiml("/sms", "<Message>one</Message><Redirect>/more</Redirect>")
    peer.twiml("/more", "<Message>two</Message>")
    lab.text(CALLER, "hi")
    assert lab.bodies(CALLER) == ["one", "two"]
    assert peer.got("/more")[0]["Body"] == "hi"
    peer.twiml("/sms", "<Redirect>/sms</Redirect>")
    lab.text(CALLER, "again")
    assert lab.errors() == [14106]


def test_an_empty_reply_is_an_error(lab, peer):
    peer.twiml("/sms", "<Message> </Message>")
    lab.text(CALLER, "hi")
    assert lab.errors() == [14103]


def test_thirty_quick_replies_between_two_numbers_are_enough(lab, peer):
    peer.twiml("/sms", "<Message>pong</Message>")
    for _ in range(31):
        lab.text(CALLER, "ping")
    assert len(lab.bodies(CALLER)) == 30
    assert lab.errors() == [14107]
    assert lab.sdk.messages.list(to=CALLER)[0].error_code == 14107
    lab.advance(30)
    lab.text(CALLER, "ping")
    assert len(lab.bodies(CALLER)) == 31


def test_a_message_that_waits_longer_than_it_is_valid_fails(lab):
    lab.http.patch(f"{lab.emulator.url}/emulator/api/pace", json={"segments_per_second": 0.1}, timeout=9)
    first, second = send(lab), send(lab, validity_period=5)
    lab.advance(4.9)
    assert second.fetch().status == "queued"
    lab.advance(0.3)
    assert (first.fetch().status, second.fetch().status, second.fetch().error_code) == ("delivered", "failed", 30036)


def test_one_number_sends_its_segments_one_after_another(lab):
    lab.http.patch(f"{lab.emulator.url}/emulator/api/pace", json={"segments_per_second": 1}, timeout=9)
    sent = [send(lab, body="a" * 161) for _ in range(3)]
    lab.advance(2.5)
    assert [message.fetch().status for message in sent] == ["delivered", "delivered", "queued"]


def test_a_messaging_service_accepts_first_then_chooses_its_sender(lab):
    made = service(lab)
    message = send(lab, from_=None, messaging_service_sid=made.sid)
    assert (message.status, message.from_, message.messaging_service_sid) == ("accepted", None, made.sid)
    lab.advance(1)
    assert reported(lab) == [("queued", None), ("sent", None), ("delivered", None)]
    assert lab.peer.got("/ms")[-1]["MessagingServiceSid"] == made.sid
    assert message.fetch().from_ == NUMBER


def test_a_services_own_status_callback_is_used_where_a_message_names_none(lab, peer):
    made = service(lab, status_callback=f"{peer.url}/ms")
    send(lab, from_=None, status_callback=None, messaging_service_sid=made.sid)
    lab.advance(1)
    assert [status for status, _ in reported(lab)] == ["queued", "sent", "delivered"]


def test_a_person_always_hears_from_the_same_sender_of_a_pool(lab):
    made = service(lab)
    second = lab.sdk.incoming_phone_numbers.create(phone_number=SECOND)
    made.phone_numbers.create(phone_number_sid=second.sid)
    for to in (CALLER, STAFF, CALLER, STAFF):
        send(lab, to=to, from_=None, messaging_service_sid=made.sid)
        lab.advance(1)
    senders = {to: {message.from_ for message in lab.sdk.messages.list(to=to)} for to in (CALLER, STAFF)}
    assert senders == {CALLER: {NUMBER}, STAFF: {SECOND}}


def test_a_service_without_numbers_or_unknown_is_refused(lab):
    empty = lab.sdk.messaging.v1.services.create(friendly_name="empty")
    assert refused(lambda: send(lab, from_=None, messaging_service_sid=empty.sid)) == (400, 21704)
    assert refused(lambda: send(lab, from_=None, messaging_service_sid="MG" + "0" * 32)) == (400, 21701)
    assert refused(lambda: send(lab, messaging_service_sid=service(lab).sid, from_="+15005550099")) == (400, 21606)
    assert refused(lambda: lab.sdk.messaging.v1.services("MG1").fetch()) == (404, 20404)


def test_texts_to_a_service_go_to_its_own_webhook_or_are_dropped(lab, peer):
    made = service(lab, inbound_request_url=f"{peer.url}/service")
    peer.twiml("/service", "<Message>from the service</Message>")
    lab.text(CALLER, "hi")
    assert peer.got("/service")[0]["MessagingServiceSid"] == made.sid
    assert peer.got("/sms") == []
    made.update(use_inbound_webhook_on_number=True)
    lab.text(CALLER, "hi")
    assert len(peer.got("/sms")) == 1
    made.update(use_inbound_webhook_on_number=False, inbound_request_url="")
    lab.text(CALLER, "hi")
    assert (len(peer.got("/service")), len(peer.got("/sms"))) == (1, 1)


def test_services_can_be_listed_page_by_page_and_deleted(lab):
    for n in range(3):
        lab.sdk.messaging.v1.services.create(friendly_name=str(n))
    listed = lab.sdk.messaging.v1.services.list(page_size=2)
    assert [one.friendly_name for one in listed] == ["0", "1", "2"]
    made = service(lab)
    [number] = made.phone_numbers.list()
    assert number.phone_number == NUMBER
    assert number.delete()
    assert made.delete()
    assert len(lab.sdk.messaging.v1.services.list()) == 3


def soon(**ahead) -> datetime:
    return datetime.now(UTC) + timedelta(**ahead)


def test_a_scheduled_message_waits_for_its_time(lab):
    sid = service(lab).sid
    message = send(lab, from_=None, messaging_service_sid=sid, schedule_type="fixed", send_at=soon(minutes=20))
    assert message.status == "scheduled"
    lab.advance(19 * 60)
    assert message.fetch().status == "scheduled"
    lab.advance(2 * 60)
    assert [status for status, _ in reported(lab)] == ["queued", "sent", "delivered"]


def test_a_scheduled_message_can_be_canceled_and_a_sent_one_cannot(lab):
    sid = service(lab).sid
    message = send(lab, from_=None, messaging_service_sid=sid, schedule_type="fixed", send_at=soon(minutes=20))
    assert message.update(status="canceled").status == "canceled"
    lab.advance(3600)
    assert reported(lab) == [("canceled", None)]
    assert refused(lambda: message.update(status="canceled")) == (400, 30409)


@pytest.mark.parametrize("ahead", [{"minutes": 14}, {"days": 36}])
def test_a_schedule_too_near_or_too_far_is_refused(lab, ahead):
    sid = service(lab).sid
    order = {"from_": None, "messaging_service_sid": sid, "schedule_type": "fixed", "send_at": soon(**ahead)}
    assert refused(lambda: send(lab, **order)) == (400, 35114)


def test_a_schedule_without_a_service_is_dropped_and_the_message_goes_at_once(lab):
    assert send(lab, schedule_type="fixed", send_at=soon(minutes=20)).status == "queued"


def test_redaction_empties_the_body_and_the_phone_keeps_what_it_received(lab):
    message = send(lab, body="something private")
    lab.advance(1)
    assert refused(lambda: message.update(body="other")) == (400, 30400)
    assert message.update(body="").body == ""
    assert message.fetch().body == ""
    assert lab.bodies(STAFF) == ["something private"]


def test_a_message_under_way_cannot_be_deleted_and_a_deleted_one_is_gone(lab):
    message = send(lab)
    assert refused(message.delete) == (409, 20009)
    lab.advance(1)
    assert message.delete()
    assert refused(message.fetch) == (404, 20404)


def test_messages_are_listed_by_number_and_by_day_newest_first_in_pages(lab):
    for n in range(5):
        send(lab, body=str(n), to=[CALLER, STAFF][n % 2])
        lab.advance(86400)
    assert [message.body for message in lab.sdk.messages.list(to=CALLER)] == ["4", "2", "0"]
    assert [message.body for message in lab.sdk.messages.list(page_size=2)] == ["4", "3", "2", "1", "0"]
    assert [message.body for message in lab.sdk.messages.list(limit=2)] == ["4", "3"]
    second = soon(days=1)
    assert [message.body for message in lab.sdk.messages.list(date_sent=second.date())] == ["1"]
    late = lab.sdk.messages.list(date_sent_after=soon(days=2, hours=12))
    early = lab.sdk.messages.list(date_sent_before=soon(hours=12))
    assert ([m.body for m in late], [m.body for m in early]) == (["4", "3"], ["0"])
    page = lab.sdk.messages.page(page_size=2)
    assert [m.body for m in itertools.chain(page, page.next_page())] == ["4", "3", "2", "1"]


def test_a_picture_from_a_phone_can_be_fetched_listed_and_deleted(lab, peer):
    picture = base64.b64encode(b"not really a picture").decode()
    lab.text(CALLER, "look", media=[{"data": picture, "content_type": "image/png"}])
    [form] = peer.got("/sms")
    assert (form["NumMedia"], form["MediaContentType0"], form["MessageSid"][:2]) == ("1", "image/png", "MM")
    auth = (lab.emulator.settings.account_sid, lab.emulator.settings.auth_token)
    fetched = lab.http.get(form["MediaUrl0"], auth=auth, timeout=9)
    assert (fetched.content, fetched.headers["Content-Type"]) == (b"not really a picture", "image/png")
    assert lab.http.get(form["MediaUrl0"], timeout=9).status_code == 401
    [media] = lab.sdk.messages(form["MessageSid"]).media.list()
    assert (media.content_type, media.fetch().sid) == ("image/png", media.sid)
    assert media.delete()
    assert lab.http.get(form["MediaUrl0"], auth=auth, timeout=9).status_code == 404


def test_a_text_between_two_own_numbers_arrives_at_the_webhook(lab, peer):
    lab.sdk.incoming_phone_numbers.create(phone_number=SECOND, sms_url=f"{peer.url}/second")
    send(lab, to=SECOND)
    lab.advance(1)
    assert peer.got("/second")[0]["From"] == NUMBER


def test_a_callback_can_come_before_the_answer_to_its_request(lab, peer):
    order: list[str] = []
    peer.answer("/ms", lambda: order.append("callback") or Response(status=204))
    lab.post("/faults", kind="callback_early", path="/Messages")
    send(lab)
    order.append("answer")
    lab.advance(1)
    assert order[:2] == ["callback", "answer"]


def test_callbacks_are_dropped_doubled_swapped_and_late(lab):
    lab.post("/faults", kind="callback_drop", event="sent")
    send(lab)
    lab.advance(1)
    assert reported(lab) == [("delivered", None)]
    lab.peer.seen.clear()
    lab.post("/faults", kind="callback_duplicate", event="delivered", seconds=3)
    send(lab)
    lab.advance(5)
    assert reported(lab) == [("sent", None), ("delivered", None), ("delivered", None)]
    lab.peer.seen.clear()
    lab.post("/faults", kind="callback_swap", event="sent")
    send(lab)
    lab.advance(5)
    assert reported(lab) == [("delivered", None), ("sent", None)]
    lab.peer.seen.clear()
    lab.post("/faults", kind="callback_late", event="sent", seconds=60)
    send(lab)
    lab.advance(59)
    assert reported(lab) == [("delivered", None)]
    lab.advance(2)
    assert reported(lab) == [("delivered", None), ("sent", None)]


def test_a_swapped_callback_without_a_successor_still_comes(lab):
    lab.post("/faults", kind="callback_swap", event="delivered")
    send(lab)
    lab.advance(6)
    assert reported(lab) == [("sent", None), ("delivered", None)]


def test_a_script_of_chances_strikes_the_same_messages_for_the_same_seed(lab):
    def struck(seed: int) -> list[str]:
        fault = {"kind": "message_fate", "outcome": "failed", "code": 30008, "chance": 0.5, "always": True}
        answer = lab.http.put(
            f"{lab.emulator.url}/emulator/api/faults", json={"seed": seed, "faults": [fault]}, timeout=9
        )
        assert answer.status_code == 200
        sent = [send(lab, status_callback=None) for _ in range(12)]
        lab.advance(1)
        return [message.fetch().status for message in sent]

    first, again, other = struck(7), struck(7), struck(8)
    assert first == again
    assert {"failed", "delivered"} == set(first)
    assert first != other
