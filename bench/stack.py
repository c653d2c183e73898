"""The real line and its floor as processes on loopback, for a benchmark to send requests to."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from urllib.parse import urlencode

import requests
from twilio.request_validator import RequestValidator

from config import demo
from config.settings import Settings
from helpline.wiring import Services, build
from tests.ports import free_port

ROOT = Path(__file__).parents[1]
HELPLINE = "+17175550100"
UP_S = 60.0
MANY = "1000000"  # a minute: as many as a benchmark sends are ordinary, else it would measure the short safe answer
NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Server:
    """One web server under load, and the token its webhooks are signed with."""

    port: int
    token: str
    var: Path
    pid: int
    api: str = ""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def signed(self, path: str, form: Mapping[str, str]) -> dict[str, str]:
        """The header that says a form comes from Twilio."""
        return {"X-Twilio-Signature": RequestValidator(self.token).compute_signature(self.url + path, dict(form))}

    def post(self, path: str, form: Mapping[str, str]) -> bytes:
        """A whole signed HTTP request, ready to be sent."""
        body = urlencode(form).encode()
        signature = self.signed(path, form)["X-Twilio-Signature"]
        head = (
            f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nX-Twilio-Signature: {signature}\r\n"
            f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body


def text(number: str, body: str, sid: str) -> dict[str, str]:
    """What Twilio posts for a text, with the parameters a real one has."""
    return {
        "ToCountry": "US",
        "ToState": "PA",
        "SmsMessageSid": sid,
        "NumMedia": "0",
        "ToCity": "HARRISBURG",
        "FromZip": "17101",
        "SmsSid": sid,
        "FromState": "PA",
        "SmsStatus": "received",
        "FromCity": "HARRISBURG",
        "Body": body,
        "FromCountry": "US",
        "To": HELPLINE,
        "ToZip": "17101",
        "NumSegments": "1",
        "MessageSid": sid,
        "AccountSid": "AC" + "0" * 32,
        "From": number,
        "ApiVersion": "2010-04-01",
    }


def key_press(number: str, call: str, digits: str) -> dict[str, str]:
    """What Twilio posts at the end of a Gather."""
    return {
        "Called": HELPLINE,
        "ToState": "PA",
        "CallerCountry": "US",
        "Direction": "inbound",
        "CallerState": "PA",
        "ToZip": "17101",
        "CallSid": call,
        "To": HELPLINE,
        "CallerZip": "17101",
        "ToCountry": "US",
        "CalledZip": "17101",
        "ApiVersion": "2010-04-01",
        "CalledCity": "HARRISBURG",
        "CallStatus": "in-progress",
        "Digits": digits,
        "FinishedOnKey": "",
        "From": number,
        "AccountSid": "AC" + "0" * 32,
        "CalledCountry": "US",
        "CallerCity": "HARRISBURG",
        "Caller": number,
        "FromCountry": "US",
        "ToCity": "HARRISBURG",
        "FromCity": "HARRISBURG",
        "CalledState": "PA",
        "FromZip": "17101",
        "FromState": "PA",
        "msg": "Gather End",
    }


@contextmanager
def line(var: Path, more: Mapping[str, str] = NOTHING) -> Iterator[Server]:
    """The whole line, as `make run` starts it."""
    port, api_port = free_port(), free_port()
    env = {
        **{name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}},
        "PORT": str(port),
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "TWILIO_API_URL": f"http://127.0.0.1:{api_port}",
        "VAR_DIR": str(var),
        "LOG_LEVEL": "WARNING",
        "MOST_TEXTS_A_MINUTE": MANY,
        "MOST_CALLS_A_MINUTE": MANY,
        **more,
    }
    completed = demo.completed(env)
    with process([sys.executable, "-m", "helpline", "run"], env, var / "line.log") as running:
        server = Server(
            port, completed["TWILIO_AUTH_TOKEN"], var, running.pid, f"http://127.0.0.1:{api_port}/emulator/api"
        )
        wait_for(f"{server.url}/readyz")
        yield server


@contextmanager
def line_alone(more: Mapping[str, str] = NOTHING) -> Iterator[tuple[Server, Services]]:
    """The whole line in a folder that goes with it, and its services."""
    with tempfile.TemporaryDirectory() as scratch:
        var = Path(scratch) / "v"
        var.mkdir()
        with line(var, more) as running:
            yield running, services_of(running)


def services_of(line: Server) -> Services:
    """The services of a running line, for a benchmark that looks at what it wrote."""
    env = {"PORT": str(line.port), "VAR_DIR": str(line.var), "HELPLINE_DEMO": "1"}
    return build(Settings.read(demo.completed(env)))


@contextmanager
def process(command: list[str], env: Mapping[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process that is asked to stop at the end, and made to if it does not."""
    with log.open("wb") as out:
        running = subprocess.Popen(command, cwd=ROOT, env=dict(env), stdout=out, stderr=subprocess.STDOUT)
    try:
        yield running
    finally:
        running.send_signal(signal.SIGINT)
        try:
            running.wait(30)
        except subprocess.TimeoutExpired:
            running.kill()


def wait_for(address: str, seconds: float = UP_S) -> None:
    """Wait until an address answers well."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            if requests.get(address, timeout=2).ok:
                return
        except requests.RequestException:
            pass
        time.sleep(0.05)
    raise TimeoutError(f"{address} did not answer within {seconds:g} s")


def wait_for_port(port: int, seconds: float = UP_S) -> None:
    """Wait until somebody listens."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise TimeoutError(f"nobody listens on port {port} after {seconds:g} s")
