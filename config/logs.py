"""One JSON line per event, on standard output, with nothing in it that tells who called or what they said.

Three gates, each enough alone for the usual slip: only known names pass (`_NAMES`), anything that looks like a
telephone number is masked, and of an exception only its kind and its places are kept, never its message. From
libraries only the template of a message is kept, never the arguments it is filled with.
"""

import logging
import os
import re
import sys
import traceback
from collections.abc import Mapping
from types import TracebackType

import structlog
from structlog.types import EventDict

from config.settings import Settings

MASK = "[number]"
_MOST_CHARACTERS = 300
_MOST_FRAMES = 12

# Seven digits or more, however people part them: longer than any count or port we log.
_NUMBER = re.compile(r"\+?(?:\d[\s().-]{0,3}){6,}\d")
# Ids made by machines: letters among the digits, so no telephone number ever is one.
_ID = re.compile(r"(?=.*[A-Za-z_])[A-Za-z0-9_:|-]{1,120}")

# The names a log line may carry. Names of people, numbers, bodies, answers and texts are not among them on purpose.
_IDS = frozenset({"call", "caller", "case", "job", "key", "message", "node", "page", "row", "sid", "staff", "turn"})
_NAMES = _IDS | frozenset(
    {
        "answered", "attempt", "attempts", "channel", "code", "count", "due", "error", "event", "fault", "file",
        "flow", "from_state", "host", "kind", "language", "late_s", "level", "library", "line", "method", "outcome",
        "path", "pid", "place", "places", "port", "process", "queue", "reason", "round", "route", "setting", "state",
        "status", "step", "to_state", "took_ms", "took_s", "tries", "until", "urgency", "variable", "version",
        "wait_s", "withheld",
    }
)  # fmt: skip
# The server's own reports are about addresses to listen on and processes; they hold no request.
_SPEAKS_OF_MACHINES = ("_granian", "helpline.")
_QUIET = {"twilio.http_client": logging.WARNING, "werkzeug": logging.ERROR, "urllib3": logging.WARNING}


def configure(settings: Settings) -> None:
    """Send every log of this process, ours and the libraries', through the gates to standard output."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.add_log_level,
            _places_only,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(settings.log_level.value),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    logging.captureWarnings(True)
    logging.raiseExceptions = False  # it would print message and arguments past the gates when writing fails
    root = logging.getLogger()
    root.handlers[:] = [_handler()]
    root.setLevel(settings.log_level.value)
    for name, level in _QUIET.items():
        logging.getLogger(name).setLevel(level)
    sys.excepthook = _last_words
    server = logging.getLogger("_granian")  # brings its own handler, which would print whole tracebacks
    server.handlers.clear()
    server.propagate = True


def guarded(event: Mapping[str, object]) -> dict[str, object]:
    """The event as it may be written: known names, masked values, and the names of what was withheld."""
    known = {name: _masked(name, value) for name, value in event.items() if name in _NAMES}
    withheld = sorted(name for name in event if name not in _NAMES and not name.startswith("_"))
    return known | ({"withheld": withheld} if withheld else {})


def _last_words(kind: type[BaseException], raised: BaseException, at: TracebackType | None) -> None:
    """What ends a process goes through the gates too; Ctrl-C is no fault."""
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, raised, at)
    else:
        structlog.get_logger().critical("process_ended", exc_info=raised)


def _handler() -> logging.Handler:
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[structlog.stdlib.add_log_level, _library_template, _places_only],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            _guard,
            _say_which_process,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
            structlog.processors.JSONRenderer(sort_keys=True),
        ],
        use_get_message=False,
        pass_foreign_args=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(formatter)
    return handler


def _say_which_process(_logger: object, _method: str, event: EventDict) -> EventDict:
    event["pid"] = os.getpid()
    return event


def _guard(_logger: object, _method: str, event: EventDict) -> EventDict:
    return guarded(event)


def _masked(name: str, value: object) -> object:
    match value:
        case None | bool() | float():
            return value
        case int():
            return value if abs(value) < 10**9 else MASK
        case list() | tuple():
            return [_masked(name, part) for part in value]
        case _:
            text = str(value)
            if name in _IDS and _ID.fullmatch(text):
                return text
            return _NUMBER.sub(MASK, text)[:_MOST_CHARACTERS]


def _library_template(_logger: object, _method: str, event: EventDict) -> EventDict:
    """A library's line without what it was filled with; text built by the library itself is withheld."""
    record: logging.LogRecord = event["_record"]
    event["library"] = record.name
    event["place"] = f"{record.module}:{record.lineno}"
    template = str(record.msg)
    if event.pop("positional_args", None) or record.name.startswith(_SPEAKS_OF_MACHINES):
        event["event"] = template.partition("\n")[0]
    else:
        event["event"] = "text of a library, withheld"
    return event


def _places_only(_logger: object, _method: str, event: EventDict) -> EventDict:
    """An exception as its kinds and places: messages of exceptions quote what they choked on."""
    raised = _raised(event.pop("exc_info", None), event.get("_record"))
    if raised is not None:
        event["error"] = " from ".join(type(each).__name__ for each in _chain(raised))
        event["places"] = _places(raised.__traceback__)
    return event


def _raised(exc_info: object, record: logging.LogRecord | None) -> BaseException | None:
    if record is not None:
        exc_info = exc_info or record.exc_info
        record.exc_info = record.exc_text = None  # the formatter would append the whole traceback
    match exc_info:
        case BaseException():
            return exc_info
        case (_, BaseException() as raised, _):
            return raised
        case True:
            return sys.exc_info()[1]
        case _:
            return None


def _chain(raised: BaseException) -> list[BaseException]:
    chain = [raised]
    while (cause := chain[-1].__cause__ or chain[-1].__context__) is not None and cause not in chain:
        chain.append(cause)
    return chain


def _places(trace: TracebackType | None) -> list[str]:
    frames = traceback.extract_tb(trace)[-_MOST_FRAMES:]
    return [f"{_short(frame.filename)}:{frame.lineno} {frame.name}" for frame in frames]


def _short(file: str) -> str:
    return "/".join(file.split("/")[-2:])
