"""Requests nobody in their right mind would send: to every route there is, signed by Twilio's token or not."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote

from twilio.request_validator import RequestValidator
from werkzeug.datastructures import MultiDict
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from tests.console.desk import CARLA, Desk, a_case
from tests.helpline.inside import Inside

NAMES = (
    "MessageSid", "SmsSid", "CallSid", "From", "To", "Body", "Digits", "SpeechResult", "CallStatus", "MessageStatus",
    "NumMedia", "MediaUrl0", "OptOutType", "ErrorCode", "Direction", "StatusCallbackEvent", "RecordingSid",
    "RecordingUrl", "RecordingDuration", "AnsweredBy", "DialCallStatus", "Timestamp", "SequenceNumber", "csrf_token",
    "code", "phone", "outcome", "text", "note", "from", "until", "who", "list", "node", "answer", "channel", "\x00", "",
)  # fmt: skip
ARGUMENTS = ("v", "c", "p", "n", "k", "w", "s", "f", "l", "case", "day", "from", "to", "page", "bodySHA256", "%00")
ENDS_THE_VISIT = {"console.sign_out", "console.end_visit", "console.enter", "console.first"}
METHODS = ("GET", "POST", "POST", "POST", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD", "TRACE", "BREW")
ODD = (
    "", " ", "0", "1", "-1", "00", "1e9", "9" * 40, "9" * 5000, "NaN", "null", "true", "[]", "{}", "%s%n", "{0.__class__}",
    "{number:emergency}", "' OR 1=1 --", "<Response><Dial>+19005551234</Dial></Response>", "]]>", "&#0;", "../../etc/passwd",
    "http://169.254.169.254/latest", "\x00", "\x1b[2J", "\ufffe\uffff", "\u202e\u2066", "é" * 300, "🆘" * 500, "١٢٣", "²",
    "+1", "+", "+12025550123", "12025550123", "anonymous", "+266696687", "sip:a@b", "client:x", "911", "SM", "CA" + "0" * 32,
    "SM" + "f" * 32, "RE" + "a" * 32, "i want to die", "DELETE", "STOP", "a|b|c", "case|1|2|3", "a:b:c", "\n\r\n", "x" * 60_000,
)  # fmt: skip


@dataclass(frozen=True)
class Malformed:
    """Draws such requests, the same for the same seed."""

    line: Inside
    seed: int

    def requests(self, count: int) -> Iterator[TestResponse]:
        """Send so many, and give each answer."""
        draw, rules = random.Random(self.seed), sorted(self.line.rules, key=lambda rule: rule.rule)
        rules += 2 * [rule for rule in rules if rule.rule.startswith("/twilio/")]
        validator = RequestValidator(self.line.settings.auth_tokens[0])
        known = known_ids(self.line)
        stranger, staff = self.line.app.test_client(), Desk(self.line, self.line.app.test_client()).sign_in(CARLA)
        for _ in range(count):
            rule = draw.choice(rules)
            path = _path(draw, rule, known)
            form = MultiDict((draw.choice(NAMES), _value(draw)) for _ in range(draw.randint(0, 9)))
            client = stranger
            if draw.random() < 0.6 and rule.endpoint not in ENDS_THE_VISIT:
                client = staff.client
                form.setlist("csrf_token", [staff.token])
            if draw.random() < 0.6:
                form.setlist(draw.choice(("MessageSid", "CallSid")), [f"SM{draw.randrange(16**32):032x}"])
            headers = _headers(draw)
            if client is staff.client:
                headers.pop("Cookie", None)
            if draw.random() < 0.75:
                headers["X-Twilio-Signature"] = validator.compute_signature(self.line.settings.public_url + path, form)
            usual = sorted(rule.methods - {"HEAD", "OPTIONS"})
            method = draw.choice(usual if draw.random() < 0.85 else METHODS)
            yield client.open(path, method=method, headers=headers, **_body(draw, form))


def known_ids(line: Inside) -> tuple[str, ...]:
    """Ids that are there: a case, its code, its pages, its conversation."""
    case = a_case(line)
    line.services.dispatch.advance(case.id)
    case = line.services.store.case(case.id)
    pages = [page.id for page in case.pages]
    return (case.id, case.code, *pages, *case.sessions, f"{case.id}.nothing", f"{case.id}x")


def _path(draw: random.Random, rule: Rule, known: tuple[str, ...]) -> str:
    parts = rule.rule
    for argument in rule.arguments:
        for kind in ("int:", "path:", ""):
            given = draw.choice(known) if draw.random() < 0.5 else _value(draw)[:200] or "x"
            parts = parts.replace(f"<{kind}{argument}>", quote(given, safe=""))
    names = [draw.choice(ARGUMENTS) for _ in range(draw.randint(0, 3))]
    values = [draw.choice(known) if draw.random() < 0.5 else _value(draw)[:300] for _ in names]
    safe = draw.choice(("", "&=?%"))
    query = "&".join(f"{name}={quote(value, safe=safe)}" for name, value in zip(names, values, strict=True))
    return parts + (f"?{query}" if query else draw.choice(("", "", "?")))


def _value(draw: random.Random) -> str:
    if draw.random() < 0.7:
        return draw.choice(ODD)
    return "".join(
        chr(draw.choice((draw.randrange(1, 0xD7FF), draw.randrange(1, 0x7F)))) for _ in range(draw.randint(0, 40))
    )


def _headers(draw: random.Random) -> dict[str, str]:
    pool = {
        "X-Twilio-Signature": draw.choice(("", "=", "A" * 500, "bm9uc2Vuc2U=")),
        "Cookie": draw.choice(("helpline=x", "helpline=" + "." * 50, "a=b; " * 50)),
        "X-Forwarded-For": draw.choice(("1.2.3.4, 5.6.7.8", "", "' OR 1")),
        "Host": draw.choice(("evil.example", "[::1", "a" * 300, "localhost:99999")),
        "Accept-Language": draw.choice(("es", "*;q=x", "é".encode().decode("latin-1"))),
        "I-Twilio-Idempotency-Token": "x" * draw.randint(0, 300),
    }
    return {name: value for name, value in pool.items() if draw.random() < 0.25}


def _body(draw: random.Random, form: MultiDict) -> dict[str, object]:
    roll = draw.random()
    if roll < 0.8:
        return {"data": form}
    if roll < 0.9:
        kinds = (
            "application/json",
            "multipart/form-data; boundary=",
            "multipart/form-data; boundary=x",
            "text/xml",
            "x",
        )
        return {"data": draw.randbytes(draw.randint(0, 400)), "content_type": draw.choice(kinds)}
    return {"data": b"Body=%FF%FE&%=&=&&Body", "content_type": "application/x-www-form-urlencoded; charset=utf-7"}
