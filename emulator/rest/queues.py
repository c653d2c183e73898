"""The Queue resource, and the calls that wait in one."""

from typing import Any

from emulator.rest.form import Form
from emulator.rest.http import API, ApiError, ApiRequest, ApiResponse, bad, not_found
from emulator.rest.paging import Listing, page, rfc2822
from emulator.voice.leg import Goto
from emulator.voice.lines import Place, Queue
from emulator.voice.switchboard import Switchboard
from emulator.world import World


class Queues:
    """create, fetch, list, update, delete; members: fetch, list, dequeue."""

    def __init__(self, world: World, switchboard: Switchboard) -> None:
        self._world, self._queues = world, switchboard.stage.queues

    def create(self, request: ApiRequest, form: Form) -> ApiResponse:  # noqa: ARG002 - the shape of every handler
        name, size = form.text("FriendlyName"), form.number("MaxSize", 100, 1, 5000)
        if not name:
            raise bad(20001, "FriendlyName is required.")
        if name in self._queues:
            raise bad(22003, f"A queue named {name} exists already")
        queue = self._queues[name] = Queue(name, self._world.clock.now(), size)
        return ApiResponse(201, self.render(queue))

    def list(self, request: ApiRequest, form: Form) -> ApiResponse:
        return page(request, form, Listing("queues", self.render), list(self._queues.values()))

    def fetch(self, request: ApiRequest, form: Form, sid: str) -> ApiResponse:  # noqa: ARG002
        return ApiResponse(200, self.render(self._find(request, sid)))

    def update(self, request: ApiRequest, form: Form, sid: str) -> ApiResponse:
        queue = self._find(request, sid)
        size, name = form.number("MaxSize", queue.max_size, 1, 5000), form.text("FriendlyName", queue.name)
        if name != queue.name and name in self._queues:
            raise bad(22003, f"A queue named {name} exists already")
        del self._queues[queue.name]
        queue.max_size, queue.name = size, name
        self._queues[name] = queue
        return ApiResponse(200, self.render(queue))

    def delete(self, request: ApiRequest, form: Form, sid: str) -> ApiResponse:  # noqa: ARG002
        queue = self._find(request, sid)
        if queue.places:
            raise ApiError(400, 22002, "The queue is not empty")
        del self._queues[queue.name]
        return ApiResponse(204)

    def members(self, request: ApiRequest, form: Form, sid: str) -> ApiResponse:
        queue = self._find(request, sid)
        return page(request, form, Listing("queue_members", lambda place: self._member(queue, place)), queue.places)

    def member(self, request: ApiRequest, form: Form, sid: str, who: str) -> ApiResponse:  # noqa: ARG002
        queue = self._find(request, sid)
        return ApiResponse(200, self._member(queue, _place(request, queue, who)))

    def dequeue(self, request: ApiRequest, form: Form, sid: str, who: str) -> ApiResponse:
        """Take somebody out of the queue and on to other TwiML."""
        queue = self._find(request, sid)
        place = _place(request, queue, who)
        hook = form.hook("Url", code=21205, method_name="Method")
        if hook is None:
            raise bad(21205, "Url parameter is required.")
        answer = self._member(queue, place)
        queue.places.remove(place)
        place.elsewhere = Goto(hook, purpose="dequeued")
        place.taken.set()
        return ApiResponse(200, answer)

    def render(self, queue: Queue) -> dict[str, Any]:
        """Return a queue as Twilio's JSON."""
        account, waits_s = self._world.account.sid, queue.waits_s(self._world.clock.elapsed_s())
        created = rfc2822(queue.created)
        return {
            "sid": queue.sid,
            "account_sid": account,
            "friendly_name": queue.name,
            "current_size": len(queue.places),
            "max_size": queue.max_size,
            "average_wait_time": sum(waits_s) // max(1, len(waits_s)),
            "date_created": created,
            "date_updated": created,
            "uri": f"{API}/Accounts/{account}/Queues/{queue.sid}.json",
        }

    def _member(self, queue: Queue, place: Place) -> dict[str, Any]:
        account, sid = self._world.account.sid, place.leg.sid
        return {
            "call_sid": sid,
            "date_enqueued": rfc2822(place.since),
            "position": queue.places.index(place) + 1,
            "wait_time": int(self._world.clock.elapsed_s() - place.since_s),
            "queue_sid": queue.sid,
            "uri": f"{API}/Accounts/{account}/Queues/{queue.sid}/Members/{sid}.json",
        }

    def _find(self, request: ApiRequest, sid: str) -> Queue:
        for queue in self._queues.values():
            if queue.sid == sid:
                return queue
        raise not_found(request.path)


def _place(request: ApiRequest, queue: Queue, who: str) -> Place:
    """Return a place by call SID, or the first by the word `Front`."""
    if who == "Front" and queue.places:
        return queue.places[0]
    for place in queue.places:
        if place.leg.sid == who:
            return place
    raise not_found(request.path)
