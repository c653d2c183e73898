"""One HTTP exchange as Twilio's client makes it: exact URL, bounded time, bounded size.

http.client is used because it sends the URL byte for byte; a signature made over one spelling of a URL and a
request made with another would hide the bugs this emulator exists to show.
"""

import base64
import http.client
import socket
import ssl
import time
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

BODY_LIMIT = 64 * 1024
SOUND_LIMIT = 40 * 1024 * 1024  # a sound file is not TwiML (Twilio docs, Play)


@dataclass(frozen=True, slots=True)
class Limits:
    """Twilio's webhook limits (Twilio docs, Connection overrides): seconds, retries, and what is retried."""

    connect_s: float = 5.0
    read_s: float = 15.0
    total_s: float = 15.0
    retries: int = 1
    retry_on: frozenset[str] = frozenset({"ct"})


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A request ready to be sent; `url` may carry user:password and a fragment, neither is sent in the target."""

    method: str
    url: str
    headers: dict[str, str]
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Incoming:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes
    cookies: tuple[str, ...] = ()


class TransportError(Exception):
    """No usable answer. `kind` is the retry policy it falls under (`ct`, `rt`, or empty), `code` Twilio's."""

    def __init__(self, kind: str, code: int, text: str) -> None:
        super().__init__(text)
        self.kind, self.code, self.text = kind, code, text


def exchange(outgoing: Outgoing, limits: Limits) -> Incoming:
    """Send `outgoing` and return the answer.

    Raises `TransportError` when the connection, the time limit, the protocol or the size fails.
    """
    deadline = time.monotonic() + limits.total_s
    connection = _connection(outgoing.url, min(limits.connect_s, limits.total_s))
    try:
        _connect(connection, outgoing.url)
        return _talk(connection, outgoing, limits, deadline)
    finally:
        connection.close()


def _connection(url: str, timeout_s: float) -> http.client.HTTPConnection:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise TransportError("", 11100, f"Invalid URL format: {error}") from error
    if parts.scheme not in ("http", "https") or not host:
        raise TransportError("", 11100, "Invalid URL format: an absolute http or https URL is needed")
    if parts.scheme == "https":
        return http.client.HTTPSConnection(host, port, timeout=timeout_s, context=ssl.create_default_context())
    return http.client.HTTPConnection(host, port, timeout=timeout_s)


def _connect(connection: http.client.HTTPConnection, url: str) -> None:
    try:
        connection.connect()
    except socket.gaierror as error:
        raise TransportError("ct", 11210, f"HTTP bad host name: {urlsplit(url).hostname}") from error
    except ssl.SSLCertVerificationError as error:
        raise TransportError("ct", 11237, f"Certificate invalid: {error.verify_message}") from error
    except ssl.SSLError as error:
        raise TransportError("ct", 11220, f"SSL/TLS handshake error: {error.reason}") from error
    except OSError as error:
        raise TransportError("ct", 11205, f"HTTP connection failure: {error}") from error


def _talk(connection: http.client.HTTPConnection, outgoing: Outgoing, limits: Limits, deadline: float) -> Incoming:
    try:
        _bound(connection, limits.read_s, deadline)
        connection.request(outgoing.method, _target(outgoing.url), outgoing.body or None, _headers(outgoing))
        answer = connection.getresponse()
        body = _read(connection, answer, limits, deadline)
    except TimeoutError as error:
        raise TransportError("rt", 11200, "HTTP retrieval failure: the answer took too long") from error
    except http.client.InvalidURL as error:
        raise TransportError("", 11100, f"Invalid URL format: {error}") from error
    except (http.client.HTTPException, OSError) as error:
        raise TransportError("rt", 11206, f"HTTP protocol violation: {error!r}") from error
    headers = {name.lower(): value for name, value in answer.getheaders()}
    cookies = tuple(value for name, value in answer.getheaders() if name.lower() == "set-cookie")
    return Incoming(answer.status, headers, body, cookies)


def _read(
    connection: http.client.HTTPConnection, answer: http.client.HTTPResponse, limits: Limits, deadline: float
) -> bytes:
    body = bytearray()
    sound = answer.getheader("Content-Type", "").startswith("audio/")
    while chunk := answer.read1(16 * 1024):
        body += chunk
        if len(body) > (SOUND_LIMIT if sound else BODY_LIMIT):
            raise TransportError("", 11750, "TwiML response body too large: more than 64 kB")
        _bound(connection, limits.read_s, deadline)
    return bytes(body)


def _bound(connection: http.client.HTTPConnection, read_s: float, deadline: float) -> None:
    remaining = deadline - time.monotonic()
    if remaining <= 0:
        raise TimeoutError
    if connection.sock is not None:
        connection.sock.settimeout(min(read_s, remaining))


def _target(url: str) -> str:
    rest = url.partition("#")[0].partition("://")[2]
    cut = min((rest.find(mark) for mark in "/?" if mark in rest), default=len(rest))
    target = rest[cut:]
    return target if target.startswith("/") else "/" + target


def _headers(outgoing: Outgoing) -> dict[str, str]:
    parts = urlsplit(outgoing.url)
    if parts.username is None:
        return outgoing.headers
    pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    return outgoing.headers | {"Authorization": "Basic " + base64.b64encode(pair.encode()).decode()}
