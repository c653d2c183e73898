"""Leading the number to the line: shown, asked, done, undone, and harmless whatever is wrong."""

import json
import threading
import xml.etree.ElementTree as ET
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner
from werkzeug.serving import make_server

from helpline.__main__ import main
from helpline.commands import check as checking
from helpline.commands.webhook_plan import RETRY
from helpline.gateway.rest import Callbacks
from tests.helpline.whole_line import HELPLINE, whole_line
from tests.stories.people import free_port, until


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    """A line whose web server really listens."""
    port = free_port()
    with (
        pytest.MonkeyPatch.context() as patch,
        whole_line(tmp_path_factory.mktemp("p"), patch, PORT=str(port), PUBLIC_URL=f"http://127.0.0.1:{port}") as line,
    ):
        server = make_server("127.0.0.1", port, line.web.application, threaded=True)
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield line
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def line(running, monkeypatch, tmp_path):
    number = running.emulator.engine.world.account.owned(HELPLINE)
    for name in ("sms_url", "sms_fallback_url", "voice_url", "voice_fallback_url", "status_callback"):
        setattr(number, name, "")
    for name, value in {**running.env, "VAR_DIR": str(tmp_path)}.items():
        monkeypatch.setenv(name, value)
    return running


def webhooks(line):
    number = line.emulator.engine.world.account.owned(HELPLINE)
    return number.sms_url, number.sms_fallback_url, number.voice_url, number.voice_fallback_url, number.status_callback


def helpline(*words, answer=""):
    return CliRunner().invoke(main, list(words), input=answer)


NOTHING = ("", "", "", "", "")


def test_what_would_change_is_shown_and_asked_first(line):
    refused = helpline("provision", answer="n\n")
    assert refused.exit_code == 1
    assert "+ http://127.0.0.1" in refused.output
    assert "Nothing was changed" in refused.output
    assert webhooks(line) == NOTHING


def test_the_number_leads_to_the_line_with_retries_and_again_is_nothing_to_do(line):
    assert helpline("provision", answer="y\n").exit_code == 0
    here = line.env["PUBLIC_URL"] + "/twilio"
    assert webhooks(line) == (
        f"{here}/sms{RETRY}", f"{here}/sms/fallback", f"{here}/voice{RETRY}", f"{here}/voice/fallback",
        f"{here}/voice/status{RETRY}",
    )  # fmt: skip
    again = helpline("provision")
    assert (again.exit_code, "nothing to change" in again.output) == (0, True)


def test_undo_puts_back_what_stood_there(line):
    number = line.emulator.engine.world.account.owned(HELPLINE)
    number.sms_url = "https://old.example/sms"
    assert helpline("provision", "--yes").exit_code == 0
    assert helpline("provision", "--undo", "--yes").exit_code == 0
    assert webhooks(line) == ("https://old.example/sms", "", "", "", "")


def test_nothing_to_undo_is_said(line):
    undone = helpline("provision", "--undo")
    assert (undone.exit_code, "nothing to undo" in undone.output) == (1, True)


@pytest.mark.parametrize("kept", ["", "{", "[]", '{"number": 1}', '{"number": "+1", "webhooks": {}}'])
def test_a_half_written_undo_file_changes_nothing(line, tmp_path, kept):
    (tmp_path / "provision-undo.json").write_text(kept)
    undone = helpline("provision", "--undo", "--yes")
    assert (undone.exit_code, "cannot be read" in undone.output) == (1, True)
    assert webhooks(line) == NOTHING


def test_the_undo_file_of_another_number_changes_nothing(line, tmp_path):
    helpline("provision", "--yes")
    file = tmp_path / "provision-undo.json"
    kept = json.loads(file.read_text())
    file.write_text(json.dumps({**kept, "number": "+17175550188"}))
    before = webhooks(line)
    assert helpline("provision", "--undo", "--yes").exit_code == 1
    assert webhooks(line) == before


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"TWILIO_AUTH_TOKEN": "f" * 32}, "refuses what Twilio signs"),
        ({"HELPLINE_NUMBER": "+17175550188"}, "does not have HELPLINE_NUMBER +17175550188; its numbers: +17175550100"),
        ({"PUBLIC_URL": "http://127.0.0.1:9"}, "cannot be reached from here"),
        ({"TWILIO_API_URL": "http://127.0.0.1:9"}, "Twilio cannot be reached"),
    ],
    ids=["wrong token", "number of another account", "address nobody answers at", "no Twilio"],
)
def test_what_is_wrong_is_said_and_nothing_is_changed(line, monkeypatch, change, said):
    for name, value in change.items():
        monkeypatch.setenv(name, value)
    done = helpline("provision", "--yes")
    assert done.exit_code == 1
    assert said in " ".join(done.output.split())
    assert webhooks(line) == NOTHING


def test_wrong_credentials_are_called_that(line, monkeypatch):
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", "f" * 32)
    done = helpline("provision", "--yes", "--unreachable")
    assert done.exit_code == 1
    assert "Twilio does not know these credentials" in done.output
    assert webhooks(line) == NOTHING


# -- the static documents ----------------------------------------------------------------------------------------


def test_the_documents_answer_in_every_language_and_dial_a_human(line, tmp_path):
    made = helpline("fallback", str(tmp_path / "out"), "--at", "https://static.example.org/line")
    assert made.exit_code == 0, made.output
    text = ET.fromstring((tmp_path / "out" / "sms.xml").read_text())
    call = ET.fromstring((tmp_path / "out" / "voice.xml").read_text())
    assert len(text.findall("Message")) == 2
    assert all("911" in (m.text or "") and "988" in (m.text or "") for m in text.findall("Message"))
    assert [verb.tag for verb in call] == ["Say", "Say", "Dial"] * 2 + ["Redirect"]
    assert {verb.text for verb in call.findall("Dial")} == {line.env["FALLBACK_NUMBER"]}
    assert call.find("Redirect").text == "https://static.example.org/line/voice.xml"


def test_the_number_falls_back_to_where_the_documents_are(line):
    assert helpline("provision", "--yes", "--fallback", "https://static.example.org/line/").exit_code == 0
    number = line.emulator.engine.world.account.owned(HELPLINE)
    assert number.sms_fallback_url == "https://static.example.org/line/sms.xml"
    assert number.voice_fallback_method == "GET"


@pytest.mark.parametrize("address", ["nonsense", "https://user@x.example", "https://x.example/?a=1"])
def test_an_address_for_the_documents_that_is_none_is_refused(line, tmp_path, address):
    made = helpline("fallback", str(tmp_path / "out"), "--at", address)
    assert made.exit_code == 1
    assert not (tmp_path / "out").exists()


# -- the check ---------------------------------------------------------------------------------------------------


def found(line, **change):
    report = checking.check({**line.env, **change}, datetime.now(UTC), outside=True)
    return {str(fault) for fault in report.faults}, report.passed


def test_the_check_finds_webhooks_that_lead_nowhere_and_passes_once_they_are_set(line):
    before, _ = found(line)
    assert sum("helpline provision" in fault for fault in before) == 5
    helpline("provision", "--yes")
    after, passed = found(line)
    assert not any("helpline provision" in fault for fault in after)
    assert passed


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"TWILIO_AUTH_TOKEN": "f" * 32}, "does not know these credentials"),
        ({"HELPLINE_NUMBER": "+17175550188"}, "this account does not have +17175550188"),
        ({"PUBLIC_URL": "http://127.0.0.1:9"}, "cannot be reached from here"),
        ({"TWILIO_API_URL": "http://127.0.0.1:9"}, "Twilio does not answer"),
    ],
    ids=["credentials", "number", "address", "twilio"],
)
def test_each_fault_outside_is_found(line, change, said):
    faults, _ = found(line, **change)
    assert any(said in fault for fault in faults)


def test_texts_that_carriers_drop_are_found_in_what_was_sent(line):
    line.control("phones", number="+12025550199")
    line.fault("message_fate", number="+12025550199", outcome="undelivered", code=30034)
    line.services.gateway.text("+12025550199", "hello", Callbacks("http://127.0.0.1:9/nothing"))
    until("the fate", lambda: any("A2P" in fault and "drop" in fault for fault in found(line)[0]))
