"""Machines on one machine: a network namespace each, all on one switch, and half a core each where that can be had.

Needs Linux with `unshare` and `ip`, but not root: all of it stands in namespaces of its own and is gone with the
process that made it. A cable that is pulled takes packets away without a word, as a power cut does; a process that is
killed would still have its connections ended for it. Addresses are those set aside for benchmarks (RFC 2544).
"""

import os
import secrets
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.stack import ROOT

SWITCH = "198.18.0.1"
CORE = 0.5
PERIOD_US = 10_000  # short, so that a machine at its limit is slowed down and not stopped for long
MARK = "BENCH_MARK"
CPU_V1, CPU_V2 = Path("/sys/fs/cgroup/cpu"), Path("/sys/fs/cgroup")


class NotHere(Exception):
    """Namespaces cannot be made here; the message says what is missing."""


def inside(module: str) -> str:
    """Run a module in namespaces of its own and give what it printed last.

    Raises:
        NotHere: `unshare` or `ip` is missing or refused.

    """
    if missing := [tool for tool in ("unshare", "ip", "mount") if shutil.which(tool) is None]:
        raise NotHere(f"{', '.join(missing)} not installed (Debian: util-linux, iproute2)")
    apart = ["unshare", "--map-root-user", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]
    if refused := subprocess.run([*apart, "true"], capture_output=True, text=True, check=False).stderr.strip():
        raise NotHere(f"namespaces are refused here: {refused}")
    mark = secrets.token_hex(4)
    command, env = [*apart, sys.executable, "-m", module], {**os.environ, MARK: mark}
    try:
        done = subprocess.run(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True, check=True)
    finally:
        for group in (*CPU_V1.glob(f"bench-{mark}-*"), *CPU_V2.glob(f"bench-{mark}-*")):
            group.rmdir()
    return done.stdout.strip().splitlines()[-1]


def switch() -> None:
    """Set up the switch, in a process that `inside` started."""
    _do("mount -t tmpfs tmpfs /run")  # where `ip` keeps the names
    _do("ip link set lo up")
    _do("ip link add switch type bridge")
    _do(f"ip addr add {SWITCH}/24 dev switch")
    _do("ip link set switch up")


@dataclass(slots=True)
class Machine:
    """One machine: a name, an address, and the processes that run on it."""

    name: str
    address: str
    running: dict[str, "subprocess.Popen[bytes]"] = field(default_factory=dict)
    group: Path | None = None

    def set_up(self) -> None:
        """Put it up and plug its cable in."""
        _do(f"ip netns add {self.name}")
        _do(f"ip link add to-{self.name} type veth peer name eth0 netns {self.name}")
        _do(f"ip link set to-{self.name} master switch")
        _do(f"ip -n {self.name} addr add {self.address}/24 dev eth0")
        _do(f"ip -n {self.name} link set eth0 up")
        _do(f"ip -n {self.name} link set lo up")
        self.plug()

    def plug(self) -> None:
        _do(f"ip link set to-{self.name} up")

    def unplug(self) -> None:
        _do(f"ip link set to-{self.name} down")

    def start(self, what: str, command: Sequence[str], env: Mapping[str, str], log: Path) -> None:
        """Start a process on this machine; its children are of the same group of processes."""
        with log.open("ab") as out:
            self.running[what] = subprocess.Popen(
                ["ip", "netns", "exec", self.name, *command],
                cwd=ROOT, env=dict(env), stdout=out, stderr=out, stdin=subprocess.DEVNULL, start_new_session=True,
            )  # fmt: skip
        if self.group is not None:
            (self.group / "cgroup.procs").write_text(str(self.running[what].pid))

    def lose_power(self) -> None:
        """Nothing of it is heard of again: the cable first, so that not even the end of a connection gets out."""
        self.unplug()
        self.stop()

    def stop(self) -> None:
        """Kill everything on it, children of children too."""
        for process in self.running.values():
            for pid in (process.pid, *_descendants(process.pid)):
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    continue
            process.wait()
        self.running.clear()

    def limit(self) -> bool:
        """Give it half a core, for what is started from now on; False where this user may not say so."""
        self.group = _group(f"bench-{os.environ[MARK]}-{self.name}")
        return self.group is not None


def _group(name: str) -> Path | None:
    """A control group with half a core, of whichever of the two kinds this system has."""
    quota = int(PERIOD_US * CORE)
    for root, limits in (
        (CPU_V1, {"cpu.cfs_period_us": str(PERIOD_US), "cpu.cfs_quota_us": str(quota)}),
        (CPU_V2, {"cpu.max": f"{quota} {PERIOD_US}"}),
    ):
        place = root / name
        try:
            place.mkdir()
            for file, value in limits.items():
                (place / file).write_text(value)
        except OSError:
            if place.is_dir():
                place.rmdir()
            continue
        return place
    return None


def _descendants(pid: int) -> list[int]:
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []
    return [one for child in children for one in (*_descendants(int(child)), int(child))]


def _do(command: str) -> None:
    done = subprocess.run(command.split(), capture_output=True, text=True, check=False)
    if done.returncode:
        raise NotHere(f"{command}: {done.stderr.strip()}")
