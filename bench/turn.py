"""One caller turn against its floor, under load: by text mid-triage, by key on a call, and a duplicate delivery."""

import os
import secrets
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench import load, stack
from bench.figures import median
from bench.stack import Server
from config import web
from helpline.running.embedded_redis import EmbeddedRedis
from tests.ports import free_port

RUNS = 5
CALLERS = 600  # in each run
CONNECTIONS = 16
ANSWERS = ("4", "2", "5", "4")  # q1 no danger, q2 no, q3 none, q4 none: four questions of triage, nobody is paged


FIGURES: tuple[Callable[[load.Result], float], ...] = (
    lambda one: one.per_second,
    lambda one: one.at(0.5),
    lambda one: one.at(0.99),
)


@dataclass(frozen=True, slots=True)
class Row:
    """Ours beside the floor: one figure for each run."""

    name: str
    ours: tuple[load.Result, ...]
    floor: tuple[load.Result, ...]

    @property
    def throughput(self) -> float:
        return median([o.per_second / f.per_second for o, f in zip(self.ours, self.floor, strict=True)])

    @property
    def p99(self) -> float:
        return median([o.at(0.99) / f.at(0.99) for o, f in zip(self.ours, self.floor, strict=True)])


@contextmanager
def floor(var: Path) -> Iterator[Server]:
    """The floor on the same web server with the same options, with a Redis of its own that is set up like ours."""
    port, token = free_port(), secrets.token_hex(16)
    with EmbeddedRedis(var) as redis:
        env = {**os.environ, "REDIS_URL": redis.address, "TWILIO_AUTH_TOKEN": token}
        env["PUBLIC_URL"] = f"http://127.0.0.1:{port}"
        command = granian("bench.peers.floor:create", port)
        with stack.process(command, env, var / "floor.log") as running:
            stack.wait_for_port(port)
            yield Server(port, token, var, running.pid)


def granian(factory: str, port: int) -> list[str]:
    """The web server as the line runs it, for another application."""
    return [
        *(sys.executable, "-m", "granian", "--interface", "wsgi", "--factory", factory),
        *("--host", "127.0.0.1", "--port", str(port), "--http", "1", "--no-ws", "--no-access-log"),
        *("--workers", str(web.WORKERS), "--blocking-threads", str(web.THREADS), "--log-level", "error"),
    ]


def numbers(run: int) -> list[str]:
    return [f"+1202{run:02d}{n:05d}" for n in range(CALLERS)]


def sid(kind: str) -> str:
    return kind + secrets.token_hex(16)


def texts(server: Server, run: int, path: str, answers: tuple[str, ...]) -> list[bytes]:
    return [server.post(path, stack.text(who, body, sid("SM"))) for body in answers for who in numbers(run)]


def by_text(ours: Server, bare: Server) -> Row:
    """Distinct callers, each at one question of triage after the other."""
    mine, floors = [], []
    for run in range(RUNS):
        send(ours, texts(ours, run, "/twilio/sms", ("hi", "1")))
        mine.append(send(ours, texts(ours, run, "/twilio/sms", ANSWERS)))
        floors.append(send(bare, texts(bare, run, "/sms", ANSWERS)))
    return Row("text, mid-triage", tuple(mine), tuple(floors))


def duplicates(ours: Server, bare: Server) -> Row:
    """The same delivery again: the remembered answer."""
    mine, floors = [], []
    for run in range(RUNS):
        once = texts(ours, 50 + run, "/twilio/sms", ("hi",))
        send(ours, once)
        mine.append(send(ours, once * len(ANSWERS)))
        floors.append(send(bare, texts(bare, 50 + run, "/sms", ANSWERS)))
    return Row("text, delivered again", tuple(mine), tuple(floors))


def by_key(ours: Server, bare: Server) -> Row:
    """Keys on calls; the question's address carries the version of the session, which is known here: 1, 2, 3 ..."""
    mine, floors = [], []
    for run in range(RUNS):
        calls = {who: sid("CA") for who in numbers(70 + run)}
        send(ours, [ours.post("/twilio/voice", stack.key_press(who, call, "")) for who, call in calls.items()])
        send(ours, _presses(ours, calls, ("1",), first=1))
        mine.append(send(ours, _presses(ours, calls, ANSWERS, first=2)))
        bare_presses = [
            bare.post("/voice", stack.key_press(who, call, key)) for key in ANSWERS for who, call in calls.items()
        ]
        floors.append(send(bare, bare_presses))
    return Row("key on a call, mid-triage", tuple(mine), tuple(floors))


def _presses(server: Server, calls: dict[str, str], keys: tuple[str, ...], first: int) -> list[bytes]:
    return [
        server.post(f"/twilio/voice/turn?v={version}", stack.key_press(who, call, key))
        for version, key in enumerate(keys, first)
        for who, call in calls.items()
    ]


def send(server: Server, requests: list[bytes]) -> load.Result:
    """All of them over many connections; any answer but a good one is a fault."""
    result = load.run("127.0.0.1", server.port, requests, CONNECTIONS)
    if result.wrong:
        raise RuntimeError(f"{result.wrong} of {len(requests)} answers were not 200: see {server.var}")
    return result


def _side(results: tuple[load.Result, ...]) -> str:
    rate, p50, p99 = (median([figure(one) for one in results]) for figure in FIGURES)
    return f"{rate:5.0f}/s p50 {p50:5.1f} p99 {p99:5.1f} ms"


def told(row: Row) -> str:
    """One line for people."""
    sides = "  ".join(f"{name} {_side(results)}" for name, results in (("ours", row.ours), ("floor", row.floor)))
    return f"{row.name:26} {sides}  throughput {row.throughput:.2f}  p99 {row.p99:.2f}"


def rows() -> list[Row]:
    """All three, on one line beside one floor."""
    with tempfile.TemporaryDirectory() as scratch:
        line_var, floor_var = Path(scratch) / "l", Path(scratch) / "f"
        line_var.mkdir()
        floor_var.mkdir()
        with stack.line(line_var) as ours, floor(floor_var) as bare:
            return [measure(ours, bare) for measure in (by_text, by_key, duplicates)]


def section() -> list[dict[str, object]]:
    """The rows as plain values: each figure with its smallest, middle and largest run."""
    return [
        {
            "name": row.name,
            "ours": _spread(row.ours),
            "floor": _spread(row.floor),
            "throughput_ratio": row.throughput,
            "p99_ratio": row.p99,
        }
        for row in rows()
    ]


def _spread(results: tuple[load.Result, ...]) -> dict[str, list[float]]:
    names = ("per_second", "p50_ms", "p99_ms")
    spread = {}
    for name, figure in zip(names, FIGURES, strict=True):
        values = sorted(figure(one) for one in results)
        spread[name] = [values[0], median(values), values[-1]]
    return spread


if __name__ == "__main__":
    for row in rows():
        print(told(row))
