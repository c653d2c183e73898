"""Leading the number to the line: shown, asked, done, undone, and harmless whatever is wrong."""

import json
import os
import xml.etree.ElementTree as ET
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner

from config.settings import Settings
from helpline import wiring
from helpline.__main__ import main
from helpline.commands import check as checking
from helpline.commands.webhook_plan import RETRY
from helpline.gateway.rest import Callbacks
from tests.helpline.whole_line import ANA, HELPLINE, served_line
from tests.stories.people import until


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch, served_line(tmp_path_factory.mktemp("p"), patch) as line:
        yield line


@pytest.fixture
def line(running, monkeypatch, tmp_path):
    engine = running.emulator.engine
    number = engine.world.account.owned(HELPLINE)
    for name in ("sms_url", "sms_fallback_url", "voice_url", "voice_fallback_url", "status_callback"):
        setattr(number, name, "")
    engine.call(engine.messaging.services.all.clear)
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


def test_an_undo_that_was_cut_short_is_run_again(line):
    number = line.emulator.engine.world.account.owned(HELPLINE)
    number.sms_url = "https://old.example/sms"
    assert helpline("provision", "--yes").exit_code == 0
    line.fault("rest_status", path="/IncomingPhoneNumbers/", method="POST", status=503, code=20500)
    assert "Run it again" in helpline("provision", "--undo", "--yes").output
    assert helpline("provision", "--undo", "--yes").exit_code == 0
    assert webhooks(line) == ("https://old.example/sms", "", "", "", "")


# -- the Messaging Service ---------------------------------------------------------------------------------------


@pytest.fixture
def service(line, monkeypatch):
    """The Messaging Service whose sender the number is, as its owner made it."""
    client = line.services.gateway.client
    made = client.messaging.v1.services.create(friendly_name="Night", inbound_request_url="https://old.example/in")
    number = line.emulator.engine.world.account.owned(HELPLINE)
    client.messaging.v1.services(made.sid).phone_numbers.create(phone_number_sid=number.sid)
    monkeypatch.setenv("TWILIO_MESSAGING_SERVICE_SID", made.sid)
    return line.emulator.engine.messaging.services.all[made.sid]


def of_service(service):
    return service.inbound_request_url, service.fallback_url, service.use_inbound_webhook_on_number


def test_the_service_is_led_to_the_line_as_well_as_the_number_and_again_is_nothing_to_do(line, service):
    asked = helpline("provision", answer="n\n")
    assert "Messaging Service Night:" in asked.output
    assert "- https://old.example/in" in asked.output
    assert (of_service(service), webhooks(line)) == (("https://old.example/in", "", False), NOTHING)
    assert helpline("provision", answer="y\n").exit_code == 0
    here = line.env["PUBLIC_URL"] + "/twilio"
    assert of_service(service) == (f"{here}/sms{RETRY}", f"{here}/sms/fallback", False)
    assert webhooks(line)[0] == f"{here}/sms{RETRY}"
    again = helpline("provision")
    assert (again.exit_code, "nothing to change" in again.output) == (0, True)


def test_a_service_that_leaves_texts_to_the_number_no_longer_does(line, service):
    service.use_inbound_webhook_on_number = True
    assert helpline("provision", "--yes").exit_code == 0
    assert of_service(service)[2] is False


def test_undo_puts_back_the_service_too(line, service):
    service.use_inbound_webhook_on_number = True
    assert helpline("provision", "--yes").exit_code == 0
    assert helpline("provision", "--undo", "--yes").exit_code == 0
    assert (of_service(service), webhooks(line)) == (("https://old.example/in", "", True), NOTHING)


def test_what_stood_there_first_is_kept_when_a_change_is_cut_short_between_service_and_number(line, service):
    line.fault("rest_status", path="/IncomingPhoneNumbers/", method="POST", status=503, code=20500)
    cut = helpline("provision", "--yes")
    assert (cut.exit_code, "Run it again" in cut.output) == (1, True)
    assert helpline("provision", "--yes").exit_code == 0
    assert helpline("provision", "--undo", "--yes").exit_code == 0
    assert (of_service(service), webhooks(line)) == (("https://old.example/in", "", False), NOTHING)


def test_a_number_refused_after_the_service_was_set_is_told_truly(line, service):
    line.fault("rest_status", path="/IncomingPhoneNumbers/", method="POST", status=400, code=21402)
    cut = helpline("provision", "--yes")
    assert cut.exit_code == 1
    assert "Messaging Service Night: changed already; --undo puts it back" in " ".join(cut.output.split())
    assert helpline("provision", "--undo", "--yes").exit_code == 0
    assert of_service(service)[0] == "https://old.example/in"


@pytest.mark.parametrize("wrong", ["of another account", "without the number", "not named"])
def test_a_service_that_cannot_be_the_lines_changes_nothing(line, service, monkeypatch, wrong):
    match wrong:
        case "of another account":
            monkeypatch.setenv("TWILIO_MESSAGING_SERVICE_SID", "MG" + "0" * 32)
            said = "no Messaging Service MG000"
        case "without the number":
            service.numbers.clear()
            said = "is no sender of the Messaging Service Night; its senders: none"
        case _:
            monkeypatch.delenv("TWILIO_MESSAGING_SERVICE_SID")
            said = f"Set TWILIO_MESSAGING_SERVICE_SID to {service.sid}"
    done = helpline("provision", "--yes")
    assert done.exit_code == 1
    assert said in " ".join(done.output.split())
    assert (of_service(service), webhooks(line)) == (("https://old.example/in", "", False), NOTHING)
    told, _ = found(line, TWILIO_MESSAGING_SERVICE_SID=os.environ.get("TWILIO_MESSAGING_SERVICE_SID", ""))
    assert any(said in fault for fault in told)


def test_the_check_finds_a_service_that_leads_nowhere_and_passes_once_it_is_set(line, service):
    named = {"TWILIO_MESSAGING_SERVICE_SID": service.sid}
    before, _ = found(line, **named)
    assert any(fault.startswith("TWILIO_MESSAGING_SERVICE_SID: inbound_request_url is https://old") for fault in before)
    helpline("provision", "--yes")
    after, passed = found(line, **named)
    assert not any("helpline provision" in fault for fault in after)
    assert passed


def test_texts_go_out_through_the_service_from_the_lines_number_and_are_found_again(line, service):
    line.control("phones", number=ANA)
    settings = Settings.read({**line.env, "TWILIO_MESSAGING_SERVICE_SID": service.sid})
    gateway, began = wiring.build(settings).gateway, datetime.now(UTC) - timedelta(minutes=1)
    sid = gateway.text(ANA, "hello", Callbacks("http://127.0.0.1:9/nothing"))
    (message,) = (one for one in line.messages(ANA) if one.sid == sid)
    assert (message.from_, message.messaging_service_sid) == (HELPLINE, service.sid)
    until("delivered", lambda: message.status.value == "delivered")
    assert [row["sid"] for row in gateway.find_texts(ANA, began) if row["body"] == "hello"] == [sid]


def test_a_text_to_the_service_is_answered_by_the_line(line, service):
    helpline("provision", "--yes")
    caller = "+12025550198"
    line.arrives("hi", caller)
    until("the answer", lambda: any("bot" in text for text in line.sent(caller)))


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
