"""Reading documents as a telephone would, and every conversation the shipped content allows on one."""

from collections import deque
from dataclasses import replace
from urllib.parse import urlsplit

from config import content
from emulator.twiml.document import Dialect
from emulator.twiml.reading import read
from flows import engine
from flows.events import Answered, Channel, Recorded, Silent, Started, Via
from flows.session import CaseView, Session
from flows.step import Wait
from helpline.channels.voice import Addresses, VoiceRenderer
from tests.helpline.inside import BEGIN

MOST_BYTES = 64 * 1024
ENDS_SAFELY = frozenset({"Redirect", "Hangup", "Dial"})
KEYS = ("1", "2", "3", "4", "5", "6", "7", "0", "8", "9", "*", "#", "##*", "13", "2025550123")
PUBLIC = "https://line.example.org"
NOISE = "uh " * 150  # what half a minute of noise is heard as
ADDRESSES = frozenset({"action", "url", "statusCallback", "waitUrl", "recordingStatusCallback"})


def faults(document, public_url):
    """What is wrong with a document, as Twilio or a caller would find it; empty for a sound one."""
    body = document.encode()
    found = [f"{len(body)} bytes"] if len(body) > MOST_BYTES else []
    read_document = read(body, Dialect.VOICE)
    found += [problem.text for problem in read_document.problems if problem.code]
    if not read_document.verbs:
        return [*found, "nothing at all: Twilio would hang up"]
    last = read_document.verbs[-1]
    if last.name not in ENDS_SAFELY:
        found.append(f"ends with <{last.name}>: silence would hang up")
    if last.name == "Dial" and "action" not in last.attributes:
        found.append("a Dial without an action ends the call")
    for verb in elements(read_document.verbs):
        addresses = [value for name, value in verb.attributes.items() if name in ADDRESSES and value]
        addresses += [verb.text] if verb.name in {"Redirect", "Play"} else []
        found += [f"{one} is not absolute" for one in addresses if not one.startswith(public_url)]
        if verb.name in {"Gather", "Record"} and "action" not in verb.attributes:
            found.append(f"<{verb.name}> without an action asks its own address again")
    return found


def elements(verbs):
    for verb in verbs:
        yield verb
        yield from elements(verb.children)


def listens(document):
    """Where keys pressed at this document go, and where silence goes."""
    verbs = read(document.encode(), Dialect.VOICE).verbs
    gather = next((verb for verb in elements(verbs) if verb.name == "Gather"), None)
    redirect = next((verb for verb in verbs if verb.name == "Redirect"), None)
    return gather and gather.attributes["action"], redirect and redirect.text


def path_of(address):
    parts = urlsplit(address)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def heard(document):
    return " ".join(verb.text for verb in elements(read(document.encode(), Dialect.VOICE).verbs) if verb.name == "Say")


class Walk:
    """All the conversations a caller can have on the phone with the shipped content, one node and memory at a time."""

    def __init__(self, language):
        self.loaded = content.load()
        self.voice = VoiceRenderer(self.loaded.catalogue, Addresses(PUBLIC))
        self.language, self.count = language, 0

    def begin(self, withheld):
        session = engine.begin(
            self.loaded.flow, id="v", caller_key="k", channel=Channel.VOICE, language=self.language, at=BEGIN
        )
        return replace(session, memory={"withheld": "1"}) if withheld else session

    def step(self, session, event):
        """The next session, and the document if a telephone gets one."""
        done = engine.step(self.loaded.flow, Session.from_json(session.to_json()), event)
        after = done.session
        if any(effect.__class__.__name__ == "NeedPerson" for effect in done.effects):
            after = after.seen_with(CaseView("7F3K", "paging", tried=1))
        return after, self.voice.turn(done.prompts, done.listen, after.version, after.language), done.listen.wait

    def events(self):
        self.count += 1
        name = f"e{self.count}"
        yield Silent(name, BEGIN)
        yield Answered(name, BEGIN, NOISE, Via.SPEECH)
        yield Recorded(name, BEGIN, "RE1", 3)
        for key in KEYS:
            yield Answered(name, BEGIN, key, Via.KEYS, number="+12025550123" if len(key) == 10 else "")

    def documents(self, withheld):
        """Each document with the keys that led to it."""
        first, document, _ = self.step(self.begin(withheld), Started("s", BEGIN))
        yield ("call",), document
        seen, open_ = {self.place(first)}, deque([(("call",), first)])
        while open_:
            history, session = open_.popleft()
            for event in self.events():
                after, document, wait = self.step(session, event)
                step = (*history, getattr(event, "text", type(event).__name__)[:12])
                yield step, document
                if wait is not Wait.END and self.place(after) not in seen:
                    seen.add(self.place(after))
                    open_.append((step, after))

    def ways(self):
        """For each place where a conversation can stand, the shortest way there: the events, the first is the call."""
        first, _, _ = self.step(self.begin(withheld=False), Started("s", BEGIN))
        seen, open_ = {first.node}, deque([((), first)])
        yield first.node, ()
        while open_:
            way, session = open_.popleft()
            for event in self.events():
                after, _, wait = self.step(session, event)
                if wait is not Wait.END and after.node not in seen:
                    seen.add(after.node)
                    open_.append(((*way, event), after))
                    yield after.node, (*way, event)

    @staticmethod
    def place(session):
        """What tells two conversations apart as far as documents go."""
        known = tuple(bool(session.memory.get(name)) for name in ("withheld", "number", "offered"))
        return session.node, session.tries, session.language, known
