"""A copy of a line started with the real one's account: it answers nobody whom the real one has answered."""

import pytest

from config.settings import Settings
from helpline import wiring
from helpline.ledger.reconcile import AnotherLine
from helpline.running.embedded_redis import EmbeddedRedis
from tests.helpline.whole_line import HELPLINE, SOMEBODY, fresh, served_line
from tests.ports import free_port
from tests.stories.people import until


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch, served_line(tmp_path_factory.mktemp("real"), patch) as line:
        yield line


@pytest.fixture
def line(running):
    """The real line, whose number leads to it."""
    fresh(running)
    leads_to(running, running.env["PUBLIC_URL"])
    return running


@pytest.fixture
def copy(line, tmp_path):
    """The copy: its own address and memory, the same account and number."""
    with EmbeddedRedis(tmp_path) as server:
        more = {"PUBLIC_URL": f"http://127.0.0.1:{free_port()}", "REDIS_URL": server.address}
        services = wiring.build(Settings.read({**line.env, **more}), line.clock)
        yield services
        services.store.close()


def leads_to(line, base):
    line.emulator.engine.world.account.owned(HELPLINE).sms_url = f"{base}/twilio/sms#rc=3"


def a_text_was_answered(line):
    line.arrives("hi")
    until("the real line's answer", lambda: any("bot" in text for text in line.sent(SOMEBODY)))
    line.clock.on(minutes=1)
    return line.sent(SOMEBODY)


def test_a_copy_answers_nobody_while_the_real_line_is_there(line, copy):
    before = a_text_was_answered(line)
    with pytest.raises(AnotherLine, match="nothing was changed"):
        copy.reconciler.run()
    assert copy.reconciler.by_the_clock() is None
    assert (copy.store.open_contacts(), copy.store.checkpoint()) == ((), None)
    assert copy.store.due(line.clock.now) == ()
    assert line.sent(SOMEBODY) == before


def test_the_real_line_itself_compares_as_always(line):
    a_text_was_answered(line)
    assert line.services.reconciler.run().texts == 0


@pytest.mark.parametrize("where", ["http://127.0.0.1:9", "https://old.invalid"])
def test_a_number_that_leads_to_nobody_is_no_other_line_and_who_wrote_there_is_answered(line, copy, where):
    leads_to(line, where)
    line.arrives("hi")
    line.clock.on(minutes=1)
    assert copy.reconciler.run().texts == 1


def test_the_lines_own_old_address_is_no_other_line_for_what_twilio_signs_is_refused_there(line, copy):
    """PUBLIC_URL was changed and the number not yet: the web server is the same, and every text to it was refused."""
    leads_to(line, line.env["PUBLIC_URL"].replace("127.0.0.1", "localhost"))
    line.arrives("hi")
    line.clock.on(minutes=1)
    assert copy.reconciler.run().texts == 1


def test_a_service_that_leads_to_the_real_line_is_seen_too(line, copy):
    client = line.services.gateway.client
    service = client.messaging.v1.services.create(
        friendly_name="Night", inbound_request_url=f"{line.env['PUBLIC_URL']}/twilio/sms"
    )
    number = line.emulator.engine.world.account.owned(HELPLINE)
    client.messaging.v1.services(service.sid).phone_numbers.create(phone_number_sid=number.sid)
    leads_to(line, "http://127.0.0.1:9")
    line.arrives("hi")
    line.clock.on(minutes=1)
    known = {"PUBLIC_URL": copy.settings.public_url, "REDIS_URL": copy.settings.redis_url}
    named = Settings.read({**line.env, **known, "TWILIO_MESSAGING_SERVICE_SID": service.sid})
    other = wiring.build(named, line.clock)
    with pytest.raises(AnotherLine, match=line.env["PUBLIC_URL"]):
        other.reconciler.run()
    other.store.close()
    line.emulator.engine.call(line.emulator.engine.messaging.services.all.clear)
