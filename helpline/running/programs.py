"""What a line consists of on one machine: its programs, its ports, and the addresses where people go."""

import os
import socket
import sys
from collections.abc import Mapping
from urllib.parse import urlsplit

from config import web
from config.settings import Settings
from helpline.outbox import QueueName
from helpline.running.processes import Program


class CannotRun(Exception):
    """The line cannot start here; the message says why and what to change."""


def programs(settings: Settings, env: Mapping[str, str]) -> tuple[Program, ...]:
    """What runs beside Redis. One worker process listens on one queue (why: `QueueName`)."""
    python = (sys.executable, "-m")
    here = {**env, "PYTHONUNBUFFERED": "1"}
    emulator = (Program("emulator", (*python, "emulator"), here | emulator_environment(settings)),)
    return (
        *(emulator if settings.demo else ()),
        Program("web", web.command(settings), here),
        *(Program(f"worker {queue}", (*python, "workers", queue.value), here) for queue in QueueName),
        Program("clock", (*python, "workers.clock"), here),
        *(() if settings.demo else (Program("monitor", (*python, "helpline", "monitor"), here),)),
    )


def emulator_environment(settings: Settings) -> dict[str, str]:
    """The emulator's options as environment variables: on a command line every user of the machine could read them."""
    api = urlsplit(settings.api_url)
    hook = f"{settings.public_url}/twilio"
    return {
        "EMULATOR_HOST": str(api.hostname),
        "EMULATOR_PORT": str(api.port or 80),
        "EMULATOR_ACCOUNT_SID": settings.account_sid,
        "EMULATOR_AUTH_TOKEN": settings.auth_token.get_secret_value(),
        "EMULATOR_NUMBERS": settings.helpline_number,
        "EMULATOR_SMS_URL": f"{hook}/sms",
        "EMULATOR_SMS_FALLBACK_URL": f"{hook}/sms/fallback",
        "EMULATOR_VOICE_URL": f"{hook}/voice",
        "EMULATOR_VOICE_FALLBACK_URL": f"{hook}/voice/fallback",
        "EMULATOR_STATUS_CALLBACK": f"{hook}/voice/status",
    }


def addresses(settings: Settings) -> tuple[str, ...]:
    """Where people go, one line each."""
    here = local_address(settings)
    phones = (f"Phones    {settings.api_url}/    text and call the line from here",) if settings.demo else ()
    return (
        *phones,
        f"Console   {here}/console/",
        f"Health    {here}/healthz    {here}/readyz",
        f"Webhooks  {settings.public_url}/twilio/sms    {settings.public_url}/twilio/voice",
        "Stop with Ctrl-C.",
    )


def local_address(settings: Settings) -> str:
    """Where this machine reaches its own web server."""
    host = "127.0.0.1" if settings.host in {"0.0.0.0", "::"} else settings.host  # noqa: S104  compared, not bound
    return f"http://{host}:{settings.port}"


def listeners(settings: Settings) -> tuple[tuple[str, str, int], ...]:
    """Each setting that names a port of ours, with host and port."""
    web_server = ("PORT", settings.host, settings.port)
    if not settings.demo:
        return (web_server,)
    api = urlsplit(settings.api_url)
    return (web_server, ("TWILIO_API_URL", str(api.hostname), api.port or 80))


def refuse_if_taken(setting: str, host: str, port: int) -> None:
    """Find out before anything is started; what else listens there is not ours to touch."""
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            trial.bind(address)
    except OSError as fault:
        raise CannotRun(
            f"Port {port} on {host} cannot be used ({os.strerror(fault.errno) if fault.errno else fault}). "
            f"Stop what uses it, or set {setting} to another one."
        ) from fault
