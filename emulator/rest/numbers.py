"""The IncomingPhoneNumber resource: the account's numbers and their webhooks."""

from typing import Any

from emulator.account import Number
from emulator.rest.form import Form, absolute_url_fault
from emulator.rest.http import API, ApiRequest, ApiResponse, bad, not_found
from emulator.rest.paging import Listing, page, rfc2822
from emulator.settings import NumberSettings
from emulator.world import World

URLS = ("SmsUrl", "SmsFallbackUrl", "VoiceUrl", "VoiceFallbackUrl", "StatusCallback")
METHODS = ("SmsMethod", "SmsFallbackMethod", "VoiceMethod", "VoiceFallbackMethod", "StatusCallbackMethod")


class Numbers:
    """create (any number is free here), fetch, list, update, delete."""

    def __init__(self, world: World) -> None:
        self._world = world

    def create(self, request: ApiRequest, form: Form) -> ApiResponse:  # noqa: ARG002 - the shape of every handler
        wanted = form.e164("PhoneNumber", missing=bad(21451, "A PhoneNumber is required."), invalid=21421)
        if self._world.account.owned(wanted) is not None:
            raise bad(21422, f"{wanted} is not available.")
        changes = _changes(form)
        number = self._world.account.add_number(NumberSettings(wanted), self._world.clock.now())
        return ApiResponse(201, self.render(self._change(number, changes)))

    def list(self, request: ApiRequest, form: Form) -> ApiResponse:
        wanted, named = form.text("PhoneNumber"), form.text("FriendlyName")
        found = [
            number
            for number in self._world.account.numbers.values()
            if wanted in number.phone_number and named in ("", number.friendly_name)
        ]
        return page(request, form, Listing("incoming_phone_numbers", self.render), found)

    def fetch(self, request: ApiRequest, form: Form, sid: str) -> ApiResponse:  # noqa: ARG002
        return ApiResponse(200, self.render(self._find(request, sid)))

    def update(self, request: ApiRequest, form: Form, sid: str) -> ApiResponse:
        number = self._find(request, sid)
        return ApiResponse(200, self.render(self._change(number, _changes(form))))

    def delete(self, request: ApiRequest, form: Form, sid: str) -> ApiResponse:  # noqa: ARG002
        self._find(request, sid)
        del self._world.account.numbers[sid]
        return ApiResponse(204)

    def render(self, number: Number) -> dict[str, Any]:
        """Return a number as Twilio's JSON."""
        account = self._world.account.sid
        return {
            "sid": number.sid,
            "account_sid": account,
            "friendly_name": number.friendly_name,
            "phone_number": number.phone_number,
            "api_version": "2010-04-01",
            "beta": False,
            "capabilities": {"voice": True, "sms": True, "mms": True, "fax": False},
            "date_created": rfc2822(number.date_created),
            "date_updated": rfc2822(number.date_updated),
            "origin": "twilio",
            "status": "in-use",
            "sms_url": number.sms_url,
            "sms_method": number.sms_method,
            "sms_fallback_url": number.sms_fallback_url,
            "sms_fallback_method": number.sms_fallback_method,
            "sms_application_sid": "",
            "voice_url": number.voice_url,
            "voice_method": number.voice_method,
            "voice_fallback_url": number.voice_fallback_url,
            "voice_fallback_method": number.voice_fallback_method,
            "voice_application_sid": "",
            "voice_caller_id_lookup": False,
            "voice_receive_mode": "voice",
            "status_callback": number.status_callback,
            "status_callback_method": number.status_callback_method,
            "address_requirements": "none",
            "address_sid": None,
            "bundle_sid": None,
            "emergency_address_sid": None,
            "emergency_address_status": "unregistered",
            "emergency_status": "Inactive",
            "identity_sid": None,
            "type": "local",
            "trunk_sid": None,
            "uri": f"{API}/Accounts/{account}/IncomingPhoneNumbers/{number.sid}.json",
        }

    def _find(self, request: ApiRequest, sid: str) -> Number:
        number = self._world.account.numbers.get(sid)
        if number is None:
            raise not_found(request.path)
        return number

    def _change(self, number: Number, changes: dict[str, str]) -> Number:
        for name, value in changes.items():
            setattr(number, name, value)
        number.date_updated = self._world.clock.now()
        return number


def _changes(form: Form) -> dict[str, str]:
    """Return what the form changes, checked before anything is changed."""
    changes = {"friendly_name": form.text("FriendlyName")} if form.has("FriendlyName") else {}
    for name in URLS:
        if form.has(name):
            url = form.text(name)
            if url and (fault := absolute_url_fault(url)):
                raise bad(21402, f"{name} is not a valid URL: {url}: {fault}")
            changes[_field(name)] = url
    changes.update({_field(name): form.method(name) for name in METHODS if form.has(name)})
    return changes


def _field(name: str) -> str:
    """Return the field a parameter sets: VoiceFallbackUrl → voice_fallback_url."""
    return "".join("_" + char.lower() if char.isupper() else char for char in name).lstrip("_")
