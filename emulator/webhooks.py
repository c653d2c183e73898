"""Twilio as an HTTP client: signed requests to the application, with its limits, retries and redirects."""

import asyncio
import secrets
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from urllib.parse import urlencode, urljoin

from emulator.clock import Clock
from emulator.cookies import Cookies
from emulator.faults import Fault, FaultKind, Faults
from emulator.journal import Journal, Level
from emulator.overrides import read_overrides
from emulator.signing import Product, body_sha256, signature
from emulator.transport import Incoming, Limits, Outgoing, TransportError, exchange

REDIRECT_LIMIT = 10
FORM = "application/x-www-form-urlencoded; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Hook:
    """Where Twilio sends a request."""

    url: str
    method: str = "POST"

    @classmethod
    def maybe(cls, url: str, method: str = "POST") -> "Hook | None":
        """Return a hook, or nothing for an empty URL."""
        return cls(url, method) if url else None


@dataclass(frozen=True, slots=True)
class Request:
    """One request to make: what for (`purpose` is for the journal), about which SID, with which parameters."""

    hook: Hook
    params: Mapping[str, str]
    product: Product
    subject: str
    purpose: str
    json_body: bytes | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """The application's answer, or why there is none: `code` is 0 for a 2xx answer, else Twilio's error code."""

    url: str
    status: int = 0
    content_type: str = ""
    body: bytes = b""
    code: int = 0
    text: str = ""


@dataclass(frozen=True, slots=True)
class Sending:
    """What all attempts at one request share."""

    call: Request
    limits: Limits
    fault: Fault | None
    idempotency: str
    deadline: float

    @property
    def remaining(self) -> Limits:
        """Return the limits with what is left of the total: retries get no time of their own."""
        return replace(self.limits, total_s=max(0.001, self.deadline - time.monotonic()))


@dataclass(frozen=True, slots=True)
class Ways:
    """What a webhook client needs of its surroundings."""

    clock: Clock
    journal: Journal
    faults: Faults
    token: Callable[[], str]


class WebhookClient:
    """Makes signed requests from worker threads, so that a slow application holds up nobody else."""

    def __init__(self, ways: Ways) -> None:
        self._ways = ways
        self._cookies = Cookies(ways.clock.elapsed_s)
        self._pool = ThreadPoolExecutor(max_workers=64, thread_name_prefix="twilio-webhook")

    async def send(self, call: Request) -> Reply:
        """Make the request, retrying as Twilio does; every attempt is in the journal."""
        with self._ways.clock.busy():
            overrides = read_overrides(call.hook.url)
            for text in overrides.faults:
                self._advise(call, text)
            fault = self._ways.faults.for_webhook(_facts(call))
            deadline = time.monotonic() + overrides.limits.total_s
            sending = Sending(call, overrides.limits, fault, secrets.token_hex(16), deadline)
            if fault is not None and fault.kind is FaultKind.WEBHOOK_REPEATED:
                await self._attempt(sending, 0)
            return await self._tries(sending)

    async def send_json(self, url: str, body: bytes, subject: str) -> Reply:
        """Send a JSON webhook as Twilio's newer products do: the body's hash stands in the signed URL."""
        with self._ways.clock.busy():
            full = with_query(url, {"bodySHA256": body_sha256(body)})
            call = Request(Hook(full), {}, Product.MESSAGING, subject, "JSON webhook", json_body=body)
            limits = read_overrides(url).limits
            sending = Sending(call, limits, None, secrets.token_hex(16), time.monotonic() + limits.total_s)
            return await self._tries(sending)

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def _tries(self, sending: Sending) -> Reply:
        for attempt in range(sending.limits.retries + 1):
            reply, kind = await self._attempt(sending, attempt)
            if kind not in sending.limits.retry_on or time.monotonic() >= sending.deadline:
                break
        return reply

    async def _attempt(self, sending: Sending, attempt: int) -> tuple[Reply, str]:
        """Return the reply and the retry policy it falls under, empty when it is final."""
        call = sending.call
        try:
            answer, url = await self._follow(sending)
            reply, kind = _reply(answer, url), _kind(answer.status)
        except TransportError as error:
            reply, kind = Reply(call.hook.url, code=error.code, text=error.text), error.kind
        self._record(call, reply, attempt)
        return reply, kind

    async def _follow(self, sending: Sending) -> tuple[Incoming, str]:
        """Make the request and up to ten redirects; a 301, 302 or 303 loses the form, as with Twilio."""
        call = sending.call
        method, url, params = call.hook.method, call.hook.url, call.params
        for _ in range(REDIRECT_LIMIT + 1):
            here = replace(call, hook=Hook(url, method), params=params)
            answer = await self._exchange(sending, here)
            self._cookies.keep(call.params, url, answer.cookies)
            if answer.status not in (301, 302, 303, 307, 308) or "location" not in answer.headers:
                return answer, url
            url = urljoin(url, answer.headers["location"])
            if answer.status in (301, 302, 303):
                self._advise(call, f"redirected with {answer.status} to {url}: the request's parameters are lost")
                method, params = "GET", {}
        raise TransportError("", 11215, "HTTP too many redirects")

    async def _exchange(self, sending: Sending, here: Request) -> Incoming:
        fault = sending.fault.kind if sending.fault is not None else None
        if fault is FaultKind.WEBHOOK_LOST:
            raise TransportError("ct", 11205, "HTTP connection failure: the request was lost on purpose")
        outgoing = self._outgoing(sending, here)
        answer = await asyncio.get_running_loop().run_in_executor(self._pool, exchange, outgoing, sending.remaining)
        if fault is FaultKind.WEBHOOK_ANSWER_LOST:
            raise TransportError("rt", 11200, "HTTP retrieval failure: the answer was lost on purpose")
        return answer

    def _outgoing(self, sending: Sending, here: Request) -> Outgoing:
        url, form, get = here.hook.url, here.params, here.hook.method == "GET"
        if get:
            url, form = with_query(url, here.params), {}
        headers = {
            "User-Agent": "TwilioProxy/1.1",
            "Accept": "*/*",
            "Connection": "close",
            "I-Twilio-Idempotency-Token": sending.idempotency,
            **self._cookies.header(sending.call.params, url),
            **self._signed(sending, url, form, here.product),
        }
        if get:
            return Outgoing("GET", url, headers)
        if here.json_body is not None:
            return Outgoing("POST", url, headers | {"Content-Type": "application/json"}, here.json_body)
        return Outgoing("POST", url, headers | {"Content-Type": FORM}, urlencode(form).encode())

    def _signed(self, sending: Sending, url: str, form: Mapping[str, str], product: Product) -> dict[str, str]:
        """Return the signature header: by the account's token, unless a fault spoils it."""
        token = self._ways.token()
        match sending.fault.kind if sending.fault is not None else None:
            case FaultKind.WEBHOOK_UNSIGNED:
                return {}
            case FaultKind.WEBHOOK_FORGED:
                token = token[::-1] + "?"
            case _:
                pass
        return {"X-Twilio-Signature": signature(token, url, form, product)}

    def _advise(self, call: Request, text: str) -> None:
        self._ways.journal.note("warning", subject=call.subject, level=Level.WARNING, code=0, text=text)

    def _record(self, call: Request, reply: Reply, attempt: int) -> None:
        self._ways.journal.note(
            "webhook",
            subject=call.subject,
            level=Level.ERROR if reply.code else Level.INFO,
            purpose=call.purpose,
            method=call.hook.method,
            url=call.hook.url,
            params=dict(call.params),
            attempt=attempt,
            status=reply.status,
            content_type=reply.content_type,
            answer="" if reply.content_type.startswith("audio/") else reply.body.decode("utf-8", "replace"),
            code=reply.code,
            text=reply.text,
        )


def _facts(call: Request) -> dict[str, str]:
    """Return what faults can be aimed at: whose webhook this is, where it goes, and what for."""
    return {
        "sid": call.subject,
        "path": call.hook.url,
        "method": call.hook.method,
        "event": call.purpose,
        "to": call.params.get("To", ""),
        "from": call.params.get("From", ""),
    }


def _kind(status: int) -> str:
    """Return the retry policy an answer falls under."""
    return {4: "4xx", 5: "5xx"}.get(status // 100, "")


def with_query(url: str, params: Mapping[str, str]) -> str:
    """Return `url` with `params` added to its query string, before any fragment."""
    if not params:
        return url
    head, mark, fragment = url.partition("#")
    joint = "&" if "?" in head else "?"
    return head + joint + urlencode(params) + mark + fragment


def _reply(answer: Incoming, url: str) -> Reply:
    content_type = answer.headers.get("content-type", "")
    if 200 <= answer.status < 300:
        return Reply(url, answer.status, content_type, answer.body)
    text = f"HTTP retrieval failure: Got HTTP {answer.status} response to {url}"
    return Reply(url, answer.status, content_type, answer.body, 11200, text)
