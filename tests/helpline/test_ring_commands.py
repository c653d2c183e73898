"""A test text or call to a staff phone goes the whole way, and says so when it does not."""

import threading
import time

import pytest
from click.testing import CliRunner

from flows.roster import Contact
from helpline.__main__ import main
from helpline.commands import ring as ring_commands
from tests.helpline.whole_line import ANA, HELPLINE

pytestmark = pytest.mark.usefixtures("its_environment")


def test_a_test_text_reaches_the_phone_and_is_not_a_page(line):
    stop = threading.Event()

    def worker():
        while not stop.is_set():
            line.work()
            time.sleep(0.05)

    working = threading.Thread(target=worker)
    working.start()
    try:
        done = CliRunner().invoke(main, ["test-ring", "ana"])
    finally:
        stop.set()
        working.join()
    assert done.exit_code == 0, done.output
    assert "Ana" in done.output
    (text,) = line.sent(ANA)
    assert "test" in text
    assert "Reply 1" not in text
    assert line.services.store.open_cases() == ()


def test_a_test_call_rings_the_phone(line):
    staff = next(one for one in line.services.roster.now().staff if one.id == "ana")
    ring_commands.post(line.services, staff, Contact.CALL)
    line.work()
    engine = line.emulator.engine
    legs = engine.call(lambda: [(leg.line.from_, leg.line.to) for leg in engine.switchboard.stage.legs.values()])
    assert legs == [(HELPLINE, ANA)]


def test_without_workers_it_says_so(line):
    done = CliRunner().invoke(main, ["test-ring", "ana", "--wait", "0.3"])
    assert done.exit_code == 1
    assert "do worker and clock run" in done.output


def test_an_unknown_name_is_answered_with_the_known_ones(line):
    done = CliRunner().invoke(main, ["test-ring", "zoe"])
    assert done.exit_code == 1
    assert "ana, ben, carla" in done.output
