"""The roster in use: the file as last read without faults, with the live changes laid on."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import structlog

from config.roster import read_roster, reload_roster
from flows.fault import Fault
from flows.roster import Contact, Roster, Staff, with_overrides
from helpline.store import LiveRoster

log = structlog.get_logger()

LOOK_EVERY_S = 2.0  # at the file's time of change; a roster mended at night counts within seconds


class RosterFaults(ValueError):
    """The roster file cannot be used; says every reason."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = faults


@dataclass(slots=True)
class RosterSource:
    """Gives the roster as it is now. A changed file is read by itself; with faults in it the old one stays.

    `verified_as` gives the key under which a number counts as verified; None where no number needs to be (the demo).
    """

    path: Path
    written: Roster
    live: Callable[[], LiveRoster]
    verified_as: Callable[[str], str] | None = None
    faults: tuple[Fault, ...] = ()
    _changed_at: float = 0.0
    _looked_at: float = field(default_factory=time.monotonic)

    @classmethod
    def from_file(
        cls, path: Path, live: Callable[[], LiveRoster], verified_as: Callable[[str], str] | None = None
    ) -> "RosterSource":
        """Read the file.

        Raises:
            RosterFaults: with everything that keeps it from being used.

        """
        changed_at = _time_of(path)
        roster, faults = read_roster(path)
        if roster is None:
            raise RosterFaults(faults)
        return cls(path, roster, live, verified_as, _changed_at=changed_at)

    def now(self) -> Roster:
        """The roster with today's swaps, covers and absences; only numbers that count are in it."""
        self._look()
        live = self.live()
        staff = tuple(one for person in self.written.staff if (one := self._as_reachable(person, live)))
        return with_overrides(replace(self.written, staff=staff), live.overrides)

    def staff_with_number(self, number: str) -> Staff | None:
        """Whose phone this is, if it counts; numbers are compared in E.164."""
        self._look()
        owner = self.owner_of(number)
        if owner is None or self.verified_as is None or self.verified_as(number) in self.live().verified:
            return owner
        return None

    def owner_of(self, number: str) -> Staff | None:
        """Who in the file has this number, verified or not."""
        return next((person for person in self.written.staff if number in person.phones), None)

    def unverified(self) -> tuple[tuple[Staff, str], ...]:
        """Every number in the file that does not count yet, with whose it is."""
        self._look()
        if self.verified_as is None:
            return ()
        verified = self.live().verified
        return tuple(
            (person, number)
            for person in self.written.staff
            for number in person.phones
            if self.verified_as(number) not in verified
        )

    def look_now(self) -> None:
        """Read the file if it has changed, without waiting for the next look."""
        self._looked_at = float("-inf")
        self._look()

    def _as_reachable(self, person: Staff, live: LiveRoster) -> Staff | None:
        """The person with the numbers and ways that reach them; None if no number of theirs counts."""
        counts = self.verified_as
        phones = tuple(one for one in person.phones if counts is None or counts(one) in live.verified)
        if not phones:
            return None
        contact = (Contact.CALL,) if person.id in live.calls_only else person.contact
        return replace(person, phones=phones, contact=contact)

    def _look(self) -> None:
        moment = time.monotonic()
        if moment - self._looked_at < LOOK_EVERY_S:
            return
        self._looked_at = moment
        changed_at = _time_of(self.path)
        if changed_at == self._changed_at:
            return
        self._changed_at = changed_at
        self.written, self.faults = reload_roster(self.path, self.written)
        for fault in self.faults:
            log.error("roster_fault", file=fault.file, line=fault.line)
        log.info("roster_read", state="old_kept" if any(fault.blocks for fault in self.faults) else "used")


def _time_of(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0  # gone: read_roster says so, and the old one stays
