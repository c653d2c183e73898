"""One call for help with one thing going wrong: the faults by the names of their places, and what came of each."""

from collections.abc import Callable
from dataclasses import dataclass

from flows.case import CALLER, LineKind
from helpline.running.fault_points import Point, Struck
from tests.helpline.inside import BEGIN
from tests.paging.carrier import Chances
from tests.paging.house import House
from tests.paging.people import WILLING, People


@dataclass(frozen=True)
class Trial:
    """A fault: where, what, and how it is brought about. `crashes`: how many processes it kills at least."""

    point: str
    what: str
    arrange: Callable[[House], None]
    crashes: int = 0

    @property
    def name(self) -> str:
        return f"{self.point} {self.what}"


@dataclass(frozen=True)
class Result:
    """What became of the call for help."""

    cases: int
    paged: bool
    claimed: bool
    closed_by: str
    most_requests: int
    first_page_s: float
    struck: int
    faulty: tuple[str, ...]

    @property
    def lost(self) -> bool:
        """Nobody was asked for this caller, or the case is not in a human's hands and closed by one."""
        return self.cases != 1 or not self.paged or not self.claimed or self.closed_by in {"", CALLER}


def _dies(point: Point, times: int = 1) -> Trial:
    def arrange(house: House) -> None:
        house.deaths.wanted[point] = times

    return Trial(point.value, f"SIGKILL, {times} in a row" if times > 1 else "SIGKILL", arrange, times)


def _raises(point: Point) -> Trial:
    def arrange(house: House) -> None:
        house.deaths.wanted[point] = 1
        house.deaths.raised = Struck

    return Trial(point.value, "an exception nobody foresaw", arrange, 1)


def _silent_carrier() -> Trial:
    """The request is carried out, and neither its answer, nor a list, nor a callback says so for 10 minutes."""

    def arrange(house: House) -> None:
        house.carrier.answers.append("lost")
        house.chances = Chances(list_lags=1.0, callback_lost=1.0)
        house.later(600, lambda: setattr(house, "chances", Chances()))

    return Trial("F5", "answer lost, lists and callbacks silent", arrange)


def _deaf() -> Trial:
    """For 10 minutes every request is carried out and nothing of it is ever heard."""

    def arrange(house: House) -> None:
        house.chances = Chances(answer_lost=1.0, list_lags=1.0, callback_lost=1.0)
        house.later(600, lambda: setattr(house, "chances", Chances()))

    return Trial("F5", "every answer lost, lists and callbacks silent, 10 minutes", arrange)


def _answers(what: str, *answers: str) -> Trial:
    def arrange(house: House) -> None:
        house.carrier.answers.extend(answers)

    return Trial("F5" if "lost" in what else "F8", what, arrange)


def _chances(point: str, what: str, **shares: float) -> Trial:
    def arrange(house: House) -> None:
        house.chances = Chances(**shares)

    return Trial(point, what, arrange)


def _fate(code: str) -> Trial:
    def arrange(house: House) -> None:
        house.carrier.fates.append(code)

    return Trial("F10", f"undelivered {code}", arrange)


def _redis_dies(second: float) -> Trial:
    def arrange(house: House) -> None:
        def kill() -> None:
            house.world.kill_redis()
            house.seen["redis killed"] += 1

        house.later(1 + second, kill)

    return Trial("F11", f"Redis SIGKILL {second:g} s after the text", arrange, 1)


def _workers_away(seconds: float) -> Trial:
    def arrange(house: House) -> None:
        house.chances = Chances(job_lost=1.0)
        house.later(seconds, lambda: setattr(house, "chances", Chances()))

    return Trial("F12", f"every worker away for {seconds:g} s", arrange)


def _stalled() -> Trial:
    """A worker is stopped with a lease in hand and goes on 60 s later: it must not send."""

    def arrange(house: House) -> None:
        house.stalls[Point.LEASED] = 60.0

    return Trial("F12", "SIGSTOP after the lease, CONT 60 s later", arrange, 1)


def _carrier_down(seconds: float) -> Trial:
    def arrange(house: House) -> None:
        from datetime import timedelta

        house.carrier.down_until = BEGIN + timedelta(seconds=seconds)

    return Trial("F8", f"carrier out of reach for {seconds:g} s", arrange)


TRIALS = (
    *(_dies(point) for point in Point),
    *(_dies(point, 3) for point in (Point.DEQUEUED, Point.LEASED, Point.CALLBACK)),
    *(_raises(point) for point in (Point.DEQUEUED, Point.LEASED, Point.ACCEPTED, Point.WRITTEN, Point.CALLBACK)),
    _answers("answer lost, done", "lost"),
    _silent_carrier(),
    _deaf(),
    _answers("both answers lost, done", "lost", "lost"),
    _answers("429 four times", "429", "429", "429", "429"),
    _answers("500 or 503, nothing done", "503", "503"),
    _answers("503 and yet done", "503 done", "503 done"),
    _answers("connection refused", "cut", "cut"),
    _carrier_down(120),
    *(_answers(f"refused {code}", code) for code in ("21610", "21614", "21211", "30002")),
    _chances("F9", "every status callback lost", callback_lost=1.0),
    _chances("F9", "every word about rooms lost", room_event_lost=1.0),
    _chances("F9", "every callback twice", callback_twice=1.0),
    *(_fate(code) for code in ("30003", "30004", "30005", "30006", "30007", "30008")),
    *(_redis_dies(second) for second in (0.01, 0.3, 1.0, 5.0)),
    _workers_away(60),
    _workers_away(1200),
    _stalled(),
)
"""F1 to F12 by name. Callbacks come in a random order in every trial."""


def tried(world, trial: Trial, seed: int) -> tuple[House, Result]:
    """Somebody in danger texts, the fault strikes, and willing staff answer whatever reaches them."""
    house = House(world, People(WILLING), seed=seed)
    trial.arrange(house)
    house.later(1, lambda: house.people.needs_help(1))
    house.run(until=3600)
    return house, result(house)


def result(house: House) -> Result:
    """What the store, the carrier and the people can tell of a house with one caller."""
    ids = [key.decode().partition(":")[2] for key in house.redis.keys("timeline:*")]
    case = house.case(ids[0]) if ids else None
    kinds = {line.what for line in house.store.timeline(ids[0])} if ids else set()
    return Result(
        cases=len(ids),
        paged=bool(house.people.first_page),
        claimed=LineKind.CLAIMED in kinds,
        closed_by="" if case is None else case.closed_by,
        most_requests=max(house.carrier.requests.values(), default=0),
        first_page_s=max(house.people.first_page.values(), default=float("inf")),
        struck=sum(house.deaths.struck.values()) + house.seen["redis killed"] + house.seen["stalled"],
        faulty=tuple(house.faulty),
    )
