"""Each part of the line fails alone: what callers get, what staff get, what the line says of itself, and how it ends."""

import os
import shutil
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta

import pytest
import requests
from redis import Redis

from helpline.ledger.reconcile import SETTLE
from helpline.running.health import OLDEST_BEAT
from helpline.store import Beat
from tests.stories.parts import parts
from tests.stories.people import ANA, BEN, FALLBACK, NUMBERS, ROOT, until
from tests.stories.test_main_story import code_in

pytestmark = pytest.mark.story

SAFE_WITHIN_S = 2.0


@pytest.fixture(scope="module")
def line(short_policy, tmp_path_factory):
    """The emulator's clock is behind by the time the line leaves a text to its webhook: none has to be waited out."""
    with parts(tmp_path_factory.mktemp("d"), short_policy, began=SETTLE + timedelta(seconds=5)) as running:
        running.control("clock", method="PUT", speed=1)
        running.start()
        running.up()
        until("ready", running.ready, 60)
        yield running


@pytest.fixture
def caller(line):
    return line.phone(next(NUMBERS))


@pytest.fixture
def ana(line):
    return line.phone(ANA)


def done_with(line, staff, code):
    """The story is over: nobody is paged any more."""
    staff.texts(f"1 {code}")
    staff.texts(f"DONE {code} 3")
    until("ready again", line.ready, 60)


def last_heard(line, *kinds):
    """A process that was stopped said long ago that it is alive, as it will have if nobody starts it."""
    with line.store() as store:
        for kind in kinds:
            store.beat(kind, datetime.now(UTC) - OLDEST_BEAT[kind], timedelta(minutes=2))


def quick(phone, body):
    began = time.monotonic()
    answer = " ".join(phone.texts(body))
    assert time.monotonic() - began < SAFE_WITHIN_S + 1.0  # the emulator's own way there and back
    return answer


def test_without_a_clock_the_page_goes_out_a_worker_has_the_next_person_asked_and_the_line_says_so(line, caller, ana):
    ben = line.phone(BEN)
    line.stop("clock")
    try:
        caller.texts("i want to kill myself")
        page = ana.gets("Reply 1", 15)
        ben.gets(code_in(page), 30)
        last_heard(line, Beat.CLOCK)
        assert any("clock is silent" in fault for fault in line.faults())
    finally:
        line.start("clock")
    done_with(line, ana, code_in(page))


def test_redis_down_gives_the_safe_answer_with_the_script_and_afterwards_staff_are_paged(line, caller, ana):
    line.redis.stop()
    try:
        answer = quick(caller, "i took all my pills")
        assert "911" in answer
        assert FALLBACK in answer
        assert line.faults() == ["Redis does not answer: callers hear the safe answer and nobody can be paged"]
        call = line.phone(next(NUMBERS)).calls()
        line.phone(FALLBACK).rings(10)
        call.hears("9 1 1").does("hangup")
    finally:
        line.redis.start()
    until("ready again", line.ready, 60)
    page = ana.gets("Reply 1", 90)  # the comparison with Twilio's lists finds the text nobody wrote down
    caller.gets("system was down", 60)
    done_with(line, ana, code_in(page))


def test_a_redis_that_hangs_gives_the_safe_answer_within_two_seconds_and_staff_are_paged_afterwards(line, caller, ana):
    os.kill(line.redis.pid, signal.SIGSTOP)
    try:
        assert FALLBACK in quick(caller, "i took all my pills")
        assert line.faults() == ["Redis does not answer: callers hear the safe answer and nobody can be paged"]
    finally:
        os.kill(line.redis.pid, signal.SIGCONT)
    done_with(line, ana, code_in(ana.gets("Reply 1", 90)))


def test_redis_full_or_read_only_gives_the_safe_answer_and_the_text_again_is_answered_in_full(line):
    redis = Redis.from_url(line.env["REDIS_URL"])
    try:
        for name, bad, good in (("maxmemory", "1", "0"), ("min-replicas-to-write", "3", "0")):
            redis.config_set(name, bad)
            try:
                assert "system has a fault" in quick(line.phone(next(NUMBERS)), "hi")
                assert [fault.partition(":")[0] for fault in line.faults()] == ["Redis takes no writes"]
            finally:
                redis.config_set(name, good)
            assert "bot" in quick(line.phone(next(NUMBERS)), "hi")
    finally:
        redis.close()
    until("ready again", line.ready, 60)


def test_without_workers_the_clock_pages_staff_and_the_line_says_that_it_is_lame(line, caller, ana):
    line.stop("worker urgent", "worker default")
    try:
        assert "911" in quick(caller, "he is not breathing")
        page = ana.gets("Reply 1", 30)
        last_heard(line, Beat.URGENT, Beat.DEFAULT)
        assert {f"nobody works the {queue} queue" for queue in ("urgent", "default")} <= {
            fault.partition(":")[0] for fault in line.faults()
        }
    finally:
        line.start("worker urgent", "worker default")
    done_with(line, ana, code_in(page))


def test_without_twilios_rest_texts_are_answered_and_the_page_goes_out_once_it_is_back(line, caller, ana):
    line.control("faults", kind="rest_status", status=503, always=True, path="/")
    try:
        assert "911" in quick(caller, "my friend overdosed")
        with line.store() as store:
            until("a page that waits", lambda: any(page for case in store.open_cases() for page in case.pages), 15)
        assert ana.received == []
    finally:
        line.control("faults", method="DELETE")
    page = ana.gets("Reply 1", 60)
    done_with(line, ana, code_in(page))


def test_content_broken_at_a_deploy_gives_the_safe_answer_and_the_release_check_refuses_it(line, tmp_path):
    broken = tmp_path / "content"
    shutil.copytree(line.env["CONTENT_DIR"], broken)
    (broken / "policy.yaml").write_text("emergency: {}\n")
    good = dict(line.env)
    line.env["CONTENT_DIR"] = str(broken)
    try:
        refused = line.helpline("check")
        assert refused.returncode == 1
        assert "policy.yaml" in refused.stdout
        line.stop("web")
        line.start("web")
        until("the safe web server", lambda: "policy" in str(line.answers() and line.faults()), 60)
        assert "system has a fault" in quick(line.phone(next(NUMBERS)), "hi")
        call = line.phone(next(NUMBERS)).calls()
        line.phone(FALLBACK).rings(10)
        call.does("hangup")
    finally:
        line.env.update(good)
        line.stop("web")
        line.start("web")
    until("ready again", line.ready, 60)


def test_a_line_whose_key_is_lost_answers_safely_and_its_check_says_which_key(line, caller, ana):
    caller.texts("hi")
    good = dict(line.env)
    line.env["HELPLINE_SECRET_KEYS"] = line.helpline("keys").stdout.split("=", 1)[1].split()[0]
    try:
        line.stop("web")
        line.start("web")
        line.up()
        assert "system has a fault" in quick(caller, "hello again")
        refused = line.helpline("check")
        assert refused.returncode == 1
        assert "HELPLINE_SECRET_KEYS" in refused.stdout
    finally:
        line.env.update(good)
        line.stop("web")
        line.start("web")
    until("ready again", line.ready, 60)


def test_a_line_without_its_keys_does_not_start_and_its_check_says_which_and_how_to_mend_each(line):
    names = ("HELPLINE_SECRET_KEYS", "TWILIO_AUTH_TOKEN", "FALLBACK_NUMBER")
    env = {**line.env, "HELPLINE_DEMO": "0", **dict.fromkeys(names, "")}
    for words in (["web"], ["check", "--here"]):
        ended = subprocess.run(
            [sys.executable, "-m", "helpline", *words],
            cwd=ROOT, env=env, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert ended.returncode == 1
        for name in names:
            assert name in ended.stdout + ended.stderr
    assert requests.get(f"{line.url}/healthz", timeout=5).ok
