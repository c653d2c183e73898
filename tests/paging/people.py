"""The people around a line: staff who may or may not answer, and callers. Each sees only what a telephone shows."""

import re
from dataclasses import dataclass

from tests.helpline.inside import BEGIN

ANA, BEN, CARLA, FALLBACK = "+17175550111", "+17175550112", "+17175550113", "+17175550199"
STAFF = (ANA, BEN, CARLA)
CODE = re.compile(r"\b[2-9][A-Z][2-9][A-Z]\b")
DANGER = ("i took all my pills", "my friend took too much and wont wake up", "i want to die", "she is not breathing")
CALM = ("can i talk to someone", "i want to talk to a person")


def caller(number):
    return f"+1202555{number:04d}"


@dataclass
class Habits:
    """Shares: of pages read that are answered, of calls that are taken, and so on."""

    replies: float = 0.0
    passes: float = 0.0
    picks_up: float = 0.0
    presses_one: float = 0.8
    owner_picks_up: float = 0.85
    caller_picks_up: float = 0.7
    says_done: float = 0.7
    releases: float = 0.0


NOBODY = Habits(owner_picks_up=0.0, caller_picks_up=0.0)
WILLING = Habits(replies=1.0, picks_up=1.0, presses_one=1.0, owner_picks_up=1.0, caller_picks_up=1.0, says_done=1.0)
NIGHT = Habits(replies=0.12, passes=0.06, picks_up=0.35, presses_one=0.75, releases=0.04)


class People:
    """Everybody with a telephone. What they see that must not be is noted in `house.faulty`."""

    def __init__(self, habits):
        self.habits = habits
        self.house = None
        self.told = []  # (seconds since the beginning, number, words) of texts to callers
        self.paged = []  # (seconds, number, words or "call") of what staff phones got
        self.first_page = {}  # case id -> seconds from opening to the first request

    def chance(self, probability):
        return self.house.random.random() < probability

    def wait(self, least, most):
        return self.house.random.uniform(least, most)

    @property
    def second(self):
        return (self.house.now - BEGIN).total_seconds()

    # -- seen at the carrier, at the very moment of a request ------------------------------------------------------

    def requested(self, leg):
        for page_id in self.house.carrier.pages(leg):
            self._requested(leg, page_id)

    def _requested(self, leg, page_id):
        case_id = page_id.rpartition(".")[0]
        case = self.house.case(case_id)
        page = None if case is None else case.page(page_id)
        if case is None or page is None:
            self.house.faulty.append(f"a request for {page_id}, which no case has")
            return
        match page.purpose.value:
            case "page":
                waited = (self.house.now - case.opened_at).total_seconds()
                self.first_page.setdefault(case_id, waited)
                self.paged.append((self.second, leg.to, leg.body or "call"))
                if not case.waiting:
                    self.house.faulty.append(f"{leg.to} paged for {case.code} in state {case.state}")
            case "caller":
                live = [one for one in self.house.carrier.legs.values() if one.live and one.to == leg.to]
                if len(live) > 1:
                    self.house.faulty.append(f"the caller of {case.code} is dialled twice at a time")

    # -- staff and callers read texts ------------------------------------------------------------------------------

    def reads(self, leg):
        if leg.to not in STAFF:
            self.told.append((self.second, leg.to, leg.body))
            return
        codes = CODE.findall(leg.body)
        if "how did it go" in leg.body.lower() and codes and self.chance(self.habits.says_done):
            self.house.later(self.wait(5, 60), lambda: self.says(leg.to, f"DONE {codes[0]} {self.outcome(codes[0])}"))
        elif "Reply 1" in leg.body and codes:
            self.house.later(self.wait(5, 40), lambda: self._replies(leg.to, self.house.random.choice(codes)))

    def outcome(self, code):
        case = self.house.store.transact(lambda tx: tx.case_by_code(code))
        return 1 if case is not None and case.contact_at else 4

    def _replies(self, number, code):
        if self.chance(self.habits.replies):
            answer = self.says(number, f"1 {code}")
            if "write here" in answer.lower():
                self.house.later(self.wait(2, 20), lambda: self._writes(number, code))
            elif "yours" in answer and self.chance(self.habits.releases):
                self.house.later(self.wait(1, 30), lambda: self.says(number, f"2 {code}"))
        elif self.chance(self.habits.passes):
            self.says(number, f"2 {code}")

    def _writes(self, number, code):
        self.says(number, f"{code} Hello, I am a counselor. Are you safe?")
        self.house.later(self.wait(60, 900), lambda: self.says(number, f"DONE {code} 1"))

    def says(self, number, words):
        self.house.seen["texts of staff" if number in STAFF else "texts of callers"] += 1
        return self.house.text_in(number, words)

    # -- telephones ring -------------------------------------------------------------------------------------------

    def picks_up(self, leg):
        if leg.status != "ringing":
            return
        if leg.to in (*STAFF, FALLBACK):
            owner = "status/page" in leg.callback and "&s=" not in leg.callback
            page_willing = self.habits.picks_up if leg.to != FALLBACK else 0.0
            willing = self.habits.owner_picks_up if owner else page_willing
        else:
            willing = self.habits.caller_picks_up
        if any(one.live and one is not leg and one.status == "in-progress" and one.to == leg.to for one in self.legs()):
            self.house.carrier._status(leg, "busy")
        elif self.chance(willing):
            self.house.carrier.answered(leg, "person")
        elif self.chance(0.4):
            self.house.carrier.answered(leg, "voicemail")

    def legs(self):
        return self.house.carrier.legs.values()

    def hears(self, leg, action, follow):
        """A document waits for a key."""
        carrier = self.house.carrier
        if getattr(leg, "person", "") == "voicemail":
            carrier.later(leg, 8, lambda: carrier.goes_on(leg, follow) if follow else carrier.hang_up(leg))
        elif "staff/outcome" in action:
            carrier.later(leg, self.wait(1, 6), lambda: carrier.pressed(leg, action, "1"))
        elif "voice/turn" in action:
            again = (lambda: carrier.goes_on(leg, follow)) if follow else (lambda: carrier.hang_up(leg))
            carrier.later(leg, 8, again)
        else:
            key = "1" if self.chance(self.habits.presses_one) else "2"
            carrier.later(leg, self.wait(1, 5), lambda: carrier.pressed(leg, action, key))

    def meets(self, leg, inside):
        """Somebody enters a room in which others are."""
        if leg.to in STAFF and any(other.to in STAFF for other in inside):
            self.house.faulty.append(f"{leg.to} finds a colleague with the caller")

    def talk(self, legs):
        self.house.seen["talks"] += 1
        first = self.house.random.choice(legs)
        other = next(leg for leg in legs if leg is not first)
        self.house.later(self.wait(5, 600), lambda: self._hang_up(first, other))

    def _hang_up(self, first, other):
        self.house.carrier.hang_up(first)
        self.house.later(self.wait(0.5, 8), lambda: self.house.carrier.hang_up(other))

    # -- callers ---------------------------------------------------------------------------------------------------

    def needs_help(self, number, *, calm=False, text_only=False):
        """Somebody texts; some of them want no call."""
        words = self.house.random.choice(CALM if calm else DANGER)
        self.says(caller(number), words)
        if text_only:
            self.house.later(self.wait(5, 20), lambda: self.says(caller(number), "text only"))

    def calls(self, number):
        """Somebody calls, asks for a person and holds until they lose patience."""
        leg = self.house.carrier.call_in(caller(number))
        leg.person = "caller"
        form = {"CallSid": leg.sid, "From": caller(number), "CallStatus": "in-progress", "Direction": "inbound"}
        self.house.fetch(self.house.address("/twilio/voice"), form)
        turn = self.house.address("/twilio/voice/turn?v=1")
        self.house.carrier.run(leg, self.house.fetch(turn, {**form, "Digits": "0"}))
        self.house.later(self.house.random.expovariate(1 / 240), lambda: self.house.carrier.hang_up(leg))
