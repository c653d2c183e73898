"""Where the time of a turn goes: samples of a running turn, told apart by the part of the program they are in.

The turn runs in this process, with the line's own Redis and application but without a web server; what the server and
its threads cost is the processor time of the same server with nothing behind it.
Sampled by the clock (SIGALRM) and not by cProfile, which makes a call of Python dearer than it is.
"""

import io
import os
import signal
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from urllib.parse import urlencode

from bench import recovery, stack, turn
from bench.figures import median
from bench.stack import Server
from helpline.app import create_app
from tests.ports import free_port

EVERY_S = 0.001
RUNS = 3
TICKS = os.sysconf("SC_CLK_TCK")
SERVER = "the server's own: HTTP, sockets, threads"
WAITING = "waiting for Redis"

PIECES: Mapping[str, tuple[str, ...]] = {
    WAITING: ("/redis/_parsers/", "/redis/connection.py", "/hiredis/"),
    "to and from Redis": ("helpline/store/wire.py", "/redis/"),
    "the doorbell (RQ)": ("helpline/outbox.py", "/rq/"),
    "signature": ("helpline/webhooks/signature.py", "helpline/webhooks/gate.py", "/twilio/request_validator"),
    "screening": ("flows/safety/",),
    "sealing and opening": ("helpline/privacy/", "/cryptography/", "/orjson/"),
    "records to and from plain values": ("flows/plain.py",),
    "limits": ("helpline/limits.py", "helpline/store/counters.py"),
    "deciding": ("flows/",),
    "what a step leads to": (
        "helpline/consequences.py",
        "helpline/conversation.py",
        "helpline/ledger/",
        "helpline/counting.py",
        "helpline/content/",
    ),
    "TwiML": ("helpline/channels/", "/twilio/twiml", "/xml/"),
    "load and commit": ("helpline/store/",),
    "form": (
        "helpline/arrival.py",
        "/werkzeug/formparser.py",
        "/werkzeug/datastructures/structures.py",
        "/phonenumbers/",
    ),
    "Flask and Werkzeug": ("/flask/", "/werkzeug/", "helpline/app.py", "helpline/web_guards.py", "helpline/webhooks/"),
}
"""By where the innermost frame is that belongs to any; the first piece that names its file has it."""

REST = "the rest"


def piece_of(frame: FrameType | None) -> str:
    """The part of the program in which this frame is, or who called it."""
    while frame is not None:
        file = frame.f_code.co_filename
        for name, places in PIECES.items():
            if any(place in file for place in places):
                return name
        frame = frame.f_back
    return REST


@contextmanager
def sampled() -> Iterator[Counter[str]]:
    """Counts where this thread is, at every tick."""
    found: Counter[str] = Counter()

    def look(_number: int, frame: FrameType | None) -> None:
        found[piece_of(frame)] += 1

    before = signal.signal(signal.SIGALRM, look)
    signal.setitimer(signal.ITIMER_REAL, EVERY_S, EVERY_S)
    try:
        yield found
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def environ(line: Server, form: Mapping[str, str]) -> dict[str, object]:
    """A signed text as a web server hands it over."""
    body = urlencode(form).encode()
    signature = {"HTTP_X_TWILIO_SIGNATURE": line.signed("/twilio/sms", form)["X-Twilio-Signature"]}
    return {
        "REQUEST_METHOD": "POST", "SCRIPT_NAME": "", "PATH_INFO": "/twilio/sms", "QUERY_STRING": "",
        "RAW_URI": "/twilio/sms", "REQUEST_URI": "/twilio/sms", "SERVER_PROTOCOL": "HTTP/1.1",
        "SERVER_NAME": "127.0.0.1", "SERVER_PORT": str(line.port), "HTTP_HOST": f"127.0.0.1:{line.port}",
        "REMOTE_ADDR": "127.0.0.1", "CONTENT_TYPE": "application/x-www-form-urlencoded",
        "CONTENT_LENGTH": str(len(body)), **signature,
        "wsgi.version": (1, 0), "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO(body), "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True, "wsgi.multiprocess": True, "wsgi.run_once": False,
    }  # fmt: skip


def asked(line: Server, run: int, answers: Sequence[str]) -> list[dict[str, object]]:
    """Requests of distinct callers, each at one question of triage after the other."""
    return [environ(line, stack.text(who, body, turn.sid("SM"))) for body in answers for who in turn.numbers(run)]


def take(app: Callable[..., Iterable[bytes]], requests: Sequence[dict[str, object]]) -> None:
    """Let the application answer each."""
    for one in requests:
        said: list[str] = []
        b"".join(app(one, lambda status, _headers, said=said: said.append(status)))
        if not said[0].startswith("200"):
            raise RuntimeError(f"a turn was answered with {said[0]}")


def processor_s(pids: Sequence[int]) -> float:
    """The seconds of a processor that these have used."""
    fields = [Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split() for pid in pids]
    return sum(int(one[11]) + int(one[12]) for one in fields) / TICKS


def served_ms(server: Server, pids: Sequence[int], requests: list[bytes]) -> float:
    """Milliseconds of a processor for one request in the web processes, under load."""
    before = processor_s(pids)
    turn.send(server, requests)
    return (processor_s(pids) - before) / len(requests) * 1e3


@contextmanager
def bare(var: Path) -> Iterator[Server]:
    """The same web server with nothing behind it."""
    port = free_port()
    with stack.process(turn.granian("bench.peers.bare_wsgi:create", port), os.environ, var / "bare.log") as running:
        stack.wait_for_port(port)
        yield Server(port, "token", var, running.pid)


def sample(app: Callable[..., Iterable[bytes]], line: Server) -> tuple[Counter[str], float]:
    """Where the turns of a few hundred callers are, and how many milliseconds one takes when nobody looks."""
    found: Counter[str] = Counter()
    taken = []
    take(app, asked(line, 0, ("hi", "1", *turn.ANSWERS)))  # everything is loaded and every cache full
    for run in range(1, RUNS + 1):
        take(app, asked(line, run, ("hi", "1")))
        requests = asked(line, run, turn.ANSWERS)
        half = len(requests) // 2
        begun = time.perf_counter()
        take(app, requests[:half])
        taken.append((time.perf_counter() - begun) / half * 1e3)
        with sampled() as samples:
            take(app, requests[half:])
        found += samples
    return found, median(taken)


def section() -> dict[str, object]:
    """Milliseconds of a turn in each piece, the largest first, and the processor time of the real web processes."""
    with tempfile.TemporaryDirectory() as scratch:
        line_var, bare_var = Path(scratch) / "l", Path(scratch) / "b"
        line_var.mkdir()
        bare_var.mkdir()
        with stack.line(line_var) as line, bare(bare_var) as server:
            found, turn_ms = sample(create_app(stack.services_of(line)), line)
            web, alone = recovery.processes(line, "granian"), recovery.family(server.pid)
            own_ms, web_ms = [], []
            for run in range(RUNS):
                turn.send(line, turn.texts(line, 50 + run, "/twilio/sms", ("hi", "1")))
                web_ms.append(served_ms(line, web, turn.texts(line, 50 + run, "/twilio/sms", turn.ANSWERS)))
                own_ms.append(served_ms(server, alone, turn.texts(server, run, "/", turn.ANSWERS)))
    samples = found.total()
    pieces = [(name, count / samples * turn_ms) for name, count in found.items()]
    pieces.append((SERVER, median(own_ms)))
    return {
        "pieces": sorted(pieces, key=lambda piece: -piece[1]),
        "samples": samples,
        "web_ms": median(web_ms),
    }


if __name__ == "__main__":
    for key, value in section().items():
        print(key, value)
