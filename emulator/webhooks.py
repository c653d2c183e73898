"""Twilio as an HTTP client: signed requests to the application, with its limits, retries and redirects."""

import asyncio
import secrets
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from urllib.parse import urlencode, urljoin

from emulator.clock import Clock
from emulator.journal import Journal, Level
from emulator.signing import Product, signature
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


@dataclass(frozen=True, slots=True)
class Reply:
    """The application's answer, or why there is none: `code` is 0 for a 2xx answer, else Twilio's error code."""

    url: str
    status: int = 0
    content_type: str = ""
    body: bytes = b""
    code: int = 0
    text: str = ""


def limits_for(url: str) -> Limits:  # noqa: ARG001 - the place where URL overrides (#ct, rt, tt, rc, rp) will be read
    """Return the limits in force for requests to `url`."""
    return Limits()


class WebhookClient:
    """Makes signed requests from worker threads, so that a slow application holds up nobody else."""

    def __init__(self, clock: Clock, journal: Journal, token: Callable[[], str]) -> None:
        self._clock, self._journal, self._token = clock, journal, token
        self._pool = ThreadPoolExecutor(max_workers=64, thread_name_prefix="twilio-webhook")

    async def send(self, call: Request) -> Reply:
        """Make the request, retrying as Twilio does; every attempt is in the journal."""
        with self._clock.busy():
            limits = limits_for(call.hook.url)
            idempotency = secrets.token_hex(16)
            for attempt in range(limits.retries + 1):
                reply, kind = await self._attempt(call, limits, idempotency, attempt)
                if not kind or kind not in limits.retry_on:
                    break
            return reply

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def _attempt(self, call: Request, limits: Limits, idempotency: str, attempt: int) -> tuple[Reply, str]:
        """Return the reply and the retry policy it falls under, empty when it is final."""
        url, kind = call.hook.url, ""
        try:
            answer, url = await self._follow(call, limits, idempotency)
            reply = _reply(answer, url)
        except TransportError as error:
            reply, kind = Reply(url, code=error.code, text=error.text), error.kind
        self._record(call, reply, attempt)
        return reply, kind

    async def _follow(self, call: Request, limits: Limits, idempotency: str) -> tuple[Incoming, str]:
        """Make the request and up to ten redirects; a 301, 302 or 303 loses the form, as with Twilio."""
        method, url, params = call.hook.method, call.hook.url, call.params
        loop = asyncio.get_running_loop()
        for _ in range(REDIRECT_LIMIT + 1):
            outgoing = self._outgoing(Request(Hook(url, method), params, call.product, "", ""), idempotency)
            answer = await loop.run_in_executor(self._pool, exchange, outgoing, limits)
            if answer.status not in (301, 302, 303, 307, 308) or "location" not in answer.headers:
                return answer, url
            url = urljoin(url, answer.headers["location"])
            if answer.status in (301, 302, 303):
                method, params = "GET", {}
        raise TransportError("", 11215, "HTTP too many redirects")

    def _outgoing(self, call: Request, idempotency: str) -> Outgoing:
        url, form = call.hook.url, call.params
        if call.hook.method == "GET":
            url, form = with_query(url, call.params), {}
        headers = {
            "User-Agent": "TwilioProxy/1.1",
            "Accept": "*/*",
            "Connection": "close",
            "I-Twilio-Idempotency-Token": idempotency,
            "X-Twilio-Signature": signature(self._token(), url, form, call.product),
        }
        if call.hook.method == "GET":
            return Outgoing("GET", url, headers)
        return Outgoing("POST", url, headers | {"Content-Type": FORM}, urlencode(form).encode())

    def _record(self, call: Request, reply: Reply, attempt: int) -> None:
        self._journal.note(
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
            answer=reply.body.decode("utf-8", "replace"),
            code=reply.code,
            text=reply.text,
        )


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
