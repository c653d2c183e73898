"""Every key pattern in Redis, in one place; docs/privacy.md explains each and a test holds the two together."""

from typing import Final

DUE: Final = "due"  # sorted set: when each case or timer must be looked at, in milliseconds; the truth
RUNG: Final = "rung"  # sorted set: due members whose doorbell was rung, and when
OPEN: Final = "open"  # sorted set: open cases by when they opened
HOLDING: Final = "holding"  # sorted set: cases whose caller holds and whom nobody has yet, the first in line first
CODES: Final = "codes:next"  # counter behind the case codes
AUDIT: Final = "audit"  # stream: who did what, without content
OVERRIDES: Final = "overrides"  # hash: live roster overrides, sealed
CONTACTS_OPEN: Final = "contacts:open"  # sorted set: sessions with an open contact, by when it is due
CONTACTS_ENDED: Final = "contacts:ended"  # sorted set: ended contacts by when they ended
SEEN: Final = "seen"  # sorted set: Twilio's ids of texts and calls that were taken, by when; since the checkpoint
CHECKPOINT: Final = "reconcile:checkpoint"  # until when Twilio's lists were compared with the ledger
CALLS_ONLY: Final = "callsonly"  # set: staff whose texts the carrier blocks, for they wrote STOP
VERIFIED: Final = "verified"  # set: keyed hashes of staff numbers that were verified by a code
BRIDGED: Final = "bridged"  # hash: case id -> staff member who is talking for it, so that nobody else pages them


BOARD: Final = "board:changes"  # counter: rises with every change a board or case page would show
METRICS: Final = "metrics"  # hash: counts for Prometheus
BLOCKS: Final = "blocks"  # sorted set: keys of blocked callers by when the block expires
FIRST: Final = "console:first"  # the keyed hash of the one-time admin link, and whether anybody has ever signed in
VISITS: Final = "console:visits"  # hash: visit id -> staff id, for those who may end others' visits
AUDIT_LINKS: Final = (
    "audit:links"  # stream, same ids as `audit`: number and keyed hash chaining each line to all before
)
AUDIT_HEAD: Final = "audit:head"  # the last link: stream id, number, hash
FORGET: Final = "forget"  # sorted set: callers who asked to be forgotten and have an open case or a legal hold, by when
ERASE: Final = "erase"  # sorted set: callers whose copies at the carrier are to be deleted, by when to ask next


def held(caller_key: str) -> str:
    """Set: the name of every key that tells something about this caller, so that all can be found and deleted."""
    return f"held:{caller_key}"


def hold(caller_key: str) -> str:
    """A legal hold on everything about this caller: who ordered it, when and why; sealed."""
    return f"hold:{caller_key}"


def erase(caller_key: str) -> str:
    """The number whose copies at the carrier are to be deleted; sealed."""
    return f"erase:{caller_key}"


def rate(what: str, window: int) -> str:
    """How often something happened in one window of time: a counter, or a sketch of how many different ones."""
    return f"rate:{what}:{window}"


def block(caller_key: str) -> str:
    """A caller who gets the emergency text only, until it expires: why and by whom; sealed."""
    return f"block:{caller_key}"


def outcomes(month: str) -> str:
    """Hash: how many cases of each level ended how in a month (2026-11); all that is left of a case after its time."""
    return f"outcomes:{month}"


LETTER: Final = "letter"  # the due-index word of a letter


def visit(visit_id: str) -> str:
    return f"console:visit:{visit_id}"


def entry(entry_id: str) -> str:
    """A sign-in or confirmation code on its way."""
    return f"console:entry:{entry_id}"


def limit(what: str, whom: str) -> str:
    """How often something was done in the running window."""
    return f"limit:{what}:{whom}"


def words(case_id: str) -> str:
    """What caller, bot and staff said while the case was open."""
    return f"words:{case_id}"


def cases_of(caller_key: str) -> str:
    """Ids of this caller's closed cases that are still kept."""
    return f"casesof:{caller_key}"


def counts(hour: str) -> str:
    """Counters of one UTC hour, such as 2026-11-25T03: numbers only."""
    return f"counts:{hour}"


def letter(letter_id: str) -> str:
    """A text or call to one number that is not done yet, sealed."""
    return f"letter:{letter_id}"


def letter_member(letter_id: str) -> str:
    """The due-index member of a letter."""
    return f"{LETTER}|{letter_id}"


def sent(sid: str) -> str:
    """Which letter a text or call at the carrier was, so that none is taken for another of the same words."""
    return f"sent:{sid}"


def session(session_id: str) -> str:
    return f"session:{session_id}"


def reply(event_key: str) -> str:
    """What an event was answered with that is of no conversation: a staff member's, or one that had all forgotten."""
    return f"reply:{event_key}"


def caller(caller_key: str) -> str:
    return f"caller:{caller_key}"


def no_texts(caller_key: str) -> str:
    """That this caller wants no texts and since when; kept for good, because a wish to be left alone has no end."""
    return f"notexts:{caller_key}"


def case(case_id: str) -> str:
    return f"case:{case_id}"


def case_of(caller_key: str) -> str:
    return f"caseof:{caller_key}"


def code(code: str) -> str:
    return f"code:{code}"


def timeline(case_id: str) -> str:
    return f"timeline:{case_id}"


def staff_cases(staff_id: str) -> str:
    """Cases this staff member was paged for or has: what a bare `1` may mean."""
    return f"staffcases:{staff_id}"


def number_code(number_key: str) -> str:
    """The code that shows a staff number to be the right one."""
    return f"numbercode:{number_key}"


def gate(name: str) -> str:
    """How much one staff phone has had to do in the last seconds."""
    return f"gate:{name}"


def fold(token: str) -> str:
    """Which pages one text to a staff member carries."""
    return f"fold:{token}"


def contact(session_id: str) -> str:
    """What the line keeps of a conversation: its open contact, and what its last events were answered with."""
    return f"contact:{session_id}"


def ended_contact(contact_id: str) -> str:
    return f"contact-ended:{contact_id}"


def told(about: str) -> str:
    """Whether the supervisors were told of this."""
    return f"told:{about}"


def heartbeat(kind: str) -> str:
    return f"heartbeat:{kind}"


def content(version: str) -> str:
    return f"content:{version}"


def case_member(case_id: str) -> str:
    """The due-index member of a case."""
    return f"case|{case_id}"


def chore_member(name: str) -> str:
    """The due-index member of something the line does by the clock."""
    return f"chore|{name}"


def waits(level: str) -> str:
    """How long the last callers of a level waited for a human, in seconds, newest first; of nobody in particular."""
    return f"waits:{level}"


def voicemail(recording: str) -> str:
    """A spoken message of a caller, sealed."""
    return f"voicemail:{recording}"


def voicemails_of(case_id: str) -> str:
    """The spoken messages of a case, in the order in which they were left."""
    return f"voicemails:{case_id}"


def unwanted(recording: str) -> str:
    """A spoken message that its caller recorded anew: a fetch that is under way must not bring it back."""
    return f"unwanted:{recording}"


def recording_member(recording: str, case_id: str) -> str:
    """The due-index member of a recording that is to be fetched for a case, or, without a case, deleted."""
    return f"recording|{recording}|{case_id}"


def timer_member(session_id: str, name: str, version: int) -> str:
    """The due-index member of a session's timer; it names the version that set it, so a late one is void."""
    return f"timer|{session_id}|{name}|{version}"
