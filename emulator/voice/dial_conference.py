"""Dial with a conference: wait with music, take part, leave."""

from emulator.signing import Product
from emulator.twiml.document import Dialect, Element, NoDocument
from emulator.voice.conference import WORDS, Conference, Participant, Reports
from emulator.voice.leg import Disconnected, Diverted, Ear, Goto, Leg
from emulator.voice.record import recording_reports
from emulator.voice.recording import Recorder
from emulator.voice.script import Move, Script
from emulator.voice.stage import Stage
from emulator.waiting import first_of
from emulator.webhooks import Hook

MUSIC = "hold music"


async def dial_conference(script: Script, verb: Element, noun: Element) -> Move:
    """Join the conference until it ends or the leg leaves it."""
    script.leg.answer()
    conference = find_conference(script, noun)
    refusal = _refusal(conference, noun)
    if refusal:
        script.error(*refusal)
        return None
    person = Participant(
        script.leg,
        starts=noun.flag("startConferenceOnEnter", default=True),
        ends=noun.flag("endConferenceOnExit", default=False),
        label=noun.get("participantLabel"),
        muted=noun.flag("muted", default=False),
        beep=noun.get("beep", "true"),
    )
    coached = noun.get("coach")
    if coached and coached not in conference.participants:
        script.error(13240, f"Conference coach: {coached} is no participant")
    else:
        person.coaches = coached
    person.play = lambda hook, again: script.stage.start(_play(script, hook, again=again))
    conference.invited.pop(script.leg.sid, None)
    conference.enter(person)
    if verb.flag("hangupOnStar", default=False):
        script.leg.listen(Ear(lambda key: _star(conference, person, key)))
    try:
        await _take_part(script, conference, person, noun)
    except Disconnected:
        await _report(script, verb)
        raise
    except Diverted:
        conference.leave(script.leg, "participant_updated_via_api")
        raise
    return script.action(verb, {"DialCallStatus": "answered"}) if "action" in verb.attributes else None


def find_conference(script: Script, noun: Element) -> Conference:
    """Return the running conference of that name, or a new one reporting as this first participant says."""
    existing = script.stage.conference(noun.text)
    if existing is not None:
        return existing
    url = noun.get("statusCallback")
    hook = Hook(script.document.resolve(url), noun.get("statusCallbackMethod", "POST")) if url else None
    reports = Reports(hook, frozenset(noun.get("statusCallbackEvent", "start end").split()))
    conference = open_conference(script.stage, noun.text, reports)
    if noun.get("record") == "record-from-start":
        _record(script, noun, conference)
    return conference


def _record(script: Script, noun: Element, conference: Conference) -> None:
    """Record a conference from its start to its end."""

    async def run() -> None:
        await first_of(conference.started.wait, conference.ended.wait)
        if not conference.started.is_set():
            return
        recorder = Recorder(script.stage, script.leg, "Conference", recording_reports(script, noun))
        recorder.conference_sid = conference.sid
        await conference.ended.wait()
        recorder.keep()

    script.stage.start(run())


def open_conference(stage: Stage, name: str, reports: Reports) -> Conference:
    """Return a new conference that reports by callbacks."""

    def report(conference: Conference, event: str, person: Participant | None) -> None:
        params = conference.params(event, person, stage.world.account.sid)
        stage.world.journal.note(f"conference.{event}", subject=conference.sid, params=params)
        hook = conference.reports.hook
        if hook is not None and WORDS[event] in conference.reports.events:
            stage.callbacks.send(hook, params, product=Product.VOICE, subject=conference.sid)

    conference = Conference(name, reports, stage.world.clock.now, report)
    stage.conferences[conference.sid] = conference
    return conference


def _refusal(conference: Conference, noun: Element) -> tuple[int, str] | None:
    if len(conference.participants) >= noun.number("maxParticipants", 250):
        return 13200, f"Conference {noun.text} is full"
    label = noun.get("participantLabel")
    if label and any(person.label == label for person in conference.participants.values()):
        return 16025, f"Conference participant label {label} is already in use"
    return None


def _star(conference: Conference, person: Participant, key: str) -> None:
    """Let `*` lead out of the conference; the leg goes on at the action of its Dial (Twilio docs, Dial)."""
    if key == "*" and not person.out.is_set():
        conference.leave(person.leg)
        person.leg.listen(None)
        person.out.set()


async def _take_part(script: Script, conference: Conference, person: Participant, noun: Element) -> None:
    leg = script.leg
    music = script.stage.start(_music(script, noun)) if not conference.started.is_set() else None
    try:
        await leg.until(first_of(conference.started.wait, conference.ended.wait))
    finally:
        if music is not None:
            music.cancel()
    await leg.until(first_of(conference.ended.wait, person.out.wait))


async def _music(script: Script, noun: Element) -> None:
    """Play the waiting music: silence for an empty waitUrl, else the TwiML there, over and over."""
    url = noun.get("waitUrl") if "waitUrl" in noun.attributes else None
    if url is None:
        script.leg.say("music", MUSIC)
    if not url:
        return
    waiting = script.nested(Dialect.CONFERENCE_WAIT)
    hook = Hook(script.document.resolve(url), noun.get("waitMethod", "POST"))
    await play_over_and_over(waiting, hook)


async def _play(script: Script, hook: Hook, *, again: bool) -> None:
    """Play a document to a participant: an announcement once, what is heard on hold over and over."""
    waiting = script.nested(Dialect.CONFERENCE_WAIT)
    if again:
        await play_over_and_over(waiting, hook)
        return
    try:
        await waiting.run(Goto(hook, purpose="announcement"))
    except (NoDocument, Disconnected, Diverted):
        return


async def play_over_and_over(waiting: Script, hook: Hook) -> None:
    """Run waiting TwiML again and again until cancelled; a document that takes no time is not asked for twice."""
    clock = waiting.stage.world.clock
    while True:
        begun = clock.elapsed_s()
        try:
            await waiting.run(Goto(hook, purpose="waitUrl"))
        except (NoDocument, Disconnected, Diverted):
            return
        if clock.elapsed_s() <= begun:
            return


async def _report(script: Script, verb: Element) -> None:
    if "action" not in verb.attributes:
        return
    try:
        await script.load(script.action(verb, {"DialCallStatus": "answered"}))
    except NoDocument:
        return  # recorded where it failed


def kick(conference: Conference, leg: Leg) -> None:
    """Take a participant out by REST; the leg's TwiML goes on after the <Dial>."""
    person = conference.participants[leg.sid]
    conference.leave(leg, "participant_updated_via_api")
    person.out.set()
