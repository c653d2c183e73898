"""A web server whose content or roster broke at a deploy: it starts, answers everybody safely and says what is broken."""

import shutil

import pytest
from twilio.request_validator import RequestValidator

from config import demo, logs
from config.settings import Settings
from helpline.app import from_environment
from helpline.running.embedded_redis import EmbeddedRedis
from tests.helpline.whole_line import FALLBACK, HELPLINE, SOMEBODY, new_sid

BROKEN = {
    "content": ("CONTENT_DIR", "policy.yaml"),
    "roster": ("ROSTER_FILE", "roster.yaml"),
}


@pytest.fixture(params=sorted(BROKEN))
def broken(request, tmp_path, monkeypatch):
    """The web application as a web server loads it; gives it, its settings and the file that broke it."""
    variable, file = BROKEN[request.param]
    shutil.copytree(Settings.model_fields["content_dir"].default, tmp_path / "content")
    (tmp_path / "roster.yaml").write_text("staff: nobody\n")
    (tmp_path / "content" / "policy.yaml").write_text("emergency: {}\n")
    place = tmp_path / ("content" if request.param == "content" else "roster.yaml")
    monkeypatch.setattr(logs, "configure", lambda _settings: None)
    with EmbeddedRedis(tmp_path) as server:
        env = demo.completed({"VAR_DIR": str(tmp_path), "REDIS_URL": server.address, variable: str(place)})
        for name, value in env.items():
            monkeypatch.setenv(name, value)
        yield from_environment().test_client(), Settings.read(env), file


def post(broken, path, **form):
    client, settings, _ = broken
    given = {"From": SOMEBODY, "To": HELPLINE, **form}
    token = settings.auth_token.get_secret_value()
    signature = RequestValidator(token).compute_signature(f"{settings.public_url}{path}", given)
    return client.post(path, data=given, headers={"X-Twilio-Signature": signature})


def test_a_text_gets_911_988_and_a_humans_number_and_danger_its_script(broken):
    usual = post(broken, "/twilio/sms", MessageSid=new_sid("SM"), Body="hi").get_data(as_text=True)
    assert all(word in usual for word in ("911", "988", FALLBACK, "system has a fault"))
    danger = post(broken, "/twilio/sms", MessageSid=new_sid("SM"), Body="i took all my pills").get_data(as_text=True)
    assert "1-800-222-1222" in danger


def test_a_call_is_put_through_to_a_human(broken):
    said = post(broken, "/twilio/voice", CallSid=new_sid("CA"), CallStatus="ringing").get_data(as_text=True)
    assert f">{FALLBACK}</Dial>" in said
    assert "9 1 1" in said


def test_it_says_what_is_broken_and_that_it_is_not_ready(broken):
    client, _, file = broken
    ready = client.get("/readyz")
    assert ready.status_code == 503
    assert any(file in fault for fault in ready.json["faults"])
    assert client.get("/healthz").status_code == 200


def test_reports_are_taken_in_silence_and_what_nobody_signed_is_refused(broken):
    client, _, _ = broken
    assert post(broken, "/twilio/status/page?p=x", MessageSid=new_sid("SM")).get_data(as_text=True) == ""
    assert client.post("/twilio/sms", data={"From": SOMEBODY, "Body": "hi"}).status_code == 403
