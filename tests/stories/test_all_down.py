"""Redis, the workers and Twilio's REST API are all gone: only the web server stands. People in danger still get their script."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests
from twilio.request_validator import RequestValidator

from config import demo
from tests.ports import free_port
from tests.stories.people import FALLBACK, HELPLINE, ROOT, until

pytestmark = pytest.mark.story

SAFE_WITHIN_S = 2.0
SOMEBODY = "+12025550177"


@dataclass
class Alone:
    """A web server with nothing behind it."""

    url: str
    token: str

    def post(self, path: str, **form: str) -> tuple[str, float]:
        """What Twilio would be answered, and after how many seconds."""
        given = {"From": SOMEBODY, "To": HELPLINE, **form}
        signature = RequestValidator(self.token).compute_signature(f"{self.url}{path}", given)
        began = time.monotonic()
        answer = requests.post(f"{self.url}{path}", data=given, headers={"X-Twilio-Signature": signature}, timeout=15)
        assert answer.status_code == 200
        return answer.text, time.monotonic() - began

    def text(self, body: str) -> str:
        twiml, took = self.post("/twilio/sms", MessageSid=f"SM{abs(hash(body)) % 10**8:032d}", Body=body, NumMedia="0")
        assert took < SAFE_WITHIN_S
        return twiml

    def says(self, words: str) -> str:
        twiml, took = self.post(
            "/twilio/voice/turn?v=1",
            CallSid=f"CA{abs(hash(words)) % 10**8:032d}",
            CallStatus="in-progress",
            SpeechResult=words,
        )
        assert took < SAFE_WITHIN_S
        return twiml


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Alone]:
    var, port = tmp_path_factory.mktemp("v"), free_port()
    env = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}}
    env |= demo.completed({"VAR_DIR": str(var), "PORT": str(port), "PUBLIC_URL": f"http://127.0.0.1:{port}"})
    env |= {"REDIS_URL": f"unix://{var}/nobody.sock", "TWILIO_API_URL": f"http://127.0.0.1:{free_port()}"}
    with (var / "web.log").open("wb") as log:
        process = subprocess.Popen([sys.executable, "-m", "helpline", "web"], cwd=ROOT, env=env, stdout=log, stderr=log)
    try:
        until("the web server", lambda: _alive(f"http://127.0.0.1:{port}", process, var / "web.log"), 60)
        yield Alone(f"http://127.0.0.1:{port}", env["TWILIO_AUTH_TOKEN"])
    finally:
        process.terminate()
        process.wait(20)


def _alive(url: str, process: "subprocess.Popen[bytes]", log: Path) -> bool:
    assert process.poll() is None, log.read_text()[-2000:]
    try:
        return requests.get(f"{url}/healthz", timeout=2).ok
    except requests.RequestException:
        return False


@pytest.mark.parametrize(
    ("said", "first"),
    [
        ("my friend took too much and wont wake up", "CALL 911 NOW and say they won&#x27;t wake or breathe."),
        ("i took all my pills", "call Poison Control now: 1-800-222-1222"),
        ("im going to kill myself tonight", "If you hurt yourself or someone, or may soon, call 911 now."),
        ("i want to die", "You can call or text 988 right now"),
        ("my husband is hitting me", "Domestic Violence Hotline: 1-800-799-7233"),
        ("mi hermano no despierta", "LLAME AL 911 AHORA"),
    ],
)
def test_danger_in_a_text_gets_its_script_and_a_humans_number_when_everything_else_is_down(alone, said, first):
    twiml = alone.text(said)
    script, _, rest = twiml.partition("</Message>")
    assert first.replace("&#x27;", "'") in script.replace("&#x27;", "'").replace("&apos;", "'")
    assert FALLBACK.removeprefix("+1")[:3] in rest
    assert "alerting" not in twiml


def test_danger_on_a_call_gets_its_script_and_a_human_is_dialled(alone):
    twiml = alone.says("she is not breathing")
    assert "Call 9 1 1 now" in twiml.partition("</Say>")[0]
    assert f'<Dial callerId="{HELPLINE}"' in twiml
    assert FALLBACK in twiml
    assert "<Hangup" not in twiml
