"""A Twilio that exists in one process and on a moved clock: texts, calls, rooms, callbacks, and everything it gets wrong.

It stands where `helpline.gateway.rest.Gateway` stands and speaks to the line through its real, signed webhooks only.
"""

from collections import Counter, deque
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from urllib.parse import parse_qs, urlsplit

from lxml import etree

from helpline.gateway.failures import Refused, Unavailable, Uncertain

RINGS_FOR_S = 25
LIVE = {"queued", "ringing", "in-progress"}


@dataclass
class Chances:
    """How often each thing goes wrong: shares of all requests, callbacks or points passed."""

    busy: float = 0.0  # 429, nothing done
    broken: float = 0.0  # 503, done or not
    unreachable: float = 0.0  # no connection
    answer_lost: float = 0.0  # done, no answer
    refused: float = 0.0
    undelivered: float = 0.0
    list_lags: float = 0.0
    callback_lost: float = 0.0
    callback_twice: float = 0.0
    room_event_lost: float = 0.0
    job_lost: float = 0.0
    died_at: dict[str, float] = field(default_factory=dict)


@dataclass
class Leg:
    """A text or a call of the account."""

    sid: str
    to: str
    kind: str
    body: str = ""
    status: str = "queued"
    callback: str = ""
    answer: str = ""
    at: object = None
    room: str = ""
    room_events: str = ""
    documents: int = 0

    @property
    def page(self) -> str:
        """The page this is for, as the address of its callback says."""
        return parse_qs(urlsplit(self.callback).query).get("p", [""])[0]

    @property
    def live(self) -> bool:
        return self.kind == "call" and self.status in LIVE


class Carrier:
    """`house` has the clock, chance, the heap of what comes later, and the line's web."""

    def __init__(self, house):
        self.house = house
        self.legs: dict[str, Leg] = {}
        self.requests: Counter[str] = Counter()  # per attempt: those the carrier carried out or may have
        self.rooms: dict[str, dict[str, None]] = {}  # who is inside, in the order of coming
        self.most_in_a_room = 0
        self.first_request: dict[str, object] = {}
        self.down_until = None
        self.answers = deque()  # what becomes of the next requests: done, 429, 503, 503 done, lost, cut, or a code
        self.fates = deque()  # error codes of the next page texts
        self.dead = {}  # number -> error code of every text to it
        self._made = 0

    # -- what the gateway offers ----------------------------------------------------------------------------------

    def text(self, to, body, callbacks, *, valid_for=None):  # noqa: ARG002
        leg = self._create(Leg("", to, "sms", body=body, callback=callbacks.status))
        return leg.sid

    def ring(self, to, callbacks, *, ring_for, machine=""):  # noqa: ARG002
        leg = self._create(Leg("", to, "call", callback=callbacks.status, answer=callbacks.answer))
        return leg.sid

    def cancel(self, call_sid):
        self._up()
        leg = self.legs.get(call_sid)
        if leg is not None and leg.status in {"queued", "ringing"}:
            self._status(leg, "canceled")

    def redirect(self, call_sid, url):
        self._up()
        leg = self.legs.get(call_sid)
        if leg is not None and leg.status == "in-progress":
            self.house.later(0.2, lambda: self.goes_on(leg, url))

    def call_status(self, call_sid):
        self._up()
        if call_sid not in self.legs:
            raise Refused(20404)
        return self.legs[call_sid].status

    def in_room(self, name):
        self._up()
        return tuple(self.rooms.get(name, ()))

    def find_texts(self, to, since):
        return self._listed("sms", to, since)

    def find_calls(self, to, since):
        return self._listed("call", to, since)

    # -- making -----------------------------------------------------------------------------------------------------

    def _create(self, leg):
        chances, roll = self.house.chances, self.house.random
        self._up()
        if self.answers:
            return self._scripted(leg, self.answers.popleft())
        if roll.random() < chances.busy:
            raise Unavailable("429", timedelta(seconds=roll.choice((1, 2, 5))))
        if roll.random() < chances.unreachable:
            raise Unavailable("no connection")
        if roll.random() < chances.refused:
            raise Refused(roll.choice((21211, 21614, 21610)))
        if roll.random() < chances.broken:
            if roll.random() < 0.5:
                self._carry_out(leg)
            raise Uncertain("503")
        self._carry_out(leg)
        if roll.random() < chances.answer_lost:
            raise Uncertain("no answer")
        return leg

    def _scripted(self, leg, answer):
        match answer:
            case "429":
                raise Unavailable("429", timedelta(seconds=2))
            case "cut":
                raise Unavailable("no connection")
            case "503":
                raise Uncertain("503")
            case "503 done" | "lost":
                self._carry_out(leg)
                raise Uncertain(answer)
            case "done":
                self._carry_out(leg)
                return leg
            case code:
                raise Refused(int(code))

    def _carry_out(self, leg):
        self._made += 1
        leg.sid = f"{'SM' if leg.kind == 'sms' else 'CA'}{self._made:032x}"
        leg.at = self.house.now
        self.legs[leg.sid] = leg
        if leg.page:
            self.requests.update(self.pages(leg))
            self.house.requested(leg)
        if leg.kind == "sms":
            self._deliver(leg)
        else:
            self.house.later(self.house.random.uniform(0.5, 3), lambda: self._rings(leg))

    def pages(self, leg):
        """Every page a request carries: one, or all that were folded into one text."""
        token = parse_qs(urlsplit(leg.callback).query).get("f", [""])[0]
        return (token and self.house.store.folded(token)) or (leg.page,)

    def _up(self):
        if self.down_until is not None and self.house.now < self.down_until:
            raise Unavailable("the carrier is down")

    def _listed(self, kind, to, since):
        self._up()
        if self.house.random.random() < self.house.chances.list_lags:
            return ()
        found = [one for one in self.legs.values() if (one.kind, one.to) == (kind, to) and one.at >= since]
        return tuple({"sid": one.sid, "body": one.body, "status": one.status, "at": one.at} for one in reversed(found))

    # -- texts ------------------------------------------------------------------------------------------------------

    def _deliver(self, leg):
        roll = self.house.random
        fate = self.fates.popleft() if self.fates and leg.page else ""
        if not fate and leg.page and roll.random() < self.house.chances.undelivered:
            fate = roll.choice(("30003", "30006", "30008"))
        fate = self.dead.get(leg.to, fate)
        lost = bool(fate)
        words = [("sending", ""), ("sent", ""), ("undelivered", fate) if lost else ("delivered", "")]
        leg.status = words[-1][0]
        roll.shuffle(words)
        for word, error in words:
            self._callback(leg, {"MessageSid": leg.sid, "MessageStatus": word, "ErrorCode": error})
        if not lost:
            self.house.reads(leg)

    # -- calls ------------------------------------------------------------------------------------------------------

    def _rings(self, leg):
        if leg.status != "queued":
            return
        self._status(leg, "ringing")
        self.house.later(self.house.random.uniform(2, 12), lambda: self.house.picks_up(leg))
        self.house.later(RINGS_FOR_S, lambda: leg.status == "ringing" and self._status(leg, "no-answer"))

    def answered(self, leg, person):
        """Somebody picked up: the line's document is fetched and run; `person` presses keys."""
        if leg.status != "ringing":
            return
        self._status(leg, "in-progress")
        leg.person = person
        self.goes_on(leg, leg.answer)

    def goes_on(self, leg, url):
        """Run the document at `url` on this call."""
        if leg.status != "in-progress":
            return
        self._leave(leg)
        self.run(leg, self.house.fetch(url, {"CallSid": leg.sid, "CallStatus": "in-progress"}))

    def run(self, leg, document):
        """The verbs of a document, in order, until one keeps the call."""
        if not document:
            self.hang_up(leg)
            return
        leg.documents += 1
        verbs = list(etree.fromstring(document.encode()))
        for place, verb in enumerate(verbs):
            match verb.tag:
                case "Gather":
                    rest = verbs[place + 1 :]
                    follow = rest[0].text if rest and rest[0].tag == "Redirect" else ""
                    self.house.hears(leg, verb.get("action"), follow)
                    return
                case "Dial":
                    self._enter(leg, verb)
                    return
                case "Redirect":
                    self.later(leg, 1, partial(self.goes_on, leg, verb.text))
                    return
                case "Hangup":
                    self.hang_up(leg)
                    return
        self.hang_up(leg)

    def later(self, leg, seconds, act):
        """Do this with a call later, unless another document has replaced the one it runs now.

        A call that is moved drops what it was doing (Twilio docs, Call resource: `Url` and `Twiml` of an update).
        """
        running = leg.documents
        self.house.later(seconds, lambda: act() if leg.documents == running else None)

    def pressed(self, leg, action, digits):
        if leg.status == "in-progress":
            form = {"CallSid": leg.sid, "CallStatus": "in-progress", "Digits": digits}
            self.run(leg, self.house.fetch(action, form))

    def _enter(self, leg, dial):
        conference = dial.find("Conference")
        if conference is None:  # a human's number in the safe answer
            self.house.later(60, lambda: self.hang_up(leg))
            return
        leg.room, leg.room_events = conference.text, conference.get("statusCallback")
        leg.ends_room = conference.get("endConferenceOnExit") == "true"
        leg.after = dial.get("action")
        inside = self.rooms.setdefault(leg.room, {})
        self.house.meets(leg, tuple(self.legs[sid] for sid in inside))
        inside[leg.sid] = None
        self.most_in_a_room = max(self.most_in_a_room, len(inside))
        self._room_event(leg, "participant-join")
        if len(inside) == 2:
            self.house.talk(tuple(self.legs[sid] for sid in inside))

    def _leave(self, leg):
        if not leg.room:
            return
        room, leg.room = leg.room, ""
        inside = self.rooms[room]
        inside.pop(leg.sid, None)
        self._room_event(leg, "participant-leave", room=room)
        if leg.ends_room:
            for sid in tuple(inside):
                other = self.legs[sid]
                self._leave(other)
                self.later(other, 0.3, lambda other=other: self.goes_on(other, other.after))

    def _room_event(self, leg, event, room=""):
        form = {"CallSid": leg.sid, "StatusCallbackEvent": event, "FriendlyName": room or leg.room}
        form["ParticipantCallStatus"] = leg.status
        if self.house.random.random() >= self.house.chances.room_event_lost:
            self.house.later(self.house.random.uniform(0.05, 0.5), lambda: self.house.fetch(leg.room_events, form))

    def hang_up(self, leg):
        if leg.live:
            leg.status = "completed"
            self._leave(leg)
            self._status(leg, "completed")

    def call_in(self, number):
        """Somebody calls the line."""
        self._made += 1
        leg = Leg(f"CA{self._made:032x}", number, "call", status="in-progress", at=self.house.now)
        leg.callback = self.house.address("/twilio/voice/status")
        leg.inbound = True
        self.legs[leg.sid] = leg
        return leg

    def _status(self, leg, word):
        leg.status = word
        self._callback(leg, {"CallSid": leg.sid, "CallStatus": word})

    def _callback(self, leg, form):
        chances, roll = self.house.chances, self.house.random
        if getattr(leg, "inbound", False):
            form |= {"From": leg.to, "Direction": "inbound"}
            if form["CallStatus"] != "completed":
                return
        if roll.random() < chances.callback_lost:
            return
        for _ in range(1 + (roll.random() < chances.callback_twice)):
            self.house.later(roll.uniform(0.05, 3), lambda: self.house.fetch(leg.callback, dict(form)))
