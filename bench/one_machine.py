"""`python -m bench.one_machine CARRIER`: the line on one of several machines, and its way to the carrier."""

import os
import signal
import sys
from urllib.parse import urlsplit

from config.settings import Settings
from helpline.running import programs, supervise
from helpline.running.processes import Child, Program


def main() -> None:
    """Run web, workers and clock, as `helpline run` does, but with a Redis and a carrier elsewhere."""
    env = dict(os.environ)
    settings = Settings.read(env)
    here = urlsplit(settings.api_url).netloc
    way = Program("carrier", (sys.executable, "-m", "bench.relay", here, sys.argv[1]), env)
    parts = (one for one in programs.programs(settings, env) if one.name != "emulator")
    children = [Child(program, print) for program in (way, *parts)]
    running = supervise.Line(settings, None, children, print, supervise.Stopping())
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, running.stopping.ask)
    running.run()


if __name__ == "__main__":
    main()
