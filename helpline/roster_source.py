"""The roster in use: the file as last read without faults, with the live overrides laid on."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from config.roster import read_roster
from flows.fault import Fault
from flows.roster import Override, Roster, Staff, with_overrides


class RosterFaults(ValueError):
    """The roster file cannot be used; says every reason."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class RosterSource:
    """Gives the roster as it is now."""

    written: Roster
    overrides: Callable[[], tuple[Override, ...]]

    @classmethod
    def from_file(cls, path: Path, overrides: Callable[[], tuple[Override, ...]]) -> "RosterSource":
        """Read the file.

        Raises:
            RosterFaults: with everything that keeps it from being used.

        """
        roster, faults = read_roster(path)
        if roster is None:
            raise RosterFaults(faults)
        return cls(roster, overrides)

    def now(self) -> Roster:
        """The roster with today's swaps, covers and absences."""
        return with_overrides(self.written, self.overrides())

    def staff_with_number(self, number: str) -> Staff | None:
        """Whose phone this is; numbers are compared in E.164."""
        return next((person for person in self.written.staff if number in person.phones), None)
