"""Twilio's own local runtime for Functions (npm's `twilio-run`), installed from its lock and run on loopback.

By default it starts a process for every request, as Twilio does in production; without that it is at its fastest.
Both are measured. Needs node and npm, and a package registry that npm is set up for; without them it is left out.
"""

import hashlib
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench import stack
from tests.ports import free_port

FOLDER = Path(__file__).parent / "peers" / "functions"
INSTALL_S = 300.0
FASTEST = ("--no-fork-process", "--no-live")


class LeftOut(Exception):
    """It cannot be run here; the message says why and what is missing."""


def installed() -> Path:
    """A folder with the runtime of the lock file and the menu; installed once for each lock.

    Raises:
        LeftOut: no npm, or it cannot fetch the packages.

    """
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        raise LeftOut("node and npm are not installed")
    files = sorted(path for path in FOLDER.rglob("*") if path.is_file() and "node_modules" not in path.parts)
    mark = hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:16]
    ready = Path(tempfile.gettempdir()) / f"bench-functions-{os.getuid()}-{mark}"
    if not ready.exists():
        with tempfile.TemporaryDirectory(dir=ready.parent) as work:
            making = Path(work) / "functions"
            shutil.copytree(FOLDER, making, ignore=shutil.ignore_patterns("node_modules"))
            command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"]
            done = subprocess.run(command, cwd=making, capture_output=True, text=True, timeout=INSTALL_S, check=False)
            if done.returncode:
                raise LeftOut(f"npm ci failed: {(done.stderr or done.stdout).strip().splitlines()[-1:]}")
            making.rename(ready)
    return ready


def versions(folder: Path) -> str:
    """What is measured, with its version and node's."""
    package = json.loads((folder / "node_modules" / "twilio-run" / "package.json").read_text(encoding="utf-8"))
    node = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout.strip()
    return f"twilio-run {package['version']}, node {node}"


@contextmanager
def running(folder: Path, *options: str) -> Iterator[int]:
    """The runtime under these options; gives its port."""
    port = free_port()
    command = [str(folder / "node_modules" / ".bin" / "twilio-run"), "start", "--port", str(port), "--no-logs"]
    with tempfile.TemporaryDirectory() as home:
        env = {"PATH": os.environ["PATH"], "HOME": home, "CI": "true"}  # it keeps settings in the home folder
        with stack.process([*command, "--cwd", str(folder), *options], env, Path(home) / "log"):
            stack.wait_for_port(port)
            yield port
