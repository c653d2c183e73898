"""Which handler answers which address; credentials, unknown parameters and errors on the way."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from emulator.journal import Level
from emulator.rest.calls import Calls
from emulator.rest.conferences import Conferences
from emulator.rest.form import Form
from emulator.rest.http import ApiError, ApiRequest, ApiResponse, not_found
from emulator.rest.messages import Messages
from emulator.rest.numbers import Numbers
from emulator.rest.paging import rfc2822
from emulator.rest.queues import Queues
from emulator.rest.recordings import Recordings
from emulator.rest.services import MessagingServices
from emulator.world import World

Handler = Callable[..., ApiResponse]
Routes = list[tuple[re.Pattern[str], dict[str, Handler]]]
SID = r"([^/]+)"


@dataclass(frozen=True, slots=True)
class Resources:
    """The resources there are."""

    messages: Messages
    calls: Calls
    numbers: Numbers
    conferences: Conferences
    recordings: Recordings
    services: MessagingServices
    queues: Queues


class Router:
    """Answers every REST request, whatever it holds, with Twilio's JSON."""

    def __init__(self, world: World, resources: Resources) -> None:
        self._world = world
        self._routes = _compiled(_routes(resources))
        self._v1 = _compiled(_v1_routes(resources))

    def answer(self, request: ApiRequest) -> ApiResponse:
        """Return the answer; every request and answer is in the journal."""
        try:
            response = self._dispatch(request)
        except ApiError as error:
            response = error.response()
        self._note(request, response)
        return response

    def _dispatch(self, request: ApiRequest) -> ApiResponse:
        if not self._world.account.accepts(request.user, request.password):
            raise ApiError(401, 20003, "Authenticate")
        if request.path.startswith("/v1/"):
            return self._route(self._v1, request, request.path.removeprefix("/v1/"))
        prefix = f"/2010-04-01/Accounts/{self._world.account.sid}"
        path = request.path.removesuffix(".json")
        if path == prefix and request.method == "GET":
            return self._account()
        if not path.startswith(prefix + "/"):
            raise not_found(request.path)
        return self._route(self._routes, request, path.removeprefix(prefix + "/"))

    def _route(self, routes: Routes, request: ApiRequest, rest: str) -> ApiResponse:
        for pattern, handlers in routes:
            match = pattern.fullmatch(rest)
            if match is None:
                continue
            handler = handlers.get(request.method)
            if handler is None:
                raise ApiError(405, 20004, f"Method not allowed: {request.method} {request.path}")
            form = Form(request.form if request.method == "POST" else request.query)
            response = handler(request, form, *match.groups())
            self._warn_of_unknown(request, form)
            return response
        raise not_found(request.path)

    def _warn_of_unknown(self, request: ApiRequest, form: Form) -> None:
        unknown = form.unknown()
        if unknown:
            self._world.journal.note(
                "warning",
                level=Level.WARNING,
                code=0,
                text=f"parameters not known to the emulator were ignored: {', '.join(unknown)}",
                path=request.path,
            )

    def _account(self) -> ApiResponse:
        sid = self._world.account.sid
        body: dict[str, Any] = {
            "sid": sid,
            "friendly_name": "Emulator",
            "status": "active",
            "type": "Full",
            "owner_account_sid": sid,
            "auth_token": "",
            "date_created": rfc2822(self._world.account.created),
            "date_updated": rfc2822(self._world.account.created),
            "subresource_uris": {},
            "uri": f"/2010-04-01/Accounts/{sid}.json",
        }
        return ApiResponse(200, body)

    def _note(self, request: ApiRequest, response: ApiResponse) -> None:
        body: dict[str, Any] = response.body or {}
        self._world.journal.note(
            "rest",
            subject=str(body.get("sid", "")),
            level=Level.WARNING if response.status >= 400 else Level.INFO,
            method=request.method,
            path=request.path,
            params=request.form if request.method == "POST" else request.query,
            status=response.status,
            code=body.get("code", 0) if response.status >= 400 else 0,
            text=body.get("message", "") if response.status >= 400 else "",
        )


def _routes(have: Resources) -> dict[str, dict[str, Handler]]:
    messages, calls, numbers, rooms = have.messages, have.calls, have.numbers, have.conferences
    queues = have.queues
    people = rf"Conferences/{SID}/Participants"
    return {
        "Messages": {"GET": messages.list, "POST": messages.create},
        f"Messages/{SID}": {"GET": messages.fetch, "POST": messages.update, "DELETE": messages.delete},
        f"Messages/{SID}/Media": {"GET": messages.media},
        f"Messages/{SID}/Media/{SID}": {"GET": messages.one_media, "DELETE": messages.delete_media},
        "Calls": {"GET": calls.list, "POST": calls.create},
        f"Calls/{SID}": {"GET": calls.fetch, "POST": calls.update, "DELETE": calls.delete},
        f"Calls/{SID}/Recordings": {"GET": have.recordings.of_call},
        "IncomingPhoneNumbers": {"GET": numbers.list, "POST": numbers.create},
        f"IncomingPhoneNumbers/{SID}": {"GET": numbers.fetch, "POST": numbers.update, "DELETE": numbers.delete},
        "Recordings": {"GET": have.recordings.list},
        f"Recordings/{SID}": {"GET": have.recordings.fetch, "DELETE": have.recordings.delete},
        "Queues": {"GET": queues.list, "POST": queues.create},
        f"Queues/{SID}": {"GET": queues.fetch, "POST": queues.update, "DELETE": queues.delete},
        f"Queues/{SID}/Members": {"GET": queues.members},
        f"Queues/{SID}/Members/{SID}": {"GET": queues.member, "POST": queues.dequeue},
        "Conferences": {"GET": rooms.list},
        f"Conferences/{SID}": {"GET": rooms.fetch, "POST": rooms.update},
        people: {"GET": rooms.participants, "POST": rooms.add_participant},
        f"{people}/{SID}": {
            "GET": rooms.participant,
            "POST": rooms.change_participant,
            "DELETE": rooms.remove_participant,
        },
    }


def _v1_routes(have: Resources) -> dict[str, dict[str, Handler]]:
    """Return the addresses of the messaging API, which Twilio serves from a host of its own."""
    services = have.services
    return {
        "Services": {"GET": services.list, "POST": services.create},
        f"Services/{SID}": {"GET": services.fetch, "POST": services.update, "DELETE": services.delete},
        f"Services/{SID}/PhoneNumbers": {"GET": services.numbers, "POST": services.add_number},
        f"Services/{SID}/PhoneNumbers/{SID}": {"GET": services.number, "DELETE": services.remove_number},
    }


def _compiled(routes: dict[str, dict[str, Handler]]) -> Routes:
    return [(re.compile(pattern), handlers) for pattern, handlers in routes.items()]
