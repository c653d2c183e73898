"""Two machines for one: how many turns more, and what the loss of a machine costs while people text.

`python -m bench.scale` runs inside namespaces that `section` begins; it prints what it found as JSON.
"""

import json
import secrets
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path

import requests
from redis import Redis
from rq import Worker
from rq.worker import BaseWorker

from bench import cases, load, machines, paging, stack, turn, two_machines
from bench.machines import Machine
from bench.two_machines import STEP_S, WEB, Line, until
from helpline.store import Unavailable, keys
from helpline.wiring import Services, connect

RUNS, CALLERS, CONNECTIONS = 5, 120, 16  # connections to each machine
TRIES = 5
EVERY_S = 0.1  # a text, while a machine is lost
SAFE = "system has a fault"
NEXT_PERSON = "+17175550112"  # of config/roster.demo.yaml
AFTER_S = 1.0  # after the first page the machine is lost: the second falls due while it is
SETTLED_S = 15.0
PATIENT_S = 5.0


@dataclass(slots=True)
class Loss:
    """What one lost machine cost, in seconds: median and longest are drawn from these. `lost` were acknowledged."""

    what: str
    answered: list[float] = field(default_factory=list)
    due_page: list[float] = field(default_factory=list)
    new_page: list[float] = field(default_factory=list)
    workers: list[float] = field(default_factory=list)
    acknowledged: int = 0
    lost: int = 0


def throughput(line: Line) -> dict[str, object]:
    """Turns mid-triage on one machine and on both, the runs in turn."""
    alone: list[float] = []
    both: list[float] = []
    for run in range(RUNS):
        for among, found in ((line.machines[:1], alone), (line.machines, both)):
            found.append(_turns(line, among, run * 2 + len(among)))
    return {"one": sorted(alone), "two": sorted(both), "ratio": sorted(b / a for a, b in zip(alone, both, strict=True))}


def _turns(line: Line, among: tuple[Machine, ...], run: int) -> float:
    places = tuple((one.address, WEB) for one in among)
    who = [f"+1202{run:02d}{n:05d}" for n in range(CALLERS * len(among))]

    def send(bodies: tuple[str, ...]) -> load.Result:
        posts = [
            line.server.post("/twilio/sms", stack.text(one, body, turn.sid("SM"))) for body in bodies for one in who
        ]
        result = load.run(*places[0], posts, CONNECTIONS * len(among), places[1:])
        if result.wrong:
            raise RuntimeError(f"{result.wrong} of {len(posts)} answers were not 200: see {line.folder}")
        return result

    send(("hi", "1"))
    return send(turn.ANSWERS).per_second


@dataclass(slots=True)
class Texts:
    """Ordinary people who text all the while, and which were answered in full."""

    line: Line
    over: threading.Event = field(default_factory=threading.Event)
    answered: list[tuple[float, str]] = field(default_factory=list)
    not_answered: list[float] = field(default_factory=list)

    def go_on(self) -> None:
        with ThreadPoolExecutor(128) as hands:
            while not self.over.wait(EVERY_S):
                hands.submit(self._one)

    def _one(self) -> None:
        at, sid = time.time(), turn.sid("SM")
        if in_full(self.line, stack.text(f"+1404{secrets.randbelow(10**7):07d}", "hi", sid)):
            self.answered.append((at, sid))
        else:
            self.not_answered.append(at)


def in_full(line: Line, form: dict[str, str]) -> bool:
    """Whether a text is answered, and by the line itself and not by the safe answer."""
    headers = line.server.signed("/twilio/sms", form)
    try:
        answer = requests.post(f"{line.server.url}/twilio/sms", data=form, headers=headers, timeout=5)
    except requests.RequestException:
        return False
    return answer.ok and SAFE not in answer.text


def lose(line: Line, services: Services, loss: Loss, machine: Machine, come_back: Callable[[], None]) -> None:
    """One try: a case is paged, its next page is to go out in a second, and the machine loses its power."""
    until("ready", line.ready)
    until("the replica in step", line.in_step)
    redis = connect(services.settings, answer_s=PATIENT_S)
    texts = Texts(line)
    stream = threading.Thread(target=texts.go_on)
    stream.start()
    before = paging.last_record(line.server)
    waits, new = _danger(), _danger()
    until("a danger text answered", lambda: in_full(line, waits))
    opened = time.time()
    time.sleep(AFTER_S)
    cut = time.time()
    machine.lose_power()
    until("a danger text answered again", lambda: in_full(line, new))
    codes = [_case(services, form) for form in (waits, new)]
    loss.workers.append(_workers_back(redis, cut, len(line.machines) - (machine in line.machines)))
    texts.over.set()
    stream.join()
    due = _page(line, before, codes[0], NEXT_PERSON)
    loss.due_page.append(max(0.0, due - opened - STEP_S))
    loss.new_page.append(_page(line, before, codes[1]) - cut)
    loss.answered.append(max((at for at in texts.not_answered if at >= cut), default=cut) - cut)
    loss.acknowledged += len(texts.answered) + 2
    loss.lost += sum(redis.zscore(keys.SEEN, sid) is None for _, sid in texts.answered)
    for code in codes:
        cases.close(services, code)
    machine.plug()
    come_back()
    until("both workers", lambda: len(_workers(redis, cut)) >= len(line.machines))


def _danger() -> dict[str, str]:
    return stack.text(f"+1303{secrets.randbelow(10**7):07d}", paging.DANGER, turn.sid("SM"))


def _case(services: Services, form: dict[str, str]) -> str:
    key, found = services.store.vault.caller_key(form["From"]), []

    def look() -> bool:
        with suppress(Unavailable):  # a connection to the lost server; the next one goes to the new one
            case = services.store.transact(lambda tx: tx.case_of(key))
            found.extend([case.code] if case else [])
        return bool(found)

    until("the case of an acknowledged danger text", look, SETTLED_S)
    return found[0]


def _page(line: Line, after: int, code: str, to: str = "") -> float:
    """When the carrier had the first page text with this code."""
    found = []

    def look() -> bool:
        told = requests.get(f"{line.server.api}/journal?kind=rest&after={after}", timeout=10).json()["records"]
        for record in told:
            params = record["data"]["params"]
            if code in str(params.get("Body", "")) and to in str(params.get("To", "")):
                found.append(datetime.fromisoformat(record["at"]).timestamp())
        return bool(found)

    until(f"a page of {code}", look)
    return found[0]


def _workers(redis: Redis, since: float) -> list[BaseWorker]:
    """The workers for what is urgent that were heard of since."""
    return [
        one
        for one in Worker.all(connection=redis)
        if "urgent" in one.queue_names() and one.last_heartbeat and one.last_heartbeat.timestamp() > since
    ]


def _workers_back(redis: Redis, cut: float, count: int) -> float:
    until("the workers back", lambda: len(_workers(redis, cut)) >= count)
    return time.time() - cut


def losses(line: Line) -> list[Loss]:
    """The primary's machine and a machine of the line, a few times each."""
    services = line.services()
    store, ours = Loss("the machine of the Redis primary"), Loss("one of the two machines of the line")
    for n in range(TRIES):
        dead = line.primary()

        def follow(dead: Machine = dead) -> None:
            primary = line.primary()
            line.start_store(dead, of=primary)
            line.start_sentinel(dead, primary)

        lose(line, services, store, dead, follow)
        machine = line.machines[n % 2]
        lose(line, services, ours, machine, partial(line.start, machine))
    return [store, ours]


def measure() -> dict[str, object]:
    """Inside the namespaces."""
    with tempfile.TemporaryDirectory() as scratch, two_machines.line(Path(scratch)) as line:
        rates = throughput(line)
        print(rates, file=sys.stderr)
        return {"rates": rates, "limited": line.limited, "losses": [asdict(one) for one in losses(line)]}


def section() -> dict[str, object]:
    """What was found, or why it could not be tried here."""
    try:
        found: dict[str, object] = json.loads(machines.inside(__name__))
    except machines.NotHere as fault:
        return {"left_out": str(fault)}
    return found


if __name__ == "__main__":
    print(json.dumps(measure()))
