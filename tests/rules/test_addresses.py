"""No address that came in a form is ever asked: whoever can write one could have the line look behind its own wall."""

import ast
from pathlib import Path

import pytest

from helpline.gateway.failures import Refused
from helpline.gateway.rest import Gateway, Sender

PROJECT = Path(__file__).parents[2]
FROM_FORMS = ("MediaUrl", "RecordingUrl", "TranscriptionUrl", "ErrorUrl")
ASKS = {"requests", "urllib.request", "urllib3", "http.client", "httpx", "aiohttp", "socket"}
MAY_ASK = {
    "helpline/gateway/rest.py": "Twilio, at TWILIO_API_URL",
    "helpline/gateway/failures.py": "nobody: it knows by name what goes wrong when the others ask",
    "helpline/commands/provision.py": "Twilio, at TWILIO_API_URL",
    "helpline/running/monitor.py": "the operator's monitor, at MONITOR_URL",
    "helpline/commands/monitor.py": "the line itself, at the address its operator gives",
    "helpline/gateway/reachable.py": "the line itself, at PUBLIC_URL; where the number leads, as its owner set it at Twilio",
    "helpline/running/demo_phones.py": "the emulator on this machine",
    "helpline/running/supervise.py": "this machine's own web server and emulator",
    "helpline/running/programs.py": "this machine's own ports",
    "helpline/running/takeover.py": "this machine's own web server",
    "helpline/running/embedded_redis.py": "its own socket",
}
"""Who may ask the network for anything, and what. An address may come from settings, never from a request."""


def modules():
    return [
        file for package in ("flows", "config", "helpline", "workers") for file in (PROJECT / package).rglob("*.py")
    ]


def imported(source):
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def test_no_address_of_a_form_is_even_read():
    read = [
        (file.relative_to(PROJECT).as_posix(), node.value)
        for file in modules()
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.startswith(FROM_FORMS)
    ]
    assert read == []


def test_only_these_modules_ask_the_network():
    asking = {
        file.relative_to(PROJECT).as_posix()
        for file in modules()
        if any(name in ASKS or name.startswith(tuple(f"{one}." for one in ASKS)) for name in imported(file.read_text()))
    }
    assert asking - MAY_ASK.keys() == set()


@pytest.mark.parametrize(
    "sid", ["", "../Accounts", "RE" + "a" * 31, "http://169.254.169.254/", "RE" + "a" * 32 + "/x", "re\n"]
)
def test_a_recording_is_asked_for_by_a_checked_id_only(sid):
    gateway = Gateway(
        "AC" + "0" * 32,
        "t" * 32,
        "http://127.0.0.1:9",
        Sender("+17175550100"),
        no_texts_to=bool,
        blocked=lambda _number: None,
    )
    with pytest.raises(Refused, match="20404"):
        gateway.recording(sid)
