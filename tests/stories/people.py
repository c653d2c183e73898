"""The real line: embedded Redis, web server, workers, clock and emulator as processes, and people with telephones."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any

import requests
from redis import Redis

from flows.case import Case
from flows.session import Session
from helpline.outbox import Outbox
from helpline.privacy.vault import Vault
from helpline.store import RedisStore, Retention
from tests.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
HELPLINE = "+17175550100"
FALLBACK = "+17175550199"
ANA, BEN, CARLA = "+17175550111", "+17175550112", "+17175550113"
SAID: set[tuple[str, str]] = set()
"""Every number and what was texted from it in this run: what must stand nowhere in clear (tests/stories/examined.py)."""
PATIENCE_S = 20.0

SHORT_POLICY_FROM = {
    "after: 60": "after: 3",
    "after: 120": "after: 6",
    "repeat_every: 120": "repeat_every: 6",
    "callback_spacing: [300, 900]": "callback_spacing: [2, 4]",
    "talk_at_least: 20": "talk_at_least: 4",
}


def until(what: str, look: Callable[[], Any], seconds: float = PATIENCE_S) -> Any:
    """What `look` gives once it gives something; fails saying what never came."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = look()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError(f"never within {seconds:g} s: {what}")


@dataclass(frozen=True)
class Call:
    """One call as its telephone's owner sees it."""

    api: str
    sid: str

    @property
    def now(self) -> dict[str, Any]:
        return requests.get(f"{self.api}/calls/{self.sid}", timeout=5).json()

    @property
    def heard(self) -> str:
        return " ".join(caption["said"] for caption in self.now["captions"])

    def hears(self, words: str) -> "Call":
        until(f"hearing {words!r}; heard: {self.heard!r}", lambda: words.lower() in self.heard.lower())
        return self

    def does(self, act: str) -> "Call":
        requests.post(f"{self.api}/calls/{self.sid}/{act}", timeout=5).raise_for_status()
        return self

    def press(self, digits: str) -> "Call":
        answer = requests.post(f"{self.api}/calls/{self.sid}/keys", json={"digits": digits, "wait_s": 10}, timeout=15)
        assert answer.ok, answer.text
        return self

    def says(self, words: str) -> "Call":
        answer = requests.post(f"{self.api}/calls/{self.sid}/speech", json={"text": words, "wait_s": 10}, timeout=15)
        assert answer.ok, answer.text
        return self

    def is_connected_with(self, number: str) -> None:
        until(f"{self.sid} connected with {number}", lambda: number in self.now["connected_phones"])


@dataclass(frozen=True)
class Phone:
    """One telephone."""

    api: str
    number: str
    before: int = 0
    old_calls: frozenset[str] = frozenset()

    @property
    def received(self) -> list[str]:
        """The texts that came since this story began."""
        return self._all()[self.before :]

    def from_now(self) -> "Phone":
        """The same phone with its earlier texts out of sight."""
        return Phone(self.api, self.number, len(self._all()), frozenset(row["sid"] for row in self._ringing()))

    def _ringing(self) -> list[dict[str, Any]]:
        rows = requests.get(f"{self.api}/phones/{self.number}/calls?active=true", timeout=5)
        return [row for row in rows.json() if row["ringing"]] if rows.ok else []

    def _all(self) -> list[str]:
        thread = requests.get(f"{self.api}/phones/{self.number}/thread", timeout=5)
        return [text["body"] for text in thread.json() if text["direction"] == "received"] if thread.ok else []

    def texts(self, body: str) -> list[str]:
        """Send a text; gives what comes back in the webhook's own answer or soon after."""
        before = len(self.received)
        self.sends(body)
        until(f"an answer to {body!r}", lambda: len(self.received) > before)
        return self.received[before:]

    def sends(self, body: str) -> None:
        """Send a text and wait for nothing."""
        SAID.add((self.number, body))
        requests.post(
            f"{self.api}/phones/{self.number}/texts", json={"to": HELPLINE, "body": body}, timeout=60
        ).raise_for_status()

    def gets(self, words: str, seconds: float = PATIENCE_S) -> str:
        return until(
            f"{self.number} getting {words!r}",
            lambda: next((body for body in self.received if words.lower() in body.lower()), None),
            seconds,
        )

    def calls(self) -> Call:
        SAID.add((self.number, ""))
        answer = requests.post(f"{self.api}/phones/{self.number}/calls", json={"to": HELPLINE}, timeout=10)
        answer.raise_for_status()
        return Call(self.api, answer.json()["sid"])

    def rings(self, seconds: float = PATIENCE_S) -> Call:
        def ringing() -> Call | None:
            found = [row for row in self._ringing() if row["sid"] not in self.old_calls]
            return Call(self.api, found[0]["sid"]) if found else None

        return until(f"{self.number} ringing", ringing, seconds)


@dataclass(frozen=True)
class Line:
    """The running line."""

    url: str
    api: str
    process: subprocess.Popen[bytes]
    log: Path
    env: dict[str, str]

    def phone(self, number: str) -> Phone:
        requests.post(f"{self.api}/phones", json={"number": number}, timeout=5).raise_for_status()
        return Phone(self.api, number).from_now()

    def redis(self) -> Redis:
        """The line's own memory."""
        return Redis.from_url(f"unix://{Path(self.env['VAR_DIR']).absolute() / 'redis.sock'}")

    @cached_property
    def keys(self) -> dict[str, str]:
        """The secrets the demo made for itself."""
        return dict(json.loads((Path(self.env["VAR_DIR"]) / "demo-keys").read_text()))

    @cached_property
    def store(self) -> RedisStore:
        """The line's memory, to look into; opened once for all stories on this line."""
        redis, keys = self.redis(), self.keys
        vault = Vault([keys["HELPLINE_SECRET_KEYS"]], keys["HELPLINE_LOOKUP_KEY"])
        return RedisStore(redis, vault, Outbox(redis), Retention())

    def errors(self) -> list[dict[str, Any]]:
        """What real Twilio would have complained of."""
        return requests.get(f"{self.api}/journal?level=error", timeout=5).json()["records"]


def alive(line: Line) -> bool:
    if line.process.poll() is not None:
        raise AssertionError(f"the line ended: {line.log.read_text()[-3000:]}")
    try:
        ready = requests.get(f"{line.url}/readyz", timeout=2)
        return ready.ok and requests.get(f"{line.api}/clock", timeout=2).ok
    except requests.RequestException:
        return False


AREAS = (202, 206, 303, 312, 404, 415, 503, 617, 702, 808)
NUMBERS = iter(f"+1{area}555{n:04d}" for area in AREAS for n in range(100, 200))
"""Strangers; 555-0100 to 0199 are nobody's in any area (NANPA). Whoever asks a line until it answers takes many."""


@contextmanager
def running_line(var: Path, content: Path, more: Mapping[str, str] = MappingProxyType({})) -> Iterator[Line]:
    """A line of its own, from `helpline run` to Ctrl-C."""
    port, api_port = free_port(), free_port()
    env = {
        **{name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}},
        "PORT": str(port),
        "TWILIO_API_URL": f"http://127.0.0.1:{api_port}",
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "VAR_DIR": str(var),
        "CONTENT_DIR": str(content),
        "EMULATOR_WORD_S": "0.01",
        "EMULATOR_CALLS_PER_SECOND": "20",
        **more,
    }
    log = var / "line.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "helpline", "run"],
            cwd=ROOT,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    running = Line(f"http://127.0.0.1:{port}", f"http://127.0.0.1:{api_port}/emulator/api", process, log, env)
    try:
        until("the line answering", lambda: alive(running), 150)
        yield running
    finally:
        if "store" in vars(running):
            running.store.close()
        process.send_signal(signal.SIGINT)
        process.wait(30)


def record(line: Line, code: str) -> tuple[Case, tuple[str, ...]]:
    """The case of this code as the line keeps it, and the words of its timeline."""
    case = line.store.transact(lambda tx: tx.case_by_code(code))
    assert case is not None
    return case, tuple(entry.what.value for entry in line.store.timeline(case.id))


def conversation(line: Line, number: str) -> Session | None:
    """The text conversation with this number as the line keeps it."""
    return line.store.transact(lambda tx: tx.session(f"sms-{line.store.vault.caller_key(number)}"))
