"""Enqueue, Leave and Dial with a queue: waiting in line until somebody takes the call."""

import asyncio
from typing import Any

from emulator.twiml.document import Dialect, Element, NoDocument
from emulator.voice.bridge import Bridge
from emulator.voice.leg import Disconnected, Diverted, Goto
from emulator.voice.lines import Place, Queue
from emulator.voice.script import Move, Script, Stop
from emulator.webhooks import Hook

SIZE_LIMIT = 100


async def enqueue(script: Script, verb: Element) -> Move:
    """Wait in the queue until taken, left or hung up; then go to the action, or on."""
    script.leg.answer()
    queue = find_queue(script, verb.text or "default")
    place = Place(script.leg, script.stage.world.clock.elapsed_s())
    limit = verb.number("maxQueueSize", SIZE_LIMIT)
    if len(queue.places) >= limit:
        return _outcome(script, verb, queue, place, "queue-full")
    queue.places.append(place)
    waiting = asyncio.ensure_future(_wait(script, verb, queue, place))
    try:
        await script.leg.until(_first(waiting, place.taken))
        result = waiting.result() if waiting.done() and not place.taken.is_set() else "bridged"
        waiting.cancel()
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
    """Take the first call waiting in the queue and be joined with it."""
    script.leg.answer()
    queue = find_queue(script, noun.text or "default")
    if not queue.places:
        return script.action(verb, {"DialCallStatus": "no-answer"}) if "action" in verb.attributes else None
    place = queue.places.pop(0)
    place.taken.set()
    bridge = Bridge(queue.name, script.leg, place.leg, kind="queue")
    try:
        await script.leg.until(bridge.closed.wait())
    finally:
        bridge.close()
        place.done.set()
    return script.action(verb, {"DialCallStatus": "completed"}) if "action" in verb.attributes else None


def find_queue(script: Script, name: str) -> Queue:
    """Return the queue of that name, which comes into being if need be."""
    return script.stage.queues.setdefault(name, Queue(name))


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
        "AvgQueueTime": str(int(now_s - place.since_s)),
        "CurrentQueueSize": str(len(queue.places)),
        "MaxQueueSize": str(SIZE_LIMIT),
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
