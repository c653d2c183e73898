"""Mixed callers for a long time, with the carrier failing now and then: nothing grows that should not.

The bounded piece runs with all tests; `make soak` runs the half hour.
"""

import random
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from redis import Redis

from config import demo
from config.settings import Settings
from flows import handling
from flows.case import Outcome
from flows.roster import StaffId
from helpline.wiring import build
from tests.stories.people import ANA, HELPLINE, ROOT, Line, Phone, running_line, until
from tests.stories.test_recovery import processes

pytestmark = [pytest.mark.story, pytest.mark.timeout(400)]

WARM_UP = 0.4  # of the time; caches fill and content is read
GROWS_MOST = 1.3  # times after it: allocators breathe, a leak goes on
MORE_FILES = 32  # sixteen threads, each with a connection to Redis when it first needs one
CALLERS = 40
FAULTS = [
    {"kind": "rest_status", "status": 503, "chance": 0.05, "always": True},
    {"kind": "rest_status", "status": 429, "chance": 0.05, "always": True},
    {"kind": "rest_cut_after", "chance": 0.03, "always": True},
    {"kind": "callback_drop", "chance": 0.1, "always": True},
    {"kind": "callback_duplicate", "chance": 0.1, "always": True},
    {"kind": "webhook_repeated", "chance": 0.1, "always": True},
]
WORDS = ("hi", "1", "2", "4", "back", "menu", "5", "is k addictive", "asdfgh", "help", "3", "thanks")
DANGER = ("she took too much and wont wake up", "i want to die", "he is not breathing")
KINDS = {"web": "granian", "worker": "workers urgent", "clock": "workers.clock"}
CODE = re.compile(r"\b[0-9][A-Z][0-9][A-Z]\b")
KEPT_WHILE_OPEN = {"case", "caseof", "casesof", "code", "timeline", "words", "staffcases"}
KEPT_FOR_GOOD = {
    "due", "rung", "open", "holding", "codes", "audit", "overrides", "contacts", "seen", "reconcile", "callsonly",
    "verified", "bridged", "board", "present", "console", "forget", "erase", "notexts", "rq", "held", "metrics", "outcomes",
}  # fmt: skip


@pytest.mark.parametrize("seconds", [45, pytest.param(1_800, marks=[pytest.mark.soak, pytest.mark.timeout(3_600)])])
def test_mixed_callers_leave_no_memory_files_or_keys_behind(seconds, short_policy, tmp_path):
    with running_line(tmp_path, short_policy) as line:
        measured = list(people(line, random.Random(1), seconds))
        early, late = measured[int(len(measured) * WARM_UP)], measured[-1]
        for name in KINDS:
            assert late[f"{name} bytes"] <= early[f"{name} bytes"] * GROWS_MOST, (name, early, late)
            assert late[f"{name} files"] <= early[f"{name} files"] + MORE_FILES, (name, early, late)
        put_right(line)
        close_everything(line)
        assert without_end(line) <= KEPT_WHILE_OPEN | KEPT_FOR_GOOD
        gaps = subprocess.run(
            [sys.executable, "-m", "helpline", "ledger", "gaps"],
            cwd=ROOT, env=line.env, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert gaps.returncode == 0, gaps.stdout + gaps.stderr


def people(line: Line, draw: random.Random, seconds: float) -> Iterator[dict[str, float]]:
    """Callers and a staff member at work; gives what the processes weigh, every now and then."""
    requests.put(f"{line.api}/faults", json={"seed": 1, "faults": FAULTS}, timeout=5).raise_for_status()
    ana = line.phone(ANA)
    numbers = [f"+1202556{n:04d}" for n in range(CALLERS)]
    for number in numbers:
        line.phone(number)
    until_s, measure_at = time.monotonic() + seconds, 0.0
    while time.monotonic() < until_s:
        a_turn(line, draw, draw.choice(numbers), ana)
        if time.monotonic() >= measure_at:
            measure_at = time.monotonic() + seconds / 15
            yield weights(line)
    yield weights(line)


def a_turn(line: Line, draw: random.Random, number: str, ana: Phone) -> None:
    dice = draw.random()
    if dice < 0.04:
        send(line, number, draw.choice(DANGER))
    elif dice < 0.08:
        answer = requests.post(f"{line.api}/phones/{number}/calls", json={"to": HELPLINE}, timeout=10)
        if answer.ok:
            requests.post(f"{line.api}/calls/{answer.json()['sid']}/hangup", timeout=5)
    elif dice < 0.16:
        for code in CODE.findall(" ".join(ana.received[-2:])):
            send(line, ANA, draw.choice((f"1 {code}", f"2 {code}", f"DONE {code} 3")))
    else:
        send(line, number, draw.choice(WORDS))


def send(line: Line, number: str, body: str) -> None:
    """A text, whether or not anything comes back: the carrier is failing on purpose."""
    requests.post(f"{line.api}/phones/{number}/texts", json={"to": HELPLINE, "body": body}, timeout=20)


def weights(line: Line) -> dict[str, float]:
    weighed = {}
    for name, words in KINDS.items():
        places = [Path(f"/proc/{pid}") for pid in processes(line, words)]
        weighed[f"{name} bytes"] = max(resident(place) for place in places)
        weighed[f"{name} files"] = max(len(list((place / "fd").iterdir())) for place in places)
    return weighed


def resident(place: Path) -> float:
    rows = (place / "status").read_text().splitlines()
    return next(float(row.split()[1]) for row in rows if row.startswith("VmRSS:"))


def put_right(line: Line) -> None:
    requests.delete(f"{line.api}/faults", timeout=5).raise_for_status()


def close_everything(line: Line) -> None:
    """Every open case ends by a human's word."""
    services = build(Settings.read(demo.completed(line.env)))

    def none_left() -> bool:
        for case in services.store.open_cases():
            by = case.owner or StaffId("ana")
            services.dispatch.change(
                case.id, lambda c, now, by=by: handling.close(c, Outcome.TRANSFERRED_911_988, by=by, now=now)
            )
        return not services.store.open_cases()

    until("all cases closed", none_left, 60)


def without_end(line: Line) -> set[str]:
    """The kinds of keys that stay until somebody deletes them."""
    with Redis.from_url(f"unix://{Path(line.env['VAR_DIR']).absolute() / 'redis.sock'}") as redis:
        return {name.decode().split(":")[0] for name in redis.scan_iter(count=500) if redis.ttl(name) == -1}
