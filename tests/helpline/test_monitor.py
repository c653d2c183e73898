"""I24: the loss of any one part raises an alarm within two minutes, by a way that needs none of them."""

import os
import signal
import threading
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from flows.pages import PageState
from helpline.commands.monitor import NO_ANSWER, Voice, ping, ready
from helpline.running.drill import DRILL, Drills
from helpline.running.monitor import NO_PAGE_ARRIVES, Monitor
from helpline.store import Beat
from tests.helpline.inside import inside
from workers.clock import Clock
from workers.doing import do

CARLA, FALLBACK, PHONE = "+17175550113", "+17175550199", "+17175550198"
STEP_S = 15


class Carrier:
    """The one thing the alarm needs, and what it was asked."""

    def __init__(self):
        self.texts, self.calls = [], []

    def text(self, to, body, callbacks, *, valid_for=None):  # noqa: ARG002
        self.texts.append((to, body))
        return "SM1"

    def say(self, to, document):
        self.calls.append((to, document))
        return "CA1"


@pytest.fixture(scope="module")
def line(tmp_path_factory):
    with inside(tmp_path_factory.mktemp("monitor"), MONITOR_NUMBER=PHONE) as running:
        yield running


class Watch:
    """A monitor over the line's own /readyz, with the line's parts beating as long as they are told to."""

    def __init__(self, line, drills=None):
        self.line, self.carrier, self.pings = line, Carrier(), []
        self.alive = set(Beat)
        self.monitor = Monitor(
            look=self._look,
            drills=drills,
            alarm=Voice(line.settings, self.carrier, line.services.content),
            ping=lambda: self.pings.append(line.clock()),
            clock=line.clock,
            drill_every=timedelta(minutes=5),
        )

    def _look(self):
        answer = self.line.app.test_client().get("/readyz")
        return tuple(answer.get_json()["faults"])

    def goes_on(self, seconds):
        for _ in range(0, seconds, STEP_S):
            self.line.clock.forward(seconds=STEP_S)
            for kind in self.alive:
                self.line.services.store.beat(kind, self.line.clock(), timedelta(minutes=5))
            self.monitor.tick()

    @property
    def alarms(self):
        return [(to, body) for to, body in self.carrier.texts if "ALARM" in body]


@pytest.fixture
def watch(line):
    line.redis.flushall()
    return Watch(line)


def test_while_all_is_well_nobody_is_told_and_the_service_outside_is_called_every_minute(watch):
    watch.goes_on(600)
    assert watch.alarms == []
    assert len(watch.pings) == 10


@pytest.mark.parametrize("part", list(Beat))
def test_i24_a_process_that_falls_silent_is_told_within_two_minutes_by_text_and_call(watch, part):
    watch.goes_on(60)
    watch.alive.discard(part)
    pings = len(watch.pings)
    watch.goes_on(120)
    assert {to for to, _ in watch.alarms} == {CARLA, FALLBACK}
    assert {to for to, _ in watch.carrier.calls} == {CARLA, FALLBACK}
    assert all("queue" in body or "clock" in body for _, body in watch.alarms)
    assert len(watch.pings) <= pings + 1


def test_i24_rows_that_nobody_sweeps_are_told(watch):
    watch.goes_on(15)
    watch.line.text("+12025550155", "i took all my pills")
    watch.goes_on(120)
    assert any("due row" in body for _, body in watch.alarms)


def test_trouble_of_a_few_seconds_is_no_alarm_and_its_end_is_told_once(watch):
    watch.goes_on(60)
    watch.alive.clear()
    watch.goes_on(30)
    watch.alive = set(Beat)
    watch.goes_on(60)
    assert watch.alarms == []
    watch.alive.clear()
    watch.goes_on(600)
    watch.alive = set(Beat)
    watch.goes_on(60)
    assert [body for to, body in watch.carrier.texts if to == CARLA and "works again" in body] != []
    assert len([1 for to, _ in watch.alarms if to == CARLA]) == 1


def test_a_trouble_that_lasts_is_told_again_every_quarter_of_an_hour(watch):
    watch.goes_on(30)
    watch.alive.clear()
    watch.goes_on(3600)
    assert len([1 for to, _ in watch.alarms if to == CARLA]) == 4


def test_i24_a_line_without_redis_is_told(tmp_path):
    with inside(tmp_path) as line:
        watch = Watch(line)
        watch.goes_on(30)
        watch.alive.clear()
        (pid,) = [int(line.redis.info("server")["process_id"])]
        os.kill(pid, signal.SIGKILL)
        watch.goes_on(90)
        assert any("Redis does not answer" in body for _, body in watch.alarms)


def test_i24_a_web_server_that_is_gone_is_seen_as_such():
    assert ready("http://127.0.0.1:9") == (NO_ANSWER,)


# -- the made-up page ---------------------------------------------------------------------------------------------


class Carried(Carrier):
    """A carrier to the line's own pager; `arrives`: whether it reports the text as delivered."""

    def __init__(self, line, *, arrives):
        super().__init__()
        self.line, self.arrives = line, arrives

    def text(self, to, body, callbacks, *, valid_for=None):  # noqa: ARG002
        super().text(to, body, callbacks)
        if self.arrives:
            path = callbacks.status.removeprefix(self.line.settings.public_url)
            form = {"MessageSid": "SM" + "7" * 32, "MessageStatus": "delivered"}
            threading.Thread(target=self.line.post, args=(path, form)).start()
        return "SM" + "7" * 32


@pytest.fixture
def drilling(line):
    line.redis.flushall()

    def make(*, arrives):
        from dataclasses import replace

        carrier = Carried(line, arrives=arrives)
        services = replace(line.services, pager=replace(line.services.pager, gateway=carrier))
        watch = Watch(line, Drills(line.services.store, line.services.content.policy))
        watch.to_pager, watch.sweeper = carrier, Clock(services)
        return watch

    return make


def drill(watch, seconds):
    for _ in range(0, seconds, STEP_S):
        watch.goes_on(STEP_S)
        for _ in range(8):
            watch.line.clock.forward(seconds=1.1)
            watch.sweeper.sweep()


def test_a_made_up_page_goes_all_the_way_to_the_monitors_phone_and_is_taken_back(drilling):
    watch = drilling(arrives=True)
    drill(watch, 120)
    assert [to for to, _ in watch.to_pager.texts] == [PHONE]
    assert watch.alarms == []
    assert watch.pings
    assert watch.line.redis.keys("case:drill*") == []
    assert watch.line.redis.zrange("due", 0, -1) == []


def test_i24_a_made_up_page_that_does_not_arrive_is_told_within_two_minutes(drilling):
    watch = drilling(arrives=False)
    drill(watch, 120)
    assert any(NO_PAGE_ARRIVES in body for _, body in watch.alarms)


def test_nobody_but_the_monitors_phone_hears_of_a_made_up_page(line, drilling):
    watch = drilling(arrives=True)
    drills = Drills(line.services.store, line.services.content.policy)
    case_id = drills.begin(line.clock())
    assert line.services.store.open_cases() == ()
    case = line.services.store.case(case_id)
    assert [page.staff_id for page in case.pages] == [DRILL]
    assert case.pages[0].state is PageState.DUE
    line.clock.forward(hours=3)
    for bell in line.services.dispatch.advance(case_id):
        assert bell.ids[0] == case_id
        do(watch.sweeper.line, bell.job, bell.ids)
    assert {to for to, _ in watch.to_pager.texts} <= {PHONE}
    drills.end(case_id, line.clock())
    assert line.services.store.case(case_id) is None


# -- the service outside ------------------------------------------------------------------------------------------


def test_the_service_outside_is_called_at_its_address():
    called = []

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self):
            called.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            return

    server = HTTPServer(("127.0.0.1", 0), Answers)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        ping(f"http://127.0.0.1:{server.server_port}/beat/42")
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    assert called == ["/beat/42"]


def test_a_service_outside_that_is_gone_or_not_set_does_not_stop_the_monitor():
    ping("http://127.0.0.1:9/")
    ping("")
