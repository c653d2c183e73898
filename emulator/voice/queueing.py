"""Enqueue, Leave and Dial with a queue: waiting in line until somebody takes the call."""

import asyncio
from typing import Any

from emulator.twiml.document import Dialect, Element, NoDocument
from emulator.voice.bridge import Bridge
from emulator.voice.leg import Disconnected, Diverted, Goto
from emulator.voice.lines import Place, Queue
from emulator.voice.script import Move, Script, Stop
from emulator.waiting import first_of
from emulator.webhooks import Hook


async def enqueue(script: Script, verb: Element) -> Move:
    """Wait in the queue until taken, left or hung up; then go to the action, or on."""
    script.leg.answer()
    queue = find_queue(script, verb.text or "default")
    clock = script.stage.world.clock
    place = Place(script.leg, clock.elapsed_s(), clock.now())
    limit = verb.number("maxQueueSize", queue.max_size)
    if len(queue.places) >= limit:
        return _outcome(script, verb, queue, place, "queue-full")
    queue.add(place)
    waiting = asyncio.ensure_future(_wait(script, verb, queue, place))
    try:
        await script.leg.until(_first(waiting, place.taken))
        result = waiting.result() if waiting.done() and not place.taken.is_set() else "bridged"
        waiting.cancel()
        if place.elsewhere is not None:
            await _report(script, _outcome(script, verb, queue, place, "redirected"))
            return place.elsewhere
        if result == "bridged":
            await script.leg.until(place.done.wait())
    except Disconnected:
        await _report(script, _outcome(script, verb, queue, place, "hangup"))
        raise
    except Diverted:
        await _report(script, _outcome(script, verb, queue, place, "redirected"))
        raise
    finally:
        waiting.cancel()
        if place in queue.places:
            queue.places.remove(place)
    return _outcome(script, verb, queue, place, result)


async def leave(script: Script, verb: Element) -> Move:
    """Leave the queue; outside one it does nothing that can be heard."""
    if script.dialect is Dialect.QUEUE_WAIT:
        return Stop()
    script.error(12200, f"<{verb.name}> only works in the waitUrl document of a queue")
    return None


async def dial_queue(script: Script, verb: Element, noun: Element) -> Move:
    """Take the first call waiting in the queue, or the next to come, and be joined with it."""
    script.leg.answer()
    queue = find_queue(script, noun.text or "default")
    place = await _next(script, queue, verb.number("timeout", 30))
    status = "no-answer"
    if place is not None:
        try:
            await _whisper(script, noun, queue, place)
            status = await _join(script, queue, place)
        finally:
            place.done.set()
    return script.action(verb, {"DialCallStatus": status}) if "action" in verb.attributes else None


async def _next(script: Script, queue: Queue, timeout_s: int) -> Place | None:
    """Return the first place, waiting for one to come; None when none came in time."""
    late = asyncio.Event()
    limit = script.stage.world.clock.later(timeout_s, late.set)
    try:
        while not queue.places and not late.is_set():
            queue.arrived.clear()
            await script.leg.until(first_of(queue.arrived.wait, late.wait))
    finally:
        limit.cancel()
    if not queue.places:
        return None
    place = queue.places.pop(0)
    place.taken.set()
    return place


async def _whisper(script: Script, noun: Element, queue: Queue, place: Place) -> None:
    """Play the <Queue url> document to the waiting call before the two are joined."""
    url = noun.get("url")
    if not url:
        return
    waited_s = int(script.stage.world.clock.elapsed_s() - place.since_s)
    told = script.on(place.leg, Dialect.CONFERENCE_WAIT)
    told.waiting_params = lambda: {
        "QueueSid": queue.sid,
        "QueueTime": str(waited_s),
        "DequeingCallSid": script.leg.sid,  # Twilio's spelling
    }
    hook = Hook(script.document.resolve(url), noun.get("method", "POST"))
    try:
        await script.leg.until(told.run(Goto(hook, purpose="Queue url")))
    except NoDocument:
        return  # recorded where it failed; the two are joined all the same


async def _join(script: Script, queue: Queue, place: Place) -> str:
    if not place.leg.live:
        return "no-answer"
    bridge = Bridge(queue.name, script.leg, place.leg, kind="queue")
    try:
        await script.leg.until(bridge.closed.wait())
    finally:
        bridge.close()
    return "completed"


def find_queue(script: Script, name: str) -> Queue:
    """Return the queue of that name, which comes into being if need be."""
    return script.stage.queues.setdefault(name, Queue(name, script.stage.world.clock.now()))


async def _wait(script: Script, verb: Element, queue: Queue, place: Place) -> str:
    """Run the waitUrl's TwiML over and over; return why the wait ended by itself."""
    url = verb.get("waitUrl")
    if not url:
        script.leg.say("music", "hold music")
        await place.taken.wait()
        return "bridged"
    waiting, clock = script.nested(Dialect.QUEUE_WAIT), script.stage.world.clock
    waiting.waiting_params = lambda: _position(queue, place, clock.elapsed_s())
    hook = Hook(script.document.resolve(url), verb.get("waitUrlMethod", "POST"))
    while True:
        begun_s = clock.elapsed_s()
        try:
            move = await waiting.run(Goto(hook, purpose="waitUrl"))
        except NoDocument:
            return "error"
        if isinstance(move, Stop):
            return "leave"
        if clock.elapsed_s() <= begun_s:
            await place.taken.wait()  # a document that takes no time is not asked for again and again


def _position(queue: Queue, place: Place, now_s: float) -> dict[str, str]:
    position = queue.places.index(place) + 1 if place in queue.places else 1
    return {
        "QueueSid": queue.sid,
        "QueuePosition": str(position),
        "QueueTime": str(int(now_s - place.since_s)),
        "AvgQueueTime": str(sum(queue.waits_s(now_s)) // max(1, len(queue.places))),
        "CurrentQueueSize": str(len(queue.places)),
        "MaxQueueSize": str(queue.max_size),
    }


def _outcome(script: Script, verb: Element, queue: Queue, place: Place, result: str) -> Goto | None:
    if "action" not in verb.attributes:
        return None
    waited_s = int(script.stage.world.clock.elapsed_s() - place.since_s)
    return script.action(verb, {"QueueResult": result, "QueueSid": queue.sid, "QueueTime": str(waited_s)})


async def _report(script: Script, goto: Goto | None) -> None:
    """Request the action although the answer will not be used."""
    if goto is None:
        return
    try:
        await script.load(goto)
    except NoDocument:
        return  # recorded where it failed


async def _first(waiting: "asyncio.Future[str]", taken: asyncio.Event) -> None:
    other = asyncio.ensure_future(taken.wait())
    both: set[asyncio.Future[Any]] = {other, waiting}
    try:
        await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
    finally:
        other.cancel()
