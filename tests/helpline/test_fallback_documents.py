"""The whole line is down and Twilio falls back to files hosted elsewhere: what people get, and what is owed after."""

import threading
import time
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import pytest
from click.testing import CliRunner

from flows.ledger import Ending
from helpline.__main__ import main
from tests.helpline.whole_line import FALLBACK, SOMEBODY, fresh, whole_line
from tests.ports import free_port
from tests.stories.people import Phone, until

pytestmark = pytest.mark.usefixtures("its_environment")
CALLER = "+12025550143"


class Quiet(SimpleHTTPRequestHandler):
    """Files and nothing else, as any web host gives them."""

    extensions_map: ClassVar = {".xml": "text/xml"}

    def log_message(self, *_words):
        pass


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    """A line whose public address nobody answers."""
    with (
        pytest.MonkeyPatch.context() as patch,
        whole_line(tmp_path_factory.mktemp("f"), patch, PUBLIC_URL=f"http://127.0.0.1:{free_port()}") as line,
    ):
        yield line


@pytest.fixture
def line(running, its_environment, tmp_path):
    """The number falls back to the documents, which another web server has."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(tmp_path))) as elsewhere:
        thread = threading.Thread(target=elsewhere.serve_forever, args=(0.05,))
        thread.start()
        try:
            at = f"http://127.0.0.1:{elsewhere.server_port}"
            for words in (
                ["fallback", str(tmp_path), "--at", at],
                ["provision", "--yes", "--unreachable", "--fallback", at],
            ):
                done = CliRunner().invoke(main, words)
                assert done.exit_code == 0, done.output
            yield fresh(running)
        finally:
            elsewhere.shutdown()
            thread.join()


def phone(line, number):
    line.control("phones", number=number)
    return Phone(f"{line.emulator.url}/emulator/api", number).from_now()


def back_up(line):
    """The line is there again and compares."""
    line.clock.on(minutes=1)
    line.services.reconciler.run()
    for _ in range(10):
        line.tick(seconds=1.1)


def ending(line):
    (contact,) = (one for one in line.services.ledger.day(line.clock.now.replace(hour=0)) if one.missed)
    return contact.ending


def test_a_text_gets_911_988_and_a_humans_number_at_once_and_the_lines_own_answer_late(line):
    texter = phone(line, SOMEBODY)
    answer = " ".join(texter.texts("hi"))
    assert "911" in answer
    assert "988" in answer
    assert FALLBACK in answer
    back_up(line)
    assert any("system was down" in text for text in line.sent(SOMEBODY))


def test_a_call_is_told_the_same_and_put_through_to_a_human_and_nothing_more_is_owed(line):
    human = phone(line, FALLBACK)
    call = phone(line, CALLER).calls().hears("9 1 1")
    human.rings(20).does("answer")
    call.is_connected_with(FALLBACK)
    talking = time.monotonic()
    until("a second of talk", lambda: time.monotonic() - talking > 1.1)  # Twilio counts whole seconds
    call.does("hangup")
    until("over", lambda: call.now["status"] == "completed")
    back_up(line)
    assert not any("could not answer" in text for text in line.sent(CALLER))
    assert ending(line) is Ending.REACHED_ELSEWHERE


def test_a_call_that_no_human_took_hears_it_again_and_is_owed_a_text(line):
    phone(line, FALLBACK)
    call = phone(line, CALLER).calls().hears("9 1 1")
    call.does("hangup")
    until("over", lambda: call.now["status"] == "completed")
    back_up(line)
    assert any("could not answer" in text for text in line.sent(CALLER))
    assert ending(line) is Ending.TOLD
