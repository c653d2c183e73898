"""Mixed callers for a long time, with the carrier failing now and then: nothing grows that should not.

With the policy as shipped: the short one of other stories pages forty people in danger faster than two cores can.
The bounded piece runs with all tests; `make soak` runs the half hour.
"""

import json
import os
import random
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from statistics import linear_regression

import pytest
import requests

from bench.measured_on import measured_on
from config import demo
from config.settings import Settings
from flows import handling
from flows.case import Outcome
from flows.roster import StaffId
from helpline.wiring import build
from tests.stories.people import ANA, HELPLINE, ROOT, Line, Phone, running_line, until
from tests.stories.test_recovery import processes

pytestmark = [pytest.mark.story, pytest.mark.timeout(600)]

WARM_UP = 0.4  # of the time; caches fill and content is read
THIRDS = 3  # of the rest: a library that is loaded late raises one, what is never given back raises every next one
GROWS_MOST = {"bytes": (0.02, 0), "files": (0, 2), "keys without an end": (0.05, 5)}
"""From one third to the next: a share of what there was, and so many more."""

CALLERS = 40
MEASURED = 60  # times
MOST_BELLS = 200  # unanswered; callers pause then
MOST_LEFT = 40  # keys without an end once all is closed: the line's own records, however many came
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


@pytest.mark.parametrize("seconds", [180, pytest.param(1_800, marks=[pytest.mark.soak, pytest.mark.timeout(3_600)])])
def test_mixed_callers_leave_no_memory_files_or_keys_behind(seconds, tmp_path):
    on = measured_on()
    with running_line(tmp_path, ROOT / "flows" / "content") as line:
        measured = list(people(line, random.Random(1), seconds))
        found = {what: floors(measured, what) for what in measured[0] if what.endswith(tuple(GROWS_MOST))}
        assert [what for what, low in found.items() if grows(what, low)] == [], found
        put_right(line)
        close_everything(line)
        left = without_end(line)
        assert {name.split(":")[0] for name in left} <= KEPT_WHILE_OPEN | KEPT_FOR_GOOD
        assert len(left) <= MOST_LEFT, left
        if figures := os.environ.get("SOAK_FIGURES"):  # `make soak` asks for them
            kept = {**told(measured, seconds, len(left)), "on": on}
            Path(figures).write_text(json.dumps(kept, indent=1) + "\n")
        gaps = subprocess.run(
            [sys.executable, "-m", "helpline", "ledger", "gaps"],
            cwd=ROOT, env=line.env, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert gaps.returncode == 0, gaps.stdout + gaps.stderr


def floors(measured: list[dict[str, float]], what: str) -> list[float]:
    """The least there was in each third after the warm-up: many who come at once raise the top, a leak the floor."""
    steady = [row[what] for row in measured[int(len(measured) * WARM_UP) :]]
    size = len(steady) / THIRDS
    return [min(steady[int(n * size) : int((n + 1) * size)]) for n in range(THIRDS)]


def grows(what: str, low: list[float]) -> bool:
    """Whether it goes on growing, from every third to the next."""
    share, more = next(most for kind, most in GROWS_MOST.items() if what.endswith(kind))
    return all(later > sooner * (1 + share) + more for sooner, later in pairwise(low))


@pytest.mark.parametrize(
    ("what", "values", "leaks"),
    [
        ("web bytes", [100.0] * 20, False),
        ("web bytes", [100.0] * 13 + [130.0] * 7, False),
        ("web bytes", [100.0 + n for n in range(20)], True),
        ("web files", [41.0, 100.0, 41.0, 70.0, 103.0] * 4, False),
        ("web files", [41.0 + n for n in range(20)], True),
        ("keys without an end", [300.0 + n % 7 for n in range(20)], False),
        ("keys without an end", [300.0 + 10 * n for n in range(20)], True),
    ],
    ids=["level", "loaded late", "leaks", "many at once", "left open", "to and fro", "kept for good"],
)
def test_what_goes_on_growing_is_told_from_what_breathes(what, values, leaks):
    assert grows(what, floors([{what: value} for value in values], what)) is leaks


def told(measured: list[dict[str, float]], seconds: float, left: int) -> dict[str, object]:
    """What docs/performance.md shows of it: sizes after the warm-up and at the end, and the slope between by least squares."""
    steady = measured[int(len(measured) * WARM_UP) :]
    early, late = steady[0], steady[-1]
    hours = [row["at"] / 3_600 for row in steady]
    processes = {
        name: {
            "mb": [early[f"{name} bytes"] / 1_024, late[f"{name} bytes"] / 1_024],
            "mb_per_hour": linear_regression(hours, [row[f"{name} bytes"] / 1_024 for row in steady]).slope,
            "files": [early[f"{name} files"], late[f"{name} files"]],
        }
        for name in KINDS
    }
    keys = {"early": int(early["keys"]), "end": int(late["keys"]), "without_end": left}
    return {"minutes": seconds / 60, "turns": int(late["turns"]), "processes": processes, "keys": keys}


def people(line: Line, draw: random.Random, seconds: float) -> Iterator[dict[str, float]]:
    """Callers and a staff member at work; gives what the processes weigh, every now and then."""
    requests.put(f"{line.api}/faults", json={"seed": 1, "faults": FAULTS}, timeout=5).raise_for_status()
    ana = line.phone(ANA)
    numbers = [f"+1202556{n:04d}" for n in range(CALLERS)]
    for number in numbers:
        line.phone(number)
    begun, measure_at, turns = time.monotonic(), 0.0, 0
    while time.monotonic() < begun + seconds:
        a_turn(line, draw, draw.choice(numbers), ana)
        turns += 1
        if turns % CALLERS == 0:  # what a line does that falls behind is the storm's question, not this one's
            until("the workers keeping up", lambda: bells(line) < MOST_BELLS, 60)
        if time.monotonic() >= measure_at:
            measure_at = time.monotonic() + seconds / MEASURED
            yield {"at": time.monotonic() - begun, "turns": turns, **weights(line)}
    yield {"at": time.monotonic() - begun, "turns": turns, **weights(line)}


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
    with line.redis() as redis:
        return weighed | {"keys": redis.dbsize(), "keys without an end": len(without_end(line))}


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
        return not bells(line) and not services.store.open_cases()

    until("all cases closed and every doorbell answered", none_left, 60)


def bells(line: Line) -> int:
    """How many doorbells no worker has answered yet."""
    with line.redis() as redis:
        return sum(redis.llen(f"rq:queue:{name}") for name in ("urgent", "default"))


def without_end(line: Line) -> set[str]:
    """The keys that stay until somebody deletes them."""
    with line.redis() as redis:
        names = list(redis.scan_iter(count=1_000))
        with redis.pipeline(transaction=False) as pipe:
            for name in names:
                pipe.ttl(name)
            return {name.decode() for name, ttl in zip(names, pipe.execute(), strict=True) if ttl == -1}
