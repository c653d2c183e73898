"""A whole line in one process on a moved clock: the real application, store, Redis and jobs; carrier and people made up.

A process that dies is an exception nothing catches, raised at the line's own fault points: whatever it had not written
is gone, as after SIGKILL. A job that is lost is taken from the real queue and not done.
"""

import contextlib
import heapq
import os
import signal
import time
from base64 import urlsafe_b64encode
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import count
from pathlib import Path
from random import Random
from urllib.parse import urlsplit

from rq import Queue
from rq.job import Job as RqJob
from rq.serializers import JSONSerializer

from config import demo
from config.settings import Settings
from helpline.app import create_app
from helpline.gateway.failures import Refused, Unavailable, Uncertain
from helpline.outbox import Job, QueueName
from helpline.running.embedded_redis import EmbeddedRedis
from helpline.running.fault_points import Struck
from helpline.store import Conflict, keys
from helpline.store import Unavailable as StoreUnavailable
from helpline.wiring import build
from tests.helpline.inside import BEGIN, Clock, Inside
from tests.paging.carrier import Carrier, Chances
from workers.clock import Clock as Sweeper
from workers.doing import do

SWEEP_S = 0.25


def drawn_once(name):
    return urlsafe_b64encode(sha256(name.encode()).digest()).decode()


KEYS = {
    "TWILIO_ACCOUNT_SID": f"AC{sha256(b'account').hexdigest()[:32]}",
    "TWILIO_AUTH_TOKEN": sha256(b"token").hexdigest()[:32],
    "HELPLINE_SECRET_KEYS": drawn_once("secret"),
    "HELPLINE_LOOKUP_KEY": drawn_once("lookup"),
}
"""Always the same: callers, cases and what falls due together are told apart, and put in order, by what these make."""
JOB_FAILS = (Unavailable, Uncertain, Refused, StoreUnavailable, Conflict, Struck)


class Died(BaseException):
    """SIGKILL: no handler of the program may see it as an error."""


class Deaths:
    """The line's fault points, in the hands of chance or of a test (`wanted`: point -> how often)."""

    def __init__(self, house):
        self.house, self.wanted, self.struck = house, Counter(), Counter()
        self.raised = Died

    def reach(self, point):
        if point in self.house.stalls:
            self.house.stall(self.house.stalls.pop(point))
            return
        if self.wanted[point] > 0:
            self.wanted[point] -= 1
        elif self.house.random.random() >= self.house.chances.died_at.get(point, 0.0):
            return
        self.struck[point] += 1
        raise self.raised(point)


class World:
    """Redis and the services over it; built once, used for many nights."""

    def __init__(self, folder: Path, **env: str):
        self.server = EmbeddedRedis(folder).start()
        given = {"VAR_DIR": str(folder), "TWILIO_API_URL": "http://127.0.0.1:9", "HELPLINE_DEMO": "1", **KEYS, **env}
        self.settings = Settings.read(demo.completed(given)).model_copy(update={"redis_url": self.server.address})
        self.clock = Clock()
        self.built = build(self.settings, self.clock)

    def kill_redis(self):
        """SIGKILL, and the restart that a supervisor does."""
        os.kill(self.server.pid, signal.SIGKILL)
        while self.server.pid is not None:
            time.sleep(0.01)
        self.server.start()

    def stop(self):
        self.built.store._redis.close()
        self.server.stop()


class House:
    """One run. `people` decides what staff and callers do; `run()` goes on until nothing is left to happen."""

    def __init__(self, world: World, people, seed=1, chances=None):
        self.world, self.random, self.chances = world, Random(seed), chances or Chances()
        self.people, self.seen, self.faulty = people, Counter(), []
        self.clock, self.deaths, self.carrier = world.clock, Deaths(self), Carrier(self)
        self.clock.now = BEGIN
        self.oldest_due_s = 0.0
        self.stalls = {}  # fault point -> for how many seconds the process that comes there first stands still
        self._heap, self._order = [], count()
        built = world.built
        self.line = replace(
            built,
            faults=self.deaths,
            conversations=replace(built.conversations, faults=self.deaths),
            errands=replace(built.errands, gateway=self.carrier),
            pager=replace(built.pager, gateway=self.carrier, faults=self.deaths),
            post=replace(built.post, gateway=self.carrier),
        )
        self.inside = Inside(world.settings, self.line, create_app(self.line), built.store._redis, world.clock)
        self.store = built.store
        self.redis = built.store._redis
        self.redis.flushall()
        self._queues = [Queue(name.value, connection=self.redis, serializer=JSONSerializer) for name in QueueName]
        self.sweeper = Sweeper(self.line)
        people.house = self

    # -- time -----------------------------------------------------------------------------------------------------

    @property
    def now(self):
        return self.clock.now

    def later(self, seconds, do):
        heapq.heappush(self._heap, (self.now + timedelta(seconds=seconds), next(self._order), do))

    def run(self, until=None):
        """Go on until nothing is left, or for so many seconds."""
        end = None if until is None else self.now + timedelta(seconds=until)
        while True:
            due = self._look()
            event = self._heap[0][0] if self._heap else None
            moments = [one for one in (due, event) if one is not None]
            if not moments or (end is not None and min(moments) > end):
                break
            if event is not None and (due is None or event <= max(due, self.now) + timedelta(seconds=SWEEP_S)):
                self.clock.now, _, do = (max(self.now, event), *heapq.heappop(self._heap)[1:])
                self._survive(do)
            else:
                self.clock.now = max(self.now, due) + timedelta(seconds=SWEEP_S)
                self.oldest_due_s = max(self.oldest_due_s, (self.now - due).total_seconds())
                self._survive(self.sweeper.sweep)
        if end is not None:
            self.clock.now = max(self.now, end)
        return self

    def stall(self, seconds):
        """This process is stopped, as by SIGSTOP, while the world goes on; then it goes on where it was."""
        self.seen["stalled"] += 1
        self.run(until=seconds)

    def _survive(self, do):
        """Run something in a process of the line's own: it may die, and nothing else does."""
        try:
            do()
        except Died:
            self.seen["processes died"] += 1
        except JOB_FAILS as fault:
            self.seen[f"failed {type(fault).__name__}"] += 1

    def _look(self):
        """Take the jobs that were rung for, and see when the first row falls due: in one round trip."""
        with self.redis.pipeline(transaction=False) as pipe:
            for queue in self._queues:
                pipe.lpop(queue.key, 200)
            pipe.zrange(keys.DUE, 0, 0, withscores=True)
            *popped, rows = pipe.execute()
        ids = [raw.decode() for some in popped for raw in some or ()]
        for job in RqJob.fetch_many(ids, connection=self.redis, serializer=JSONSerializer) if ids else ():
            self._take(job)
        return datetime.fromtimestamp(float(rows[0][1]) / 1000, UTC) if rows else None

    def _take(self, job):
        if self.random.random() < self.chances.job_lost:
            self.seen["jobs lost"] += 1
            return
        name, ids = job.func_name, job.args
        self.later(self.random.uniform(0.02, 0.6), lambda: do(self.line, Job(name), tuple(ids)))

    # -- the line's web ---------------------------------------------------------------------------------------------

    def address(self, path):
        return f"{self.world.settings.public_url}{path}"

    def fetch(self, url, form):
        """Post a signed form to an address the line gave out; a web process that dies is asked once more."""
        parts = urlsplit(url)
        path = f"{parts.path}?{parts.query}" if parts.query else parts.path
        for _ in range(2):
            with contextlib.suppress(Died):
                answer = self.inside.post(path, form)
                if answer.status_code < 500:
                    return answer.get_data(as_text=True)
        return ""

    def text_in(self, number, body):
        """A person texts the line: the webhook, and its fallback if that dies."""
        form = {"MessageSid": self.inside.sid("SM"), "From": number, "To": "+17175550100", "Body": body}
        for path in ("/twilio/sms", "/twilio/sms/fallback", "/twilio/sms/fallback"):
            with contextlib.suppress(Died):
                return self.inside.post(path, form).get_data(as_text=True)
        return ""

    # -- what the carrier asks of the people ----------------------------------------------------------------------

    def requested(self, leg):
        self.people.requested(leg)

    def reads(self, leg):
        self.people.reads(leg)

    def picks_up(self, leg):
        self.people.picks_up(leg)

    def hears(self, leg, action, follow):
        self.people.hears(leg, action, follow)

    def meets(self, leg, inside):
        self.people.meets(leg, inside)

    def talk(self, legs):
        self.people.talk(legs)

    # -- what there is to see ----------------------------------------------------------------------------------------

    def case(self, case_id):
        return self.store.case(case_id)

    def open_cases(self):
        return self.store.open_cases()
