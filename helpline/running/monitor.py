"""`helpline monitor`: watches the line from a process of its own and alarms by a way that needs none of its parts.

It looks whether the line can answer and page, and has a made-up page sent now and then. Its alarm goes from here
straight to the carrier, to the supervisors in the roster file and to the fallback number, by text and by call. While
all is well it calls MONITOR_URL, at a service that alarms when these calls stop: that covers the monitor itself.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from helpline.running.drill import Drills, Standing
from helpline.store import Conflict, Unavailable

log = structlog.get_logger()

LOOK_EVERY = timedelta(seconds=15)
ALARM_AFTER = timedelta(seconds=45)  # of trouble without a break: a restart takes seconds and is no alarm
ALARM_AGAIN = timedelta(minutes=15)
ARRIVES_WITHIN = timedelta(seconds=90)
PING_EVERY = timedelta(minutes=1)

NO_PAGE_ARRIVES = "pages do not arrive"
NO_REDIS = "Redis does not answer"


class Alarm(Protocol):
    """The way out that needs no part of the line."""

    def __call__(self, message: str, what: str) -> None:
        """Tell the people who can mend it."""


@dataclass(slots=True)
class Monitor:
    """One look every few seconds; what it remembers dies with it and harms nobody."""

    look: Callable[[], tuple[str, ...]]
    drills: Drills | None
    alarm: Alarm
    ping: Callable[[], None]
    clock: Callable[[], datetime]
    drill_every: timedelta
    _bad_since: datetime | None = None
    _alarmed_at: datetime | None = None
    _pinged_at: datetime | None = None
    _drill: str = ""
    _drill_began: datetime | None = None
    _drill_fault: tuple[str, ...] = field(default=())

    def tick(self) -> tuple[str, ...]:
        """Look once, and tell whoever must know; gives what is wrong."""
        now = self.clock()
        wrong = (*self.look(), *self._drilled(now))
        if wrong:
            self._trouble(wrong, now)
        else:
            self._well(now)
        return wrong

    def _trouble(self, wrong: tuple[str, ...], now: datetime) -> None:
        self._bad_since = self._bad_since or now
        log.warning("line_in_trouble", count=len(wrong))
        lasts = now - self._bad_since >= ALARM_AFTER or NO_PAGE_ARRIVES in wrong
        again = self._alarmed_at is None or now - self._alarmed_at >= ALARM_AGAIN
        if lasts and again:
            self._alarmed_at = now
            self.alarm("monitor_alarm", "; ".join(wrong))

    def _well(self, now: datetime) -> None:
        if self._alarmed_at is not None:
            self.alarm("monitor_well", "")
        self._bad_since = self._alarmed_at = None
        if self._pinged_at is None or now - self._pinged_at >= PING_EVERY:
            self._pinged_at = now
            self.ping()

    def _drilled(self, now: datetime) -> tuple[str, ...]:
        """What the made-up page says: nothing while it is under way in good time or has arrived."""
        if self.drills is None:
            return ()
        try:
            self._go_on_drilling(self.drills, now)
        except (Unavailable, Conflict):
            return (NO_REDIS,)
        return self._drill_fault

    def _go_on_drilling(self, drills: Drills, now: datetime) -> None:
        if self._drill_began is None or (not self._drill and now - self._drill_began >= self.drill_every):
            self._drill, self._drill_began = drills.begin(now), now
            return
        if not self._drill:
            return
        standing = drills.standing(self._drill)
        late = now - self._drill_began >= ARRIVES_WITHIN
        if standing is Standing.UNDER_WAY and not late:
            return
        self._drill_fault = () if standing is Standing.ARRIVED else (NO_PAGE_ARRIVES,)
        drills.end(self._drill, now)
        self._drill = ""
        if self._drill_fault:
            self._drill_began = None  # the next one at once: it may have been this one page
