"""Named places at which a test may kill this process; a real line ignores them (HELPLINE_TEST_BUILD is not set)."""

import os
import signal
from dataclasses import dataclass
from pathlib import Path

AFTER_LEASE = "F4"  # a page is leased and nothing has been sent yet


@dataclass(frozen=True, slots=True)
class FaultPoints:
    """The faults asked for; each strikes once for a line, however often its processes are started again."""

    asked: tuple[str, ...]
    var_dir: Path

    def reach(self, point: str) -> None:
        """Die here, as by SIGKILL, if this fault was asked for and has not struck yet."""
        if point in self.asked and self._first(point):
            os.kill(os.getpid(), signal.SIGKILL)

    def _first(self, point: str) -> bool:
        try:
            (self.var_dir / f"fault-{point}").touch(exist_ok=False)
        except FileExistsError:
            return False
        return True
