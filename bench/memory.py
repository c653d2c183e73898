"""Bytes in Redis for each kind of record, what processes weigh, and what their imports cost."""

import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from redis import Redis

from bench import cases, recovery, stack, turn
from bench.stack import ROOT, Server
from helpline.wiring import Services, connect

CALLERS = 500
ANSWERS = ("hi", "1", "4", "2", "5", "4", "6")
TIMES, LARGEST = 3, 6
WEB = "helpline.app"
FIRST = (WEB, "workers.__main__", "workers.clock", "helpline.__main__")
IMPORTED = re.compile(r"^import time: +(\d+) \| +\d+ \| +(\S+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Weight:
    """One thing and its weight."""

    name: str
    value: float
    unit: str

    def __str__(self) -> str:
        return f"{self.name:44} {self.value:10,.1f} {self.unit}"


def used(redis: Redis) -> int:
    return int(redis.info("memory")["used_memory"])


def conversations(line: Server, redis: Redis) -> tuple[Weight, Weight]:
    """All that a conversation of seven turns leaves, and what a turn of it moves over the wire to Redis.

    The first of all is not counted: with it the line keeps its content, once.
    """
    walk(line, [f"+1505{CALLERS:07d}"])
    before, moved = used(redis), _moved(redis)
    walk(line, [f"+1505{n:07d}" for n in range(CALLERS)])
    each = (used(redis) - before) / CALLERS
    wire = (_moved(redis) - moved) / CALLERS / len(ANSWERS)
    return Weight(f"a conversation of {len(ANSWERS)} turns, all told", each, "bytes"), Weight(
        "a turn, to and from Redis", wire, "bytes"
    )


def walk(line: Server, numbers: list[str]) -> None:
    """Everybody to the end of triage, question by question."""
    for body in ANSWERS:
        turn.send(line, [line.post("/twilio/sms", stack.text(who, body, turn.sid("SM"))) for who in numbers])


def a_case(services: Services, redis: Redis) -> Weight:
    before = used(redis)
    cases.open_many(services, CALLERS)
    return Weight("a case that a staff member has", (used(redis) - before) / CALLERS, "bytes")


def key_weights(redis: Redis) -> list[Weight]:
    """The mean weight of a key of each kind, with the name's own bytes."""
    kinds: dict[str, list[int]] = {}
    for name in redis.scan_iter(count=1_000):
        kind = name.decode().split(":")[0]
        kinds.setdefault(kind, []).append(int(redis.memory_usage(name) or 0))
    return [
        Weight(f"one {kind}:* key ({len(sizes)})", sum(sizes) / len(sizes), "bytes")
        for kind, sizes in sorted(kinds.items())
    ]


def resident(line: Server) -> list[Weight]:
    """Proportional set size of each kind of process."""
    kinds = {"web worker": "granian", "worker": "workers urgent", "clock": "workers.clock", "Redis": "valkey-server"}
    rows = []
    for name, words in kinds.items():
        sizes = [_pss(pid) for pid in recovery.processes(line, words)]
        rows.append(Weight(f"{name}, memory (largest)", max(sizes) / 1e6, "MB"))
    return rows


def imports() -> list[Weight]:
    """Start-up cost of what each process loads first, what is the most of it, and the content; the best of three."""
    rows = [Weight(f"import {name}", _taken_ms(f"import {name}"), "ms") for name in FIRST]
    largest = sorted(_packages_ms(WEB).items(), key=lambda package: -package[1])[:LARGEST]
    rows += [Weight(f"of {WEB}, modules of {name} (by -X importtime)", ms, "ms") for name, ms in largest]
    read = _taken_ms("content.load(Path('flows/content'))", "from pathlib import Path; from config import content")
    return [*rows, Weight("content read and compiled, in each process", read, "ms")]


def _taken_ms(what: str, before: str = "") -> float:
    """What a new interpreter takes for it."""
    code = f"import time; {before}\nt = time.perf_counter(); {what}; print(time.perf_counter() - t)"
    runs = [_run(["-c", code]).stdout for _ in range(TIMES)]
    return min(map(float, runs)) * 1e3


def _packages_ms(name: str) -> dict[str, float]:
    """The milliseconds of each package that importing this loads, its own modules only."""
    packages: dict[str, float] = {}
    for own_us, module in IMPORTED.findall(_run(["-X", "importtime", "-c", f"import {name}"]).stderr):
        package = module.partition(".")[0]
        packages[package] = packages.get(package, 0.0) + int(own_us) / 1e3
    return packages


def _run(options: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *options], cwd=ROOT, capture_output=True, check=True, text=True)


def measure() -> list[Weight]:
    with stack.line_alone() as (line, services):
        redis = connect(services.settings, answer_s=None)
        rows = [*conversations(line, redis), a_case(services, redis)]
        return [*rows, *key_weights(redis), *resident(line), *imports()]


def _moved(redis: Redis) -> int:
    facts = redis.info("stats")
    return int(facts["total_net_input_bytes"]) + int(facts["total_net_output_bytes"])


def _pss(pid: int) -> float:
    for row in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if row.startswith("Pss:"):
            return float(row.split()[1]) * 1_024
    return 0.0


def section() -> list[dict[str, object]]:
    """The rows as plain values."""
    return [{"name": row.name, "value": row.value, "unit": row.unit} for row in measure()]


if __name__ == "__main__":
    for row in measure():
        print(row)
