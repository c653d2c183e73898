import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st

from config import demo
from config.settings import Settings
from helpline.running import programs, supervise, takeover
from helpline.running.processes import LONGEST_PAUSE_S, SHORTEST_PAUSE_S, Child, Program, pause_before_restart
from tests.ports import free_port

PROJECT = Path(__file__).parents[2]


def demo_environment(folder, **more):
    return demo.completed({"VAR_DIR": str(folder), "PATH": os.environ["PATH"], "PYTHONPATH": str(PROJECT), **more})


def until(condition, within_s=20.0):
    """Wait on a condition with a deadline."""
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, "the condition never came true"
        time.sleep(0.01)


def python(name, code, **env):
    return Program(name, (sys.executable, "-c", code), {"PATH": os.environ["PATH"], **env})


@contextlib.contextmanager
def running(child):
    child.start(time.monotonic())
    try:
        yield child
    finally:
        child.ask_to_stop()
        child.wait(5.0)


def test_a_child_that_dies_is_started_again_after_its_pause():
    said = []
    with running(Child(python("clock", "import time; time.sleep(60)"), said.append)) as child:
        first = child.pid
        os.kill(first, signal.SIGKILL)
        until(lambda: child.pid is None)
        child.revive(100.0)
        assert child.pid is None
        child.revive(100.0 + child.pause_s)
        assert child.pid not in {None, first}
    assert len(said) == 1
    assert said[0].startswith("clock ended (signal SIGKILL); again in ")


@given(st.lists(st.floats(min_value=0, max_value=29), min_size=1, max_size=20))
def test_pauses_double_up_to_the_longest_while_a_child_keeps_dying(lives):
    pauses = [0.0]
    for lived_s in lives:
        pauses.append(pause_before_restart(pauses[-1], lived_s))
    assert pauses[1] == SHORTEST_PAUSE_S
    assert pauses[1:] == [min(SHORTEST_PAUSE_S * 2**each, LONGEST_PAUSE_S) for each in range(len(lives))]


def test_a_child_that_ran_well_is_started_again_at_once():
    assert pause_before_restart(LONGEST_PAUSE_S, 31.0) == SHORTEST_PAUSE_S


def test_a_child_that_does_not_stop_is_ended_with_all_it_started():
    said = []
    deaf = (
        "import signal, subprocess, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        "print('up', flush=True); time.sleep(60)"
    )
    child = Child(python("web", deaf), said.append)
    child.start(time.monotonic())
    pid = child.pid
    until(lambda: _ignores_term(pid))
    child.ask_to_stop()
    child.wait(0.1)
    assert child.pid is None
    assert said == ["web did not stop within 0.1 s; ended by force"]


def _ignores_term(pid):
    ignored = next(line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("SigIgn"))
    return bool(int(ignored.split()[1], 16) >> (signal.SIGTERM - 1) & 1)


def test_a_child_is_ended_even_when_nobody_can_be_told():
    def broken_pipe(_):
        raise BrokenPipeError

    child = Child(python("web", "import signal, time; signal.signal(15, signal.SIG_IGN); time.sleep(60)"), broken_pipe)
    child.start(time.monotonic())
    until(lambda pid=child.pid: _ignores_term(pid))
    child.ask_to_stop()
    with pytest.raises(BrokenPipeError):
        child.wait(0.1)
    assert child.pid is None


def test_many_signals_at_once_stop_a_line_once(tmp_path):
    code = (
        "from helpline.running.supervise import Stopping; stopping = Stopping()\n"
        "with stopping.heard(renewable=True):\n"
        "    print('up', flush=True)\n"
        "    while not stopping.within(0.01): pass"
    )
    with subprocess.Popen([sys.executable, "-c", code], cwd=PROJECT, stdout=subprocess.PIPE) as process:
        process.stdout.readline()
        for _ in range(200):
            process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0


def test_the_line_is_the_web_server_one_worker_a_queue_and_the_clock(tmp_path):
    env = demo_environment(tmp_path)
    names = [program.name for program in programs.programs(Settings.read(env), env)]
    assert names == ["emulator", "web", "worker urgent", "worker default", "clock"]


def test_a_real_line_has_no_emulator(tmp_path):
    env = demo_environment(tmp_path) | {"HELPLINE_DEMO": "0"}
    settings = Settings.read(env)
    assert "emulator" not in [program.name for program in programs.programs(settings, env)]
    assert not [line for line in programs.addresses(settings) if "Phones" in line]


def test_no_secret_stands_on_a_command_line(tmp_path):
    env = demo_environment(tmp_path)
    settings = Settings.read(env)
    secrets = [settings.auth_token.get_secret_value(), settings.lookup_key.get_secret_value()]
    words = [word for program in programs.programs(settings, env) for word in program.command]
    assert not [word for word in words for secret in secrets if secret in word]


@pytest.mark.parametrize("setting", ["PORT", "TWILIO_API_URL"])
def test_a_port_in_use_is_refused_naming_the_port_and_the_setting(setting, tmp_path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        taken = {"PORT": str(port)} if setting == "PORT" else {"TWILIO_API_URL": f"http://127.0.0.1:{port}"}
        env = demo_environment(tmp_path, **({"PORT": str(free_port())} | taken))
        with pytest.raises(programs.CannotRun, match=rf"Port {port} on 127\.0\.0\.1 cannot be used .* set {setting}"):
            supervise.line(Settings.read(env), env, print)


def test_a_line_that_cannot_start_leaves_nothing_running(tmp_path, monkeypatch):
    env = demo_environment(tmp_path, PORT=str(free_port()), TWILIO_API_URL=f"http://127.0.0.1:{free_port()}")
    line = supervise.line(Settings.read(env), env, print)
    monkeypatch.setattr(supervise, "_answers", lambda _: True)  # the phones are then put up before anybody listens
    monkeypatch.setattr(supervise.demo_phones, "_TIMEOUT_S", 0.01)
    with pytest.raises(requests.RequestException):
        line.run()
    assert [child.pid for child in line.children] == [None] * 5
    assert line.redis.pid is None


@pytest.mark.story
def test_the_whole_line_comes_up_says_where_and_stops_cleanly(tmp_path):
    port, api_port = free_port(), free_port()
    env = demo_environment(tmp_path, PORT=str(port), TWILIO_API_URL=f"http://127.0.0.1:{api_port}")
    process = subprocess.Popen(
        [sys.executable, "-m", "helpline", "run"],
        cwd=tmp_path,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    watch = threading.Timer(60, process.kill)
    watch.start()
    try:
        said = []
        for line in process.stdout:
            said.append(line)
            if "Stop with Ctrl-C" in line:
                break
        assert any(line.startswith(f"Phones    http://127.0.0.1:{api_port}") for line in said), said
        os.killpg(process.pid, signal.SIGINT)  # what Ctrl-C in a terminal does
        rest = process.stdout.read()
        assert process.wait(20) == 0, rest
        assert "ended by force" not in rest
        assert "Traceback" not in rest
    finally:
        watch.cancel()
        process.kill()
        process.stdout.close()
        process.wait()
    with pytest.raises(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port), timeout=1):
        pass


# --- a new version takes over


class Answering:
    """A health page: answers as these processes in turn, each `server.worker`; None answers without saying which."""

    def __init__(self, *processes):
        self.processes, self.asked = processes, 0

    def get(self, _address, timeout):
        assert timeout <= 1
        process = self.processes[self.asked % len(self.processes)]
        self.asked += 1
        answer = requests.Response()
        answer.status_code = 200
        answer.headers.update({} if process is None else {"Helpline-Process": process})
        return answer


def waits_at_most(looks):
    return lambda so: any(so() for _ in range(looks))


SLEEPS = "import time; time.sleep(60)"


@pytest.fixture
def old():
    with running(Child(python("web", SLEEPS), lambda _: None)) as child:
        yield child


def taken_over(old, monkeypatch, answers, looks=8):
    started = []
    begin = Child.start

    def start(child, now_s):
        begin(child, now_s)
        started.append(child)
        page = Answering(*(one and one.replace("new", str(child.pid)) for one in answers))
        monkeypatch.setattr(takeover.requests, "get", page.get)

    monkeypatch.setattr(Child, "start", start)
    serving = takeover.take_over(old, "http://here/healthz", waits_at_most(looks), 0.0)
    (new,) = started
    return serving, new


def test_the_old_web_server_may_end_once_each_process_of_the_new_one_has_answered(old, monkeypatch):
    serving, new = taken_over(old, monkeypatch, ("1.1", "new.7", "new.7", "new.8"))
    try:
        assert serving is new
        assert old.pid is not None, "ending it is for whoever asked"
    finally:
        new.ask_to_stop()
        new.wait(5.0)


@pytest.mark.parametrize(
    "answers", [("1.1",), ("new.7",), (None,)], ids=["only the old one", "half of the new one", "only the safe answer"]
)
def test_otherwise_the_old_one_stays_and_the_new_one_is_ended(old, monkeypatch, answers):
    serving, new = taken_over(old, monkeypatch, answers)
    assert serving is old
    assert old.pid is not None
    assert new.pid is None


def test_a_new_version_that_dies_at_once_is_given_up_at_once(monkeypatch):
    program = python("web", "raise SystemExit(1)")
    with running(Child(program, lambda _: None)) as old:
        monkeypatch.setattr(takeover.requests, "get", Answering("1.1").get)
        began = time.monotonic()
        assert takeover.take_over(old, "http://here/healthz", lambda so: until(so) is None, 0.0) is old
        assert time.monotonic() - began < 20
