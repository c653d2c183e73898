"""Reports of Twilio's that never came: the ends of pages and of calls are looked up, so that nobody waits for nothing."""

import pytest

from flows.ledger import Ending
from flows.pages import PageState
from flows.roster import Contact
from helpline.arrival import CALL_OVER
from helpline.ledger import reconcile
from tests.helpline.whole_line import ANA, HELPLINE, SOMEBODY
from tests.stories.people import until

LATER_S = reconcile.SETTLE.total_seconds() + 5


@pytest.fixture
def ana(line):
    line.control("phones", number=ANA)


def in_danger(line):
    """Somebody in danger is paged for; nothing that Twilio reports arrives, for no web server listens here."""
    line.text("i took all my pills")
    line.tick(seconds=0.2)
    line.tick(seconds=0.2)


def page(line, channel):
    (case,) = line.services.store.open_cases()
    return next(one for one in case.pages if one.staff_id == "ana" and one.channel is channel)


def text_to_ana(line):
    return next(one for one in line.messages(ANA) if "Reply 1" in one.body)


def look(line):
    line.clock.on(seconds=LATER_S)
    return line.services.reconciler.run()


def test_a_page_that_arrived_unreported_is_known_to_have_arrived(line, ana):
    in_danger(line)
    assert page(line, Contact.SMS).state is PageState.ACCEPTED
    until("delivered at Twilio", lambda: text_to_ana(line).status.value == "delivered")
    assert look(line).lookups >= 1
    assert page(line, Contact.SMS).state is PageState.DELIVERED


def test_a_page_that_failed_unreported_is_known_to_have_failed_and_why(line, ana):
    line.fault("message_fate", number=ANA, outcome="undelivered", code=30003)
    in_danger(line)
    until("failed at Twilio", lambda: text_to_ana(line).status.value == "undelivered")
    look(line)
    failed = page(line, Contact.SMS)
    assert (failed.state, failed.error) == (PageState.FAILED_FINAL, "30003")


def test_a_page_that_was_just_sent_is_left_to_its_report(line, ana):
    in_danger(line)
    before = page(line, Contact.SMS)
    line.clock.on(seconds=1)
    assert line.services.reconciler.run().lookups == 0
    assert page(line, Contact.SMS) == before


def test_while_twilio_does_not_say_nothing_changes_and_it_is_asked_again(line, ana):
    in_danger(line)
    sid = text_to_ana(line).sid
    until("delivered at Twilio", lambda: text_to_ana(line).status.value == "delivered")
    line.fault("rest_status", path=f"/Messages/{sid}", method="GET", status=503, code=20500)
    look(line)
    assert page(line, Contact.SMS).state is PageState.ACCEPTED
    look(line)
    assert page(line, Contact.SMS).state is PageState.DELIVERED


def calling(line):
    """A call the line talks to, and that Twilio alone knows to be over."""
    sid = line.is_called()
    line.post("/twilio/voice", {"CallSid": sid, "From": SOMEBODY, "To": HELPLINE, "CallStatus": "ringing"})
    until("over at Twilio", lambda: line.services.gateway.call_status(sid) in CALL_OVER)
    return sid


def test_a_call_that_ended_unreported_is_known_to_have_ended(line):
    calling(line)
    ((session_id, contact),) = line.services.store.open_contacts()
    assert look(line).lookups >= 1
    session = line.services.store.transact(lambda tx: tx.session(session_id))
    assert session.last_event == f"{session_id.removeprefix('voice-')}-ended"
    assert line.services.ledger.one(contact.id).ending is Ending.HUNG_UP


def test_a_call_that_still_goes_on_is_left_alone(line):
    sid = calling(line)
    line.fault("rest_status", path=f"/Calls/{sid}", method="GET", status=503, code=20500)
    look(line)
    ((_, contact),) = line.services.store.open_contacts()
    assert contact.open
