"""Looks whether the content files have changed, and lets them go live when they can: no restart, no call dropped.

Files count as changed when two looks in a row find the same new ones, so that a half-copied directory is left alone.
Content that is refused stays refused, and the running one live, until the files change again.
"""

import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import structlog

from helpline.content.live import LiveContent

log = structlog.get_logger()

EVERY_S = 2.0

Signature = tuple[tuple[str, int, int], ...]


class ContentWatch:
    """Watches one directory for one process."""

    def __init__(
        self, content: LiveContent, directory: Path, clock: Callable[[], datetime], *, every_s: float = EVERY_S
    ) -> None:
        self._content = content
        self._directory = directory
        self._clock = clock
        self._settled = self._seen = _signature(directory)
        self._every_s = every_s
        self._stopped = threading.Event()

    def start(self) -> None:
        """Look again and again, in a thread that ends with the process."""
        threading.Thread(target=self._run, name="content-watch", daemon=True).start()

    def stop(self) -> None:
        """Look no more."""
        self._stopped.set()

    def look(self) -> None:
        """Look once."""
        found = _signature(self._directory)
        before, self._seen = self._seen, found
        if found == before and found != self._settled:
            self._settled = found
            self._content.reload(self._directory, self._clock().date())

    def _run(self) -> None:
        while not self._stopped.wait(self._every_s):
            try:
                self.look()
            except Exception as fault:  # the watch must outlive whatever a half-written directory does to it
                log.exception("content_watch_failed", error=type(fault).__name__)


def _signature(directory: Path) -> Signature:
    """What a change of any file changes."""
    found = []
    for path in sorted(directory.rglob("*")):
        if path.suffix in {".yaml", ".yml"}:
            facts = path.stat()
            found.append((path.as_posix(), facts.st_mtime_ns, facts.st_size))
    return tuple(found)
