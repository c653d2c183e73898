"""How long turns took, kept for a second and then written together: a round trip for each costs a tenth of a turn."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Lock, Timer

import structlog

from helpline.store import Unavailable
from helpline.store.metrics import TURN_S, observed

log = structlog.get_logger()

EVERY_S = 1.0  # what a killed process takes with it


@dataclass(slots=True)
class TurnTimes:
    """One process's observations that are not written yet."""

    write: Callable[[Mapping[str, float]], None]
    _noted: list[tuple[str, timedelta]] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)
    _timer: Timer | None = None

    def note(self, channel: str, took: timedelta) -> None:
        """A turn was answered."""
        with self._lock:
            self._noted.append((channel, took))
            if self._timer is None:
                self._timer = Timer(EVERY_S, self._on_time)
                self._timer.daemon = True
                self._timer.start()

    def end(self) -> None:
        """Write what is owed, if it can be, and nothing later: this process is done with the line."""
        with self._lock:
            timer = self._timer
        if timer is not None:
            timer.cancel()
            self._on_time()

    def flush(self) -> None:
        """Write what is owed.

        Raises:
            Unavailable: Redis does not answer; what was owed is lost, for old times are no help then.

        """
        with self._lock:
            noted, self._noted, self._timer = self._noted, [], None
        owed: Counter[str] = Counter()
        for channel, took in noted:
            owed.update(dict(observed(f"turn_seconds|{channel}", took, TURN_S)))
        if owed:
            self.write(owed)

    def _on_time(self) -> None:
        try:
            self.flush()
        except Unavailable as fault:
            log.warning("turn_times_lost", fault=str(fault))
