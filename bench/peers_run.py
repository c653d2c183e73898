"""What people would pick instead, on the same web server and load: a tutorial's menu in Flask.

It checks no signature and remembers nothing, so its rate says what those cost, not that it would do.
"""

import os
import sys
import tempfile
from pathlib import Path

from bench import load, stack, turn
from bench.figures import median
from bench.stack import Server


def section() -> dict[str, float]:
    """Requests a second and p99 of the tutorial, the median of the runs."""
    with tempfile.TemporaryDirectory() as folder:
        port = stack.free_port()
        with stack.process(
            turn.granian("bench.peers.tutorial_ivr:create", port), dict(os.environ), Path(folder) / "t.log"
        ):
            stack.wait_for_port(port)
            server = Server(port, "0" * 32, Path(folder), 0)
            results = [
                load.run("127.0.0.1", port, turn.texts(server, 90 + run, "/sms", turn.ANSWERS), turn.CONNECTIONS)
                for run in range(turn.RUNS)
            ]
    return {
        "per_second": median([one.per_second for one in results]),
        "p99_ms": median([one.at(0.99) for one in results]),
        "python": float(f"{sys.version_info.major}.{sys.version_info.minor}"),
    }
