"""How the web server is run: granian, measured the fastest of seven and steady while clients are slow."""

import sys

from config.settings import Settings

APP = "helpline.app:from_environment"
WORKERS, THREADS = 2, 8  # a slow Redis trip or client then holds one of sixteen, not the whole line
_SLOW_HEADERS_MS = 10_000  # Twilio sends its headers at once; who takes longer holds a connection for nothing
_KILL_AFTER_S = 10  # a turn has 2 s; one that hangs must not keep a deploy waiting


def command(settings: Settings) -> tuple[str, ...]:
    """The command of the web server. It writes no access log: a log of addresses is a log of who called."""
    return (
        *(sys.executable, "-m", "granian", "--interface", "wsgi", "--factory", APP),
        *("--host", settings.host, "--port", str(settings.port), "--http", "1", "--no-ws"),
        *("--workers", str(WORKERS), "--blocking-threads", str(THREADS)),
        *("--http1-header-read-timeout", str(_SLOW_HEADERS_MS)),
        *("--respawn-failed-workers", "--respawn-interval", "0.5", "--workers-kill-timeout", str(_KILL_AFTER_S)),
        *("--no-access-log", "--log-level", "error"),  # its warning about 8 threads on a small machine is a choice here
    )
