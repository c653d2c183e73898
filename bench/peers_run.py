"""What people would pick instead, beside ours in the same minutes.

A tutorial's menu in Flask, the same menu in Twilio's local runtime for Functions, and an alert as a stock RQ job.

The menus check no signature and remember nothing, so their rate says what those cost, not that they would do.
"""

import os
import secrets
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

from bench import load, stack, turn, twilio_functions
from bench.figures import median, quantile
from bench.stack import Server
from bench.stock_rq import LATE, stock
from tests.ports import free_port

TURNS = 1_000  # in each run
FEW = 16  # of a runtime that starts a process for each
ALERTS = 50


@dataclass(slots=True)
class Peer:
    """One menu under load, and what came of each run."""

    name: str
    server: Server
    path: str
    turns: int = TURNS
    runs: list[load.Result] = field(default_factory=list)

    def run(self) -> None:
        requests = [
            self.server.post(self.path, stack.text(f"+1303{n:07d}", turn.ANSWERS[n % 4], "SM" + secrets.token_hex(16)))
            for n in range(self.turns)
        ]
        result = load.run("127.0.0.1", self.server.port, requests, turn.CONNECTIONS)
        if result.wrong:
            raise RuntimeError(f"{self.name}: {result.wrong} of {self.turns} answers were not 200")
        self.runs.append(result)

    def row(self) -> dict[str, object]:
        rates = sorted(one.per_second for one in self.runs)
        return {
            "name": self.name,
            "per_second": [rates[0], median(rates), rates[-1]],
            "p99_ms": median([one.at(0.99) for one in self.runs]),
        }


def menus(held: ExitStack, scratch: Path) -> Iterator[Peer]:
    """Ours and the menus, all running; what cannot run here is left out by name."""
    var = scratch / "l"
    var.mkdir()
    yield Peer("this line", held.enter_context(stack.line(var)), "/twilio/sms")
    port = free_port()
    command = turn.granian("bench.peers.tutorial_ivr:create", port)
    held.enter_context(stack.process(command, dict(os.environ), scratch / "t.log"))
    stack.wait_for_port(port)
    yield Peer(f"a tutorial's menu (flask {version('flask')}, same web server)", _bare(port, scratch), "/sms")
    folder = twilio_functions.installed()
    named = twilio_functions.versions(folder)
    fast = held.enter_context(twilio_functions.running(folder, *twilio_functions.FASTEST))
    yield Peer(f"the same as a Twilio Function ({named}), one process", _bare(fast, scratch), "/sms")
    forks = held.enter_context(twilio_functions.running(folder))
    yield Peer("the same, as it runs by default: a process for each request", _bare(forks, scratch), "/sms", FEW)


def _bare(port: int, scratch: Path) -> Server:
    return Server(port, "0" * 32, scratch, 0)


def stock_alerts() -> dict[str, object]:
    """An alert given to a stock RQ worker that waits for it, until it runs."""
    with stock() as one, one.worker("a"):
        for n in range(ALERTS):
            one.queue.enqueue("bench.peers.stock_alert.alert", time.time())
            until = time.monotonic() + stack.UP_S
            while one.redis.llen(LATE) <= n and time.monotonic() < until:
                time.sleep(0.005)
        late = sorted(float(ms) * 1_000 for ms in one.redis.lrange(LATE, 1, -1))  # the first waits for the start
    return {"name": f"stock RQ alert (rq {version('rq')})", "p50": quantile(late, 0.5), "p99": quantile(late, 0.99)}


def section() -> dict[str, object]:
    """Every menu's rate in runs that take turns; the alert; and what was left out."""
    peers: list[Peer] = []
    left_out = ""
    with tempfile.TemporaryDirectory() as scratch, ExitStack() as held:
        try:
            for peer in menus(held, Path(scratch)):
                peers.append(peer)  # noqa: PERF402  those before one that is left out are kept
        except twilio_functions.LeftOut as fault:
            left_out = f"Twilio's runtime for Functions was not run: {fault}"
        for _ in range(turn.RUNS):
            for peer in peers:
                peer.run()
    return {"menus": [peer.row() for peer in peers], "alert": stock_alerts(), "left_out": left_out}


if __name__ == "__main__":
    print(section())
