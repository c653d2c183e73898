"""`helpline check`: everything that keeps this line from doing its work, found at once, each with how to mend it.

Runs before a release goes live (Procfile) and whenever something seems wrong. A later check runs even when an earlier
one failed: whoever mends settings at night should not learn of the next fault only after the first.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from config import content, policy
from config.redis_address import is_sentinel
from config.roster import read_roster
from config.settings import Settings, SettingsFaults
from flows.fault import Fault
from flows.review import review
from flows.roster import Roster, gaps
from helpline.commands.check_outside import outside_faults
from helpline.running import embedded_redis
from helpline.store import Unavailable
from helpline.store.server import ServerFacts, refused_write, server_facts, unreadable, verified_numbers
from helpline.wiring import connect, utc_now, vault_of

OLDEST_REDIS = (6, 2)
MOST_SKEW = timedelta(seconds=2)  # due times are compared across machines; pages are 60 s apart
LOOK_AHEAD = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Report:
    """What was found. A fault that does not block is worth a look."""

    faults: tuple[Fault, ...]

    @property
    def passed(self) -> bool:
        """Whether nothing keeps the line from running."""
        return not any(fault.blocks for fault in self.faults)


def check(env: Mapping[str, str], now: datetime, *, outside: bool = False) -> Report:
    """Look at everything this environment names; with `outside` also at Twilio and the public address."""
    settings, faults = _settings(env)
    if settings is not None:
        faults += tuple(_redis(settings, now))
        faults += tuple(outside_faults(settings)) if outside else ()
    directory, file = _places(env)
    return Report((*faults, *_content(directory, now), *_roster(file), *_gaps(file, now)))


def check_files(env: Mapping[str, str]) -> Report:
    """Look only for what keeps a process from starting; Redis may come back, and a date that ran out blocks nothing."""
    directory, file = _places(env)
    unsafe = (fault for fault in _content(directory, utc_now()) if fault.blocks)
    return Report((*unsafe, *_roster(file)))


def _places(env: Mapping[str, str]) -> tuple[Path, Path]:
    return (
        Path(env.get("CONTENT_DIR") or _default("content_dir")),
        Path(env.get("ROSTER_FILE") or _default("roster_file")),
    )


def redis_faults(facts: ServerFacts, now: datetime) -> Iterator[Fault]:
    """What about this server could lose a call for help."""
    if facts.version < OLDEST_REDIS:
        yield _of_redis(f"it is version {_dotted(facts.version)}", f"Use {_dotted(OLDEST_REDIS)} or newer")
    if not facts.appends:
        yield _of_redis("it keeps no append-only file: a restart forgets every open case", "Set `appendonly yes`")
    if not facts.last_write_ok:
        yield _of_redis("it could not write its append-only file", "Look at its disk, full or failing")
    if facts.eviction != "noeviction":
        yield _of_redis(
            f"when full it throws data away ({facts.eviction}): a case could vanish",
            "Set `maxmemory-policy noeviction`",
        )
    if facts.role != "master":
        yield _of_redis(f"it is a {facts.role}, which takes no writes", "Give the primary's address")
    skew = abs(facts.time - now)
    if skew > MOST_SKEW:
        yield _of_redis(f"its clock and this machine's differ by {skew.total_seconds():.0f} s", "Run NTP on both")


def _settings(env: Mapping[str, str]) -> tuple[Settings | None, tuple[Fault, ...]]:
    try:
        return Settings.read(env), ()
    except SettingsFaults as found:
        return None, tuple(Fault(each.variable, 0, each.wrong, each.mend.rstrip(".")) for each in found.faults)


def _redis(settings: Settings, now: datetime) -> Iterator[Fault]:
    if not settings.redis_url and not embedded_redis.answers(settings.redis_socket):
        yield from _startable(settings)
        return
    try:
        with connect(settings) as redis:
            facts, lost = server_facts(redis), unreadable(redis, vault_of(settings))
            refused = refused_write(redis)
            unpaged = tuple(_unverified(settings, verified_numbers(redis)))
    except Unavailable as fault:
        yield _of_redis(f"it does not answer ({fault})", "Start it, or give its right address, password and CA")
        return
    yield from redis_faults(facts, now)
    if refused and facts.role == "master":
        yield _of_redis(f"it takes no writes ({refused})", "Look at its memory, its disk and its replicas")
    if is_sentinel(settings.redis_address) and not facts.in_step:
        what = "no other server of its group has a whole copy: lost now, everything in it is lost"
        yield Fault("REDIS_URL", 0, what, "Start a replica, and wait until it has read its copy", blocks=False)
    yield from unpaged
    if lost:
        yield Fault(
            "HELPLINE_SECRET_KEYS", 0, "what is stored opens with none of these keys",
            "Add the key that sealed it, after the first: without it open cases cannot be read",
        )  # fmt: skip


def _unverified(settings: Settings, verified: frozenset[str]) -> Iterator[Fault]:
    """Numbers of the roster that are not paged, for nobody has shown yet that they reach the right phone."""
    roster, _ = read_roster(settings.roster_file)
    if settings.demo or roster is None:
        return
    key = vault_of(settings).caller_key
    for person in roster.staff:
        if missing := [number for number in person.phones if key(number) not in verified]:
            what = f"{', '.join(missing)} of {person.name} is not verified, so it is not paged"
            yield Fault(settings.roster_file.name, 0, what, f"Run `helpline staff verify {person.id}`", blocks=False)


def _startable(settings: Settings) -> Iterator[Fault]:
    """The embedded server is not running now; `helpline run` starts it, if it can."""
    try:
        embedded_redis.program(settings.var_dir)
    except embedded_redis.CannotStart as fault:
        yield _of_redis("it is empty and no embedded Redis can run here", str(fault).rstrip("."))


def _content(directory: Path, now: datetime) -> Iterator[Fault]:
    try:
        loaded = content.load(directory)
    except content.ContentFaults as found:
        yield from found.faults
    else:
        yield from review(loaded, now.date())
    try:
        policy.load(directory / "policy.yaml")
    except policy.PolicyFaults as found:
        yield from found.faults


def _roster(file: Path) -> Iterator[Fault]:
    _, faults = read_roster(file)
    yield from faults


def _gaps(file: Path, now: datetime) -> Iterator[Fault]:
    roster, _ = read_roster(file)
    if roster is not None:
        yield from gap_faults(roster, now, file.name)


def gap_faults(roster: Roster, now: datetime, file: str) -> Iterator[Fault]:
    """Every time in the next two weeks when nobody is on call; not blocking, for the fallback still is."""
    for gap in gaps(roster, now, now + LOOK_AHEAD):
        what = f"nobody is on call on {gap.list_name} from {gap.start:%a %d %b %H:%M} to {gap.end:%a %d %b %H:%M} UTC"
        yield Fault(file, 0, what, "Give somebody that time, or a swap on the console", blocks=False)


def _of_redis(what: str, mend: str) -> Fault:
    return Fault("REDIS_URL", 0, what, mend)


def _default(field: str) -> Path:
    return Path(str(Settings.model_fields[field].default))


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(str(part) for part in version)


def tell(report: Report, say: Callable[[str], None]) -> None:
    """Say everything found, what blocks first."""
    for fault in sorted(report.faults, key=lambda each: not each.blocks):
        say(f"{'FAULT  ' if fault.blocks else 'look at'}  {fault}")
    blocking = sum(fault.blocks for fault in report.faults)
    say("The line can run." if report.passed else f"{blocking} to mend before the line can run.")
