"""A small helpline for the tests: four people, the policy of the design, a clock that is moved by hand."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flows.case import Case, Opening
from flows.events import Channel
from flows.handling import open_case
from flows.policy import Policy
from flows.roster import Contact, Hours, OnCallList, Role, Roster, Shift, Staff, StaffId
from flows.step import Consent
from flows.urgency import Urgency

START = datetime(2026, 3, 7, 22, 0, tzinfo=UTC)
ANA, BEN, CLEO, SAM = (StaffId(name) for name in ("ana", "ben", "cleo", "sam"))
ZONE = ZoneInfo("America/New_York")
ALWAYS = Hours(time(0), time(0))


def seconds(number: float) -> timedelta:
    return timedelta(seconds=number)


def at(number: float) -> datetime:
    return START + seconds(number)


def _level(**changes: object) -> dict[str, object]:
    return {
        "steps": [
            {"after": 0, "whom": ["primary"]},
            {"after": 60, "whom": ["backup"]},
            {"after": 120, "whom": ["everyone", "supervisor"]},
        ],
        "repeat_every": 120,
        "human_within": 300,
        "claim_lease": 120,
        "notices": [60, 120, 600],
        "notice_every": 1800,
        "max_hold": 600,
        "callback_spacing": [30, 120],
        **changes,
    }


PLAIN_POLICY = {
    "emergency": _level(),
    "urgent": _level(human_within=900),
    "soon": _level(steps=[{"after": 0, "whom": ["primary"], "by": "sms"}], repeat_every=900, human_within=7200),
    "routine": _level(steps=[{"after": 0, "whom": ["primary"], "by": "sms"}], repeat_every=3600, human_within=86400),
}
POLICY = Policy.from_plain(PLAIN_POLICY)


def person(name: StaffId, *, languages=("en",), contact=(Contact.SMS, Contact.CALL), role=Role.RESPONDER) -> Staff:
    return Staff(
        id=name, name=f"{name.title()} Person", phones=(f"+1202555{sum(map(ord, name)):04d}",), zone=ZONE,
        languages=languages, contact=contact, role=role,
    )  # fmt: skip


def on_list(name: str, *staff: StaffId) -> OnCallList:
    return OnCallList(name=name, zone=ZONE, shifts=(Shift(ALWAYS, staff),) if staff else ())


STAFF = (person(ANA), person(BEN, languages=("en", "es")), person(CLEO), person(SAM, role=Role.SUPERVISOR))
ROSTER = Roster(
    staff=STAFF,
    lists=(on_list("primary", ANA), on_list("backup", BEN)),
    supervisors=(SAM,),
    fallback_numbers=("+12025550999",),
)
EMPTY_ROSTER = Roster(staff=(), lists=(), supervisors=(), fallback_numbers=())


def opening(**changes: object) -> Opening:
    known = {
        "id": "case1", "code": "7F3K", "caller_key": "key1", "session_id": "s1", "channel": Channel.SMS,
        "urgency": Urgency.EMERGENCY, "reason": "danger", "consent": Consent.CALL_ONLY,
    }  # fmt: skip
    return Opening(**{**known, **changes})


def new_case(**changes: object) -> Case:
    return open_case(opening(**changes), POLICY, START)[0]
