"""Messaging Services and their senders (Twilio's messaging API, version 1)."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from emulator.account import Number
from emulator.messaging.exchange import Messaging
from emulator.messaging.services import Service
from emulator.rest.form import Form, absolute_url_fault
from emulator.rest.http import ApiRequest, ApiResponse, bad, not_found
from emulator.world import World

URLS = {"InboundRequestUrl": "inbound_request_url", "FallbackUrl": "fallback_url", "StatusCallback": "status_callback"}
METHODS = {"InboundMethod": "inbound_method", "FallbackMethod": "fallback_method"}
FLAGS = {"UseInboundWebhookOnNumber": "use_inbound_webhook_on_number", "SmartEncoding": "smart_encoding"}


class MessagingServices:
    """create, fetch, list, update, delete; and the numbers in a service's pool."""

    def __init__(self, world: World, messaging: Messaging) -> None:
        self._world, self._services = world, messaging.services

    def create(self, request: ApiRequest, form: Form) -> ApiResponse:  # noqa: ARG002 - the shape of every handler
        name = form.text("FriendlyName")
        if not name:
            raise bad(20001, "FriendlyName parameter is required.")
        changes, now = _changes(form), self._world.clock.now()
        service = Service(name, now, now)
        self._services.all[service.sid] = service
        return ApiResponse(201, self.render(self._change(service, changes)))

    def list(self, request: ApiRequest, form: Form) -> ApiResponse:
        return self._page(request, form, "services", list(self._services.all.values()), self.render)

    def fetch(self, request: ApiRequest, form: Form, sid: str) -> ApiResponse:  # noqa: ARG002
        return ApiResponse(200, self.render(self._find(request, sid)))

    def update(self, request: ApiRequest, form: Form, sid: str) -> ApiResponse:
        service = self._find(request, sid)
        return ApiResponse(200, self.render(self._change(service, _changes(form))))

    def delete(self, request: ApiRequest, form: Form, sid: str) -> ApiResponse:  # noqa: ARG002
        self._find(request, sid)
        del self._services.all[sid]
        return ApiResponse(204)

    def add_number(self, request: ApiRequest, form: Form, sid: str) -> ApiResponse:
        service = self._find(request, sid)
        number = self._world.account.numbers.get(form.text("PhoneNumberSid"))
        if number is None:
            raise bad(21701, "PhoneNumberSid is not one of this account's numbers")
        if self._services.of_number(number.sid) is not None:
            raise bad(21712, f"{number.phone_number} already belongs to a Messaging Service")
        service.numbers[number.sid] = self._world.clock.now()
        return ApiResponse(201, self.render_number(service, number))

    def numbers(self, request: ApiRequest, form: Form, sid: str) -> ApiResponse:
        service = self._find(request, sid)
        owned = self._world.account.numbers
        found = [owned[number] for number in service.numbers if number in owned]
        return self._page(request, form, "phone_numbers", found, lambda number: self.render_number(service, number))

    def number(self, request: ApiRequest, form: Form, sid: str, number_sid: str) -> ApiResponse:  # noqa: ARG002
        service = self._find(request, sid)
        return ApiResponse(200, self.render_number(service, self._member(request, service, number_sid)))

    def remove_number(self, request: ApiRequest, form: Form, sid: str, number_sid: str) -> ApiResponse:  # noqa: ARG002
        service = self._find(request, sid)
        del service.numbers[self._member(request, service, number_sid).sid]
        return ApiResponse(204)

    def render(self, service: Service) -> dict[str, Any]:
        """Return a service as Twilio's JSON."""
        url = f"{self._world.base_url()}/v1/Services/{service.sid}"
        return {
            "sid": service.sid,
            "account_sid": self._world.account.sid,
            "friendly_name": service.friendly_name,
            "date_created": iso(service.date_created),
            "date_updated": iso(service.date_updated),
            "inbound_request_url": service.inbound_request_url or None,
            "inbound_method": service.inbound_method,
            "fallback_url": service.fallback_url or None,
            "fallback_method": service.fallback_method,
            "status_callback": service.status_callback or None,
            "sticky_sender": True,
            "mms_converter": True,
            "smart_encoding": service.smart_encoding,
            "scan_message_content": "inherit",
            "fallback_to_long_code": False,
            "area_code_geomatch": False,
            "synchronous_validation": False,
            "validity_period": service.validity_period,
            "url": url,
            "links": {"phone_numbers": f"{url}/PhoneNumbers"},
            "usecase": "undeclared",
            "us_app_to_person_registered": False,
            "use_inbound_webhook_on_number": service.use_inbound_webhook_on_number,
        }

    def render_number(self, service: Service, number: Number) -> dict[str, Any]:
        """Return a sender as Twilio's JSON."""
        added = iso(service.numbers[number.sid])
        return {
            "sid": number.sid,
            "account_sid": self._world.account.sid,
            "service_sid": service.sid,
            "date_created": added,
            "date_updated": added,
            "phone_number": number.phone_number,
            "country_code": "US",
            "capabilities": ["SMS", "MMS", "Voice"],
            "url": f"{self._world.base_url()}/v1/Services/{service.sid}/PhoneNumbers/{number.sid}",
        }

    def _page(
        self, request: ApiRequest, form: Form, key: str, items: Sequence[Any], render: Callable[[Any], dict[str, Any]]
    ) -> ApiResponse:
        """Return one page in the envelope of Twilio's newer APIs."""
        size, index = form.number("PageSize", 50, 1, 1000), form.number("Page", 0, 0, 1_000_000)
        form.text("PageToken")

        def url(page: int) -> str:
            return f"{self._world.base_url()}{request.path}?PageSize={size}&Page={page}"

        meta = {
            "key": key,
            "page": index,
            "page_size": size,
            "url": url(index),
            "first_page_url": url(0),
            "previous_page_url": url(index - 1) if index else None,
            "next_page_url": url(index + 1) if (index + 1) * size < len(items) else None,
        }
        return ApiResponse(200, {key: [render(item) for item in items[index * size :][:size]], "meta": meta})

    def _find(self, request: ApiRequest, sid: str) -> Service:
        service = self._services.all.get(sid)
        if service is None:
            raise not_found(request.path)
        return service

    def _member(self, request: ApiRequest, service: Service, sid: str) -> Number:
        number = self._world.account.numbers.get(sid)
        if number is None or sid not in service.numbers:
            raise not_found(request.path)
        return number

    def _change(self, service: Service, changes: dict[str, Any]) -> Service:
        for name, value in changes.items():
            setattr(service, name, value)
        service.date_updated = self._world.clock.now()
        return service


def iso(when: datetime) -> str:
    """Return a date as Twilio's newer APIs write it."""
    return when.strftime("%Y-%m-%dT%H:%M:%SZ")


def _changes(form: Form) -> dict[str, Any]:
    """Return what the form changes, checked before anything is changed."""
    changes: dict[str, Any] = {}
    if form.text("FriendlyName"):
        changes["friendly_name"] = form.text("FriendlyName")
    for name, field in URLS.items():
        if form.has(name):
            if form.text(name) and (fault := absolute_url_fault(form.text(name))):
                raise bad(20001, f"{name} is not a valid URL: {fault}")
            changes[field] = form.text(name)
    changes |= {field: form.method(name) for name, field in METHODS.items() if form.has(name)}
    changes |= {field: form.flag(name) for name, field in FLAGS.items() if form.has(name)}
    if form.has("ValidityPeriod"):
        changes["validity_period"] = form.number("ValidityPeriod", 36000, 1, 36000)
    return changes
