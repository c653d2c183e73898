"""The web server alone is replaced, as `docker compose up -d web` or a platform does it, while people are on the phone."""

import shutil
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest
import requests

from helpline.running.health import PROCESS
from tests.stories.parts import parts
from tests.stories.people import ANA, FALLBACK, NUMBERS, until
from tests.stories.voice import WORDS, calls_and_holds, takes

pytestmark = [pytest.mark.story, pytest.mark.soak]  # a minute; `test_takeover` is in every run


@pytest.fixture(scope="module")
def line(short_policy, tmp_path_factory):
    content = tmp_path_factory.mktemp("content") / "content"
    shutil.copytree(short_policy, content)
    policy = content / "policy.yaml"
    policy.write_text(policy.read_text().replace("check_calls: 60", "check_calls: 3"))
    with parts(tmp_path_factory.mktemp("w"), content) as running:
        running.start()
        running.up()
        until("ready", running.ready, 60)
        yield running


def case_of(line, phone):
    """The code of this caller's case."""
    with line.store() as store:
        key = store.vault.caller_key(phone.number)
        return until("a case", lambda: store.transact(lambda tx: tx.case_of(key))).code


def answering(line):
    """Which web server answers: its process id."""
    try:
        return int(requests.get(f"{line.url}/healthz", timeout=2).headers[PROCESS].partition(".")[0])
    except requests.RequestException:
        return None


def known_on_the_line(line, code):
    with line.store() as store:
        return store.transact(lambda tx: tx.case_by_code(code)).on_line_call != ""


def test_a_talk_goes_on_over_both_ways_and_who_holds_is_answered_in_time_or_not_forgotten(line):
    """First the new server beside the old; then with a gap, in which Twilio ends a call that holds and tells nobody."""
    talks, holds = line.phone(next(NUMBERS)), line.phone(next(NUMBERS))
    talk = calls_and_holds(talks, "en")
    staff_call = takes(line.phone(ANA))
    talk.is_connected_with(ANA)
    hold = calls_and_holds(holds, "es")
    waiting = case_of(line, holds)

    line.start("web@new")
    new = line.running["web@new"].pid
    until("the new one answers", lambda: answering(line) == new, 150)
    line.stop("web")
    line.running["web"] = line.running.pop("web@new")
    rounds = hold.heard.count(WORDS["es"]["keys"])
    until("the truth again, from the new one", lambda: hold.heard.count(WORDS["es"]["keys"]) > rounds, 60)
    assert talk.now["connected_phones"] == [ANA]
    assert line.errors() == []

    line.stop("web")
    until("the call that holds is lost", lambda: not hold.now["live"], 60)
    assert talk.now["connected_phones"] == [ANA]
    assert known_on_the_line(line, waiting), "nobody could be told"
    line.start("web")
    line.up()
    until("the line has asked and knows it", lambda: not known_on_the_line(line, waiting), 60)
    with line.store() as store:
        case = store.transact(lambda tx: tx.case_by_code(waiting))
        assert not case.closed
        assert case.due_at is not None
    staff_call.press("*").hears("The caller is on hold").press("1")
    talk.hears(WORDS["en"]["taken"])
    talk.is_connected_with(ANA)


@pytest.fixture
def elsewhere(tmp_path):
    """Another web server, which serves a folder of files; gives the folder and its address."""

    class Files(SimpleHTTPRequestHandler):
        extensions_map = {".xml": "text/xml"}  # noqa: RUF012 - as the standard library names and reads it

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Files, directory=tmp_path)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield tmp_path, f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_with_the_fallback_documents_elsewhere_who_holds_in_a_gap_is_put_through_to_a_human(line, elsewhere):
    folder, address = elsewhere
    for words in (("fallback", str(folder), "--at", address), ("provision", "--yes", "--fallback", address)):
        done = line.helpline(*words)
        assert done.returncode == 0, done.stderr
    caller, human = line.phone(next(NUMBERS)), line.phone(FALLBACK)
    call = calls_and_holds(caller, "es")
    case_of(line, caller)
    line.stop("web")
    call.hears("9 1 1")
    human.rings(60).does("answer")
    call.is_connected_with(FALLBACK)
    call.does("hangup")
    line.start("web")
    line.up()
