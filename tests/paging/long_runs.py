"""What takes hours of the line's own time or thousands of tries: nobody answers, and all claim at once."""

import itertools
import threading
from dataclasses import dataclass

from flows.case import CaseState, ClaimVia, LineKind
from flows.claims import Claimed, ClaimResult, TakenBy
from tests.paging.house import House
from tests.paging.people import NOBODY, People, caller

DANGER = "i took all my pills"
THREADS = 8


@dataclass(frozen=True)
class Vigil:
    """Hours in which nobody answers anything, from the first text on."""

    house: House
    hours: float
    still_paging: bool

    @property
    def paged(self) -> list[float]:
        """When each page went out, in seconds."""
        return [second for second, _, _ in self.house.people.paged]

    @property
    def told(self) -> list[tuple[float, str]]:
        """What the caller was told when."""
        return [(second, words) for second, number, words in self.house.people.told if number == caller(1)]


def vigil(world, hours: float) -> Vigil:
    """Somebody in danger texts, and nobody ever answers."""
    house = House(world, People(NOBODY))
    house.later(1, lambda: house.people.needs_help(1))
    house.run(until=hours * 3600 + 60)
    return Vigil(house, hours, [case.state for case in house.open_cases()] == [CaseState.PAGING])


def longest_wait(moments: list[float]) -> float:
    """The longest time between one and the next."""
    return max(later - sooner for sooner, later in itertools.pairwise(moments))


@dataclass(frozen=True)
class Race:
    """What came of claims made at once: who won by the record, and what each was told."""

    owner: str | None
    results: tuple[tuple[str, ClaimResult | None], ...]
    claimed_lines: int

    @property
    def wrongly_told(self) -> int:
        """How many were told anything but that it is theirs, or whose it is."""
        return sum(not self._truly(who, came) for who, came in self.results)

    def _truly(self, who: str, came: ClaimResult | None) -> bool:
        return isinstance(came, Claimed) if who == self.owner else came == TakenBy(self.owner)


def race(world, many: int) -> Race:
    """So many claims on one case by three people, eight at a time."""
    house = House(world, People(NOBODY))
    house.text_in(caller(1), DANGER)
    (case,) = house.open_cases()
    staff = itertools.cycle(("ana", "ben", "carla"))
    waiting, results, lock = [next(staff) for _ in range(many)], [], threading.Lock()

    def claim():
        while True:
            with lock:
                if not waiting:
                    return
                who = waiting.pop()
            came = world.built.dispatch.claim(case.id, who, via=ClaimVia.SMS, call="")
            with lock:
                results.append((who, came))

    threads = [threading.Thread(target=claim) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    kinds = [line.what for line in house.store.timeline(case.id)]
    return Race(house.case(case.id).owner, tuple(results), kinds.count(LineKind.CLAIMED))
