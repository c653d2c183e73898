"""What stories on the telephone have in common: words to wait for in both languages, and the ways in and out."""

import contextlib
from collections.abc import Iterator

import pytest
import requests

from helpline.store import keys
from tests.stories.people import ANA, BEN, NUMBERS, Call, Line, Phone, record, until

WORDS = {
    "en": {
        "menu": "press 0 at any time",
        "again": "I did not get that",
        "time": "Take your time",
        "questions": "About ketamine",
        "programs": "Our programs",
        "alerting": "I am alerting our staff",
        "place": "You are number",
        "keys": "Press 6",
        "long": "This takes too long",
        "worse": "If you feel worse, press 1",
        "signs": "Do you have any of these",
        "safe": "safe to call this number",
        "leave": "leave a short message",
        "when": "When is it safe to call",
        "kept": "Staff are asked to call you",
        "which": "Which number",
        "hidden": "I can't see your number",
        "heard": "I heard",
        "cannot": "can't call that number",
        "agree": "agree to be recorded",
        "tone": "After the tone",
        "have": "have your message",
        "screen": "If you asked for a call, press 1",
        "joining": "Ana is here. I am connecting you",
        "taken": "has taken your call",
        "lost": "We lost the other end",
        "missed": "We tried to call you",
        "texted": "I am sending it to this phone",
        "no texts": "I can't text this phone",
        "not an opioid": "Ketamine is not an opioid",
        "holiday": "closed for the holiday. This line is open day and night",
        "helped": "Did this call help you",
        "helped, by text": "Did we help you?",
        "thanks": "Thank you. We are here",
        "goodbye": "Goodbye",
    },
    "es": {
        "menu": "oprima 0 en cualquier momento",
        "again": "no le entendí",
        "time": "Tómese su tiempo",
        "questions": "Sobre la ketamina",
        "programs": "Nuestros programas; ",
        "alerting": "Estoy avisando al personal",
        "place": "Su lugar en la fila",
        "keys": "Oprima 6",
        "long": "Esto tarda más de lo que debe",
        "worse": "Si se siente peor, oprima 1",
        "signs": "Tiene algo de esto ahora",
        "safe": "seguro llamar a este número",
        "leave": "dejamos un mensaje corto",
        "when": "Cuándo es seguro llamar",
        "kept": "El personal le va a llamar",
        "which": "A qué número",
        "hidden": "No veo su número",
        "heard": "Oí",
        "cannot": "no puedo llamar a ese número",
        "agree": "acepta que le grabe",
        "tone": "luego del tono",
        "have": "tiene su mensaje",
        "screen": "oprima 1",
        "joining": "Ana ya llegó. Le estoy conectando",
        "taken": "tiene su llamada",
        "lost": "Se cortó la llamada",
        "missed": "Le llamamos y no contestó",
        "texted": "Se lo mando por texto",
        "no texts": "No puedo mandar textos a este número",
        "not an opioid": "La ketamina no es un opioide",
        "holiday": "cerrada por el día de fiesta. Esta línea está abierta día y noche",
        "helped": "Le ayudó esta llamada",
        "helped, by text": "¿Le ayudamos?",
        "thanks": "Gracias. Aquí estamos",
        "goodbye": "Hasta luego",
    },
}
REPLIES_WITHIN_S = 31
"""So long Twilio counts our replies to one phone before it answers 14107: stories come faster than staff write."""

both = pytest.mark.parametrize("language", ["en", "es"])


@pytest.fixture(autouse=True)
def staff_phones_are_quiet(line: Line) -> Iterator[None]:
    """What rang for an earlier story has stopped by itself: a phone that rings on for nobody fails here.

    At the end everybody hangs up: a caller left on the line in silence is asked twice and then gets a person paged.
    """
    for number in (ANA, BEN):
        phone = line.phone(number)
        until(f"{number} quiet", lambda phone=phone: not phone._ringing(), 40)
    yield
    for call in requests.get(f"{line.api}/calls?active=true", timeout=5).json():
        requests.post(f"{line.api}/calls/{call['sid']}/hangup", timeout=5)
    time_passes(line, REPLIES_WITHIN_S, 60)


def calls(caller: Phone, language: str) -> Call:
    """A call that has heard the menu in this language."""
    call = caller.calls().hears(WORDS["en"]["menu"])
    return call if language == "en" else call.press("3").hears(WORDS[language]["menu"])


def calls_and_holds(caller: Phone, language: str) -> Call:
    """A call in this language that has asked for a person and holds."""
    return calls(caller, language).press("0").hears(WORDS[language]["keys"])


def paged(line: Line, caller: Phone, staff: Phone) -> str:
    """The code of this caller's case, once this staff member has its page: an earlier story's text may come late."""
    key = line.store.vault.caller_key(caller.number)
    case = until("a case", lambda: line.store.transact(lambda tx: tx.case_of(key)))
    staff.gets(case.code)
    return case.code


def takes(staff: Phone, seconds: float = 40) -> Call:
    """The staff member's phone rings for the case, and they press 1."""
    return staff.rings(seconds).does("answer").hears("press 1").press("1")


def ends(line: Line, staff: Phone, code: str, outcome: int) -> None:
    """The staff member says how it ended, and the case is closed: one that is not would ring into the next story."""
    staff.texts(f"DONE {code} {outcome}")
    until(f"{code} closed; {staff.received[-2:]}", lambda: record(line, code)[0].closed)


def is_over(call: Call) -> None:
    until("the line hangs up", lambda: not call.now["live"])


def time_passes(line: Line, seconds: float, speed: float = 30) -> None:
    """Fast, for the telephones; the line's own clock goes on as ever."""

    def clock() -> float:
        return float(requests.get(f"{line.api}/clock", timeout=5).json()["elapsed_s"])

    until_then = clock() + seconds
    requests.put(f"{line.api}/clock", json={"speed": speed}, timeout=5).raise_for_status()
    try:
        until(f"{seconds:g} s passing", lambda: clock() >= until_then)
    finally:
        requests.put(f"{line.api}/clock", json={"speed": 1}, timeout=5).raise_for_status()


def falls_due(line: Line, prefix: str) -> None:
    """What is due at some time is due now, as if that time had passed."""
    with line.redis() as redis:
        rows = until(prefix, lambda: [row for row in redis.zrange(keys.DUE, 0, -1) if row.startswith(prefix.encode())])
        redis.zadd(keys.DUE, dict.fromkeys(rows, 0), xx=True)


@contextlib.contextmanager
def going_wrong(line: Line, *faults: dict[str, object]) -> Iterator[None]:
    """Twilio, or the network behind it, does this."""
    for fault in faults:
        requests.post(f"{line.api}/faults", json=fault, timeout=5).raise_for_status()
    try:
        yield
    finally:
        requests.delete(f"{line.api}/faults", timeout=5)


def a_stranger(line: Line, **how: object) -> Phone:
    """A phone of its own kind."""
    number = next(NUMBERS)
    requests.post(f"{line.api}/phones", json={"number": number, **how}, timeout=5).raise_for_status()
    return Phone(line.api, number).from_now()
