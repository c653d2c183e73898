"""What people would write first: an alert as a scheduled RQ job. It notes how late it ran."""

import os
import time

from redis import Redis


def alert(due: float) -> None:
    """Run `due` seconds since the epoch, or later."""
    Redis.from_url(os.environ["STOCK_REDIS"]).rpush("stock:late", time.time() - due)


def slow_alert(due: float) -> None:
    """The same with a carrier that takes five seconds, so that a kill finds it at work."""
    time.sleep(5)
    alert(due)
