from __future__ import annotations

import contextlib
import re
import socket
import threading
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import requests
from flask import Flask, Response, request
from twilio.rest import Client
from werkzeug.serving import make_server

from emulator import Emulator, Settings
from emulator.settings import NumberSettings, Pace

TOKEN = "12345678901234567890123456789012"
NUMBER = "+15005550006"
CALLER = "+12025550101"
STAFF = "+12025550102"
OTHER = "+12025550103"


@dataclass
class Seen:
    """A request the application received."""

    path: str
    method: str
    form: dict[str, str]
    headers: dict[str, str]
    url: str
    body: str


@dataclass
class Peer:
    """A small Twilio application: answers each path as a test says, and remembers what it was sent."""

    answers: dict[str, Any] = field(default_factory=dict)
    seen: deque[Seen] = field(default_factory=deque)
    url: str = ""

    def twiml(self, path: str, *bodies: str) -> None:
        """Answer `path` with each body in turn, the last one for ever."""
        self.answers[path] = [Response(f"<Response>{body}</Response>", mimetype="text/xml") for body in bodies]

    def answer(self, path: str, *responses: Response | Callable[[], Response]) -> None:
        self.answers[path] = list(responses)

    def requests(self, path: str) -> list[Seen]:
        return [seen for seen in self.seen if seen.path == path]

    def got(self, path: str) -> list[dict[str, str]]:
        return [seen.form for seen in self.seen if seen.path == path]

    def respond(self, path: str) -> Response:
        queue = self.answers.get(path)
        if queue is None:
            return Response(status=204)
        answer = queue[0] if len(queue) == 1 else queue.pop(0)
        return answer() if callable(answer) and not isinstance(answer, Response) else answer


@pytest.fixture
def peer() -> Iterator[Peer]:
    peer = Peer()
    app = Flask("peer")

    @app.route("/<path:path>", methods=["GET", "POST"])
    def any_path(path: str) -> Response:
        body = request.get_data(as_text=True)
        values = request.form if request.method == "POST" else request.args
        seen = Seen(
            f"/{path}", request.method, values.to_dict(), dict(request.headers), request.environ["RAW_URI"], body
        )
        peer.seen.append(seen)
        return peer.respond(f"/{path}")

    server = make_server("127.0.0.1", 0, app, threaded=True)
    server.daemon_threads = True
    peer.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield peer
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def closed_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def raw_server() -> Iterator[Callable[[bytes], str]]:
    """Serves bytes exactly as given, once for each connection; gives the server's address."""
    listeners: list[socket.socket] = []

    def serve(answer: bytes) -> str:
        listener = socket.create_server(("127.0.0.1", 0))
        listeners.append(listener)

        def run() -> None:
            with contextlib.suppress(OSError):
                while True:
                    connection, _ = listener.accept()
                    with connection:
                        connection.recv(65536)
                        connection.sendall(answer)

        threading.Thread(target=run, daemon=True).start()
        return f"http://127.0.0.1:{listener.getsockname()[1]}"

    yield serve
    for listener in listeners:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


@pytest.fixture
def stuck() -> Iterator[Callable[[], Response]]:
    """An answer that does not come while the test runs."""
    over = threading.Event()

    def wait() -> Response:
        over.wait(30)
        return Response("<Response/>", mimetype="text/xml")

    yield wait
    over.set()


class Lab:
    """The emulator with a stepped clock, its control API, and Twilio's own SDK as client."""

    def __init__(self, emulator: Emulator, peer: Peer) -> None:
        self.emulator, self.peer = emulator, peer
        self.http = requests.Session()
        self.http.trust_env = False
        self.sdk = sdk(emulator)
        self.excused: set[int] = set()
        for number in (CALLER, STAFF, OTHER):
            self.phone(number)

    def get(self, path: str, /, **query: Any) -> Any:
        answer = self.http.get(f"{self.emulator.url}/emulator/api{path}", params=query, timeout=30)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(self, path: str, /, **data: Any) -> Any:
        answer = self.http.post(f"{self.emulator.url}/emulator/api{path}", json=data, timeout=30)
        assert answer.status_code in (200, 201), answer.text
        return answer.json()

    def advance(self, seconds: float) -> None:
        self.post("/clock/advance", seconds=seconds)

    def settle(self) -> None:
        self.advance(0)

    def phone(self, number: str, **settings: Any) -> None:
        self.post("/phones", number=number, **settings)

    def text(self, number: str, body: str, **more: Any) -> dict[str, Any]:
        sent = self.post(f"/phones/{number}/texts", body=body, **more)
        self.advance(1)
        return sent

    def bodies(self, number: str) -> list[str]:
        return [text["body"] for text in self.get(f"/phones/{number}/thread") if text["direction"] == "received"]

    def call(self, number: str = CALLER, **more: Any) -> str:
        """Call in from a phone and let the first TwiML run."""
        sid = self.post(f"/phones/{number}/calls", **more)["sid"]
        self.settle()
        return sid

    def hooks(self, **urls: str) -> None:
        """Set the number's webhooks, such as `sms_url`."""
        [number] = self.sdk.incoming_phone_numbers.list()
        number.update(**urls)

    def view(self, sid: str) -> dict[str, Any]:
        return self.get(f"/calls/{sid}")

    def heard(self, sid: str) -> list[str]:
        return [caption["said"] for caption in self.view(sid)["captions"]]

    def act(self, sid: str, act: str, **data: Any) -> dict[str, Any]:
        self.post(f"/calls/{sid}/{act}", **data)
        self.settle()
        return self.view(sid)

    def press(self, sid: str, digits: str) -> dict[str, Any]:
        return self.act(sid, "keys", digits=digits)

    def live(self, number: str) -> dict[str, Any]:
        """The one live call of a phone."""
        [call] = self.get(f"/phones/{number}/calls", active="true")
        return call

    def errors(self) -> list[int]:
        """The codes of Twilio's error log. Whoever looks at them has explained them; all others fail the test."""
        records = self.get("/journal", kind="error")["records"]
        codes = [record["data"]["code"] for record in records]
        self.excuse(*codes)
        return codes

    def excuse(self, *codes: int) -> None:
        """Let errors of these codes pass at the end of the test; -1 is an unexpected message or call."""
        self.excused.update(codes)

    def complaints(self) -> list[dict[str, Any]]:
        return [one for one in self.get("/complaints") if one["code"] not in self.excused]

    def rooms(self) -> list[list[str]]:
        return [sorted(room["phones"]) for room in self.get("/rooms")]


class ToEmulator:
    """Sends what the SDK would send to Twilio to the emulator instead."""

    def __init__(self, base: str) -> None:
        from twilio.http.http_client import TwilioHttpClient

        self._inner, self._base = TwilioHttpClient(timeout=10), base

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Any:
        return self._inner.request(
            method, re.sub(r"https://(api|messaging)\.twilio\.com", self._base, url), *args, **kwargs
        )

    def close(self) -> None:
        self._inner.session.close()


def sdk(emulator: Emulator, token: str = TOKEN) -> Client:
    return Client(emulator.settings.account_sid, token, http_client=ToEmulator(emulator.url))


@pytest.fixture
def lab(peer: Peer) -> Iterator[Lab]:
    number = NumberSettings(
        NUMBER,
        sms_url=f"{peer.url}/sms",
        voice_url=f"{peer.url}/voice",
        status_callback=f"{peer.url}/status",
    )
    settings = Settings(port=0, auth_token=TOKEN, numbers=(number,), speed=0, pace=Pace())
    with Emulator(settings) as emulator:
        lab = Lab(emulator, peer)
        yield lab
        unexplained = lab.complaints()
        lab.http.close()
        lab.sdk.http_client.close()
    assert unexplained == []
