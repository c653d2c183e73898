"""What a job costs a worker, and how many jobs and requests to the carrier a case makes, by RQ's own counts.

Each case has a whole course: a danger text, its page, a claim by text, the call that joins the two, and its end.
"""

import secrets
import statistics
import time
from dataclasses import dataclass

import requests
from redis import Redis

from bench import cases, paging, stack
from bench.stack import Server
from helpline.outbox import Bell, Job
from helpline.wiring import Services, connect

CASES = 20
ANA = "+17175550111"  # on call in config/roster.demo.yaml
SETTLED_S = 3.0  # after the claim: the call is tried and what comes of it is written
ASKED = 30
EMPTY, NOBODY = 1_000, "nobody"
PATIENCE_S = 30.0


@dataclass(frozen=True, slots=True)
class Work:
    """What RQ's workers for what is urgent have done: seconds at work, and jobs."""

    seconds: float
    jobs: int


def work(redis: Redis) -> Work:
    """Counted by RQ in each worker's own record."""
    seconds, jobs = 0.0, 0
    for name in redis.smembers("rq:workers:urgent"):
        spent, good, bad = redis.hmget(name, "total_working_time", "successful_job_count", "failed_job_count")
        seconds += float(spent or 0)
        jobs += int(good or 0) + int(bad or 0)
    return Work(seconds, jobs)


def queue_s(services: Services, redis: Redis) -> float:
    """Seconds of a worker for a job besides its work: many that find nothing to do, as fast as one worker does them."""
    before, begun = work(redis), time.perf_counter()
    services.store.ring(*(Bell(Job.STAY, (NOBODY,)) for _ in range(EMPTY)))
    while work(redis).jobs - before.jobs < EMPTY:
        if time.perf_counter() - begun > PATIENCE_S:
            raise RuntimeError("the worker did not come to the end of its queue")
        time.sleep(0.01)
    return (time.perf_counter() - begun - (work(redis).seconds - before.seconds)) / EMPTY


def course(line: Server, services: Services) -> None:
    """One case from the danger text to its end by a human's word."""
    caller = f"+1303{secrets.randbelow(10**7):07d}"
    requests.post(f"{line.api}/phones", json={"number": caller}, timeout=5).raise_for_status()
    after = paging.last_record(line)
    send(line, caller, paging.DANGER)
    code = code_of(services, caller)
    paging.page_of(line, code, after)
    send(line, ANA, f"1 {code}")
    time.sleep(SETTLED_S)
    send(line, ANA, f"DONE {code} 3")
    cases.close(services, code)


def code_of(services: Services, caller: str) -> str:
    """The code of the case, once the carrier has handed the text over."""
    key, until = services.store.vault.caller_key(caller), time.monotonic() + PATIENCE_S
    while (case := services.store.transact(lambda tx: tx.case_of(key))) is None:
        if time.monotonic() > until:
            raise RuntimeError("the danger text opened no case")
        time.sleep(0.01)
    return case.code


def send(line: Server, number: str, body: str) -> None:
    """A text from a telephone, by way of the carrier."""
    sent = {"to": stack.HELPLINE, "body": body}
    requests.post(f"{line.api}/phones/{number}/texts", json=sent, timeout=20).raise_for_status()


def carrier_s(line: Server, services: Services) -> float:
    """The seconds that the stand-in for the carrier takes to answer a request: what a real one takes comes on top."""
    settings, taken = services.settings, []
    address = f"{line.api.removesuffix('/emulator/api')}/2010-04-01/Accounts/{settings.account_sid}/Messages.json"
    text = {"To": ANA, "From": settings.helpline_number, "Body": "How long does an answer take?"}
    with requests.Session() as session:
        session.auth = (settings.account_sid, settings.auth_token.get_secret_value())
        for _ in range(ASKED):
            begun = time.perf_counter()
            session.post(address, data=text, timeout=10).raise_for_status()
            taken.append(time.perf_counter() - begun)
    return statistics.median(taken)


def section() -> dict[str, float]:
    """Seconds of a worker for one job, jobs and requests of one case, and the stand-in carrier's own time."""
    habits = {"EMULATOR_WORD_S": "0.01", "EMULATOR_CALLS_PER_SECOND": "20"}
    with stack.line_alone(habits) as (line, services):
        redis = connect(services.settings, answer_s=None)
        course(line, services)  # the first one reads content and opens connections
        before, asked = work(redis), asked_of_carrier(line)
        for _ in range(CASES):
            course(line, services)
        after = work(redis)
        jobs = after.jobs - before.jobs
        return {
            "queue_s": queue_s(services, redis),
            "empty": EMPTY,
            "job_s": (after.seconds - before.seconds) / jobs,
            "jobs": jobs / CASES,
            "requests": (asked_of_carrier(line) - asked) / CASES,
            "carrier_s": carrier_s(line, services),
            "cases": CASES,
        }


def asked_of_carrier(line: Server) -> int:
    """How many requests to do something it has had."""
    records = requests.get(f"{line.api}/journal?kind=rest", timeout=10).json()["records"]
    return sum(record["data"]["method"] == "POST" for record in records)


if __name__ == "__main__":
    print(section())
