"""A new version comes: two web servers, workers and clocks are replaced one by one while people text, call and wait."""

import threading
import time
from contextlib import contextmanager
from functools import partial

import pytest
from redis import Redis
from rq import Worker

from flows.case import Outcome
from tests.ports import free_port
from tests.stories.balancer import balanced
from tests.stories.parts import parts
from tests.stories.people import ANA, NUMBERS, until
from tests.stories.test_main_story import code_in

pytestmark = [pytest.mark.story, pytest.mark.soak, pytest.mark.timeout(600)]

TWICE = ("web", "worker urgent", "worker default", "clock")
BETWEEN_S = 0.2


@pytest.fixture
def line(short_policy, tmp_path_factory):
    """Two of every part behind a balancer, at the addresses that `helpline provision` set."""
    with parts(tmp_path_factory.mktemp("r"), short_policy) as running:
        running.ports = {"web@a": free_port(), "web@b": free_port()}
        with balanced(int(running.env["PORT"]), tuple(running.ports.values())):
            running.start(*(f"{part}@{machine}" for machine in "ab" for part in TWICE))
            for port in running.ports.values():
                until("a web server", lambda port=port: running.answers(port), 150)
            until("ready", running.ready, 60)
            set_up = running.helpline("provision", "--yes")
            assert set_up.returncode == 0, set_up.stderr
            yield running


@contextmanager
def strangers_texting(line):
    """Somebody new writes every moment; gives what each was answered, or that nothing came."""
    answers, stop = [], threading.Event()

    def text():
        while not stop.wait(BETWEEN_S):
            try:
                answers.append(" ".join(line.phone(next(people)).texts("hi")))
            except AssertionError as nothing:
                answers.append(f"NOTHING: {nothing}")

    people = (f"+1202556{n:04d}" for n in range(1000, 2000))
    threads = [threading.Thread(target=text)]
    for thread in threads:
        thread.start()
    try:
        yield answers
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def replace_one_by_one(line):
    """As an operator or platform does: stop one, start its successor, wait until it is there, go on."""
    took = {}
    for name in tuple(line.running):
        began = time.monotonic()
        line.stop(name)
        line.start(name)
        until(f"the new {name}", partial(there, line, name), 150)
        took[name] = round(time.monotonic() - began, 1)
    return took


def there(line, name):
    """Whether a process does its work: a web server answers, a worker is on RQ's list, a clock runs."""
    process = line.running[name]
    if name in line.ports:
        return line.answers(line.ports[name])
    if name.startswith("worker"):
        with Redis.from_url(line.env["REDIS_URL"]) as redis:
            return process.pid in {worker.pid for worker in Worker.all(redis)}
    return process.poll() is None


def test_everything_is_replaced_and_nobody_loses_an_answer_a_page_or_their_place(line, record_property):
    ana, waiting = line.phone(ANA), line.phone(next(NUMBERS))
    call = waiting.calls().hears("9 8 8").says("i took all my pills")
    call.hears("9 1 1")
    code = code_in(ana.gets("Reply 1", 30))
    with strangers_texting(line) as answers:
        until("the first strangers answered", lambda: len(answers) > 2)
        replaced = replace_one_by_one(line)
        after = len(answers)
        record_property("replaced_s", replaced)
        record_property("strangers_answered", after)
        until("strangers answered afterwards", lambda: len(answers) > after + 2)
    assert [answer for answer in answers if "bot" not in answer] == []
    assert call.now["status"] == "in-progress"
    assert code in " ".join(ana.texts(f"1 {code}"))
    ana.rings(30).does("answer").hears("press 1").press("1")
    call.is_connected_with(ANA)
    call.does("hangup")
    assert code in " ".join(ana.texts(f"DONE {code} 3"))
    with line.store() as store:
        case = store.transact(lambda tx: tx.case_by_code(code))
        assert case.outcome is Outcome.TRANSFERRED_911_988
    gaps = line.helpline("ledger", "gaps")
    assert gaps.returncode == 0, gaps.stdout
    assert line.errors() == []
