"""Where the helpline's number must send what arrives, and how that differs from where it sends it now."""

from collections.abc import Iterator, Mapping

from config.settings import Settings

RETRY = "#rc=3&rp=ct,rt,5xx&ct=2000&rt=5000&tt=15000"
"""Three more tries when we cannot be reached, are slow or fail, each short, 15 s in all: by itself Twilio tries a text
once more and only when it cannot connect (Twilio docs, "Webhooks connection overrides"). The same event again is known
by its id, so a retry does no harm. What follows `#` is neither sent nor signed."""


def wanted(settings: Settings, fallback_base: str = "") -> dict[str, str]:
    """The webhooks of the number. `fallback_base`: where the static documents of `helpline fallback` are hosted."""
    here = f"{settings.public_url}/twilio"
    there = fallback_base.rstrip("/")
    return {
        "sms_url": f"{here}/sms{RETRY}",
        "sms_method": "POST",
        "sms_fallback_url": f"{there}/sms.xml" if there else f"{here}/sms/fallback",
        "sms_fallback_method": "GET" if there else "POST",
        "voice_url": f"{here}/voice{RETRY}",
        "voice_method": "POST",
        "voice_fallback_url": f"{there}/voice.xml" if there else f"{here}/voice/fallback",
        "voice_fallback_method": "GET" if there else "POST",
        "status_callback": f"{here}/voice/status{RETRY}",
        "status_callback_method": "POST",
    }


def difference(now: Mapping[str, str], then: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """What has to change: name to value now and value then."""
    return {name: (now.get(name, ""), value) for name, value in then.items() if now.get(name, "") != value}


def misdirected(now: Mapping[str, str], settings: Settings) -> Iterator[tuple[str, str]]:
    """Webhooks by which callers would be lost: name and what is wrong. A fallback elsewhere is no fault."""
    right = wanted(settings)
    for name in ("sms_url", "voice_url", "status_callback"):
        if _bare(now.get(name, "")) != _bare(right[name]):
            yield name, f"is {_bare(now.get(name, '')) or 'empty'} and not {_bare(right[name])}"
    for name in ("sms_fallback_url", "voice_fallback_url"):
        if not now.get(name, ""):
            yield name, "is empty: while the line is down callers get nothing, or an error"


def _bare(address: str) -> str:
    return address.partition("#")[0]
