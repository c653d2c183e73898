"""Requests and answers of the REST API as plain values, and Twilio's errors."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

API = "/2010-04-01"


@dataclass(frozen=True, slots=True)
class ApiRequest:
    """A request as it came: path without query, all values of each parameter, basic credentials."""

    method: str
    path: str
    form: dict[str, list[str]]
    query: dict[str, list[str]]
    user: str = ""
    password: str = ""


@dataclass(frozen=True, slots=True)
class ApiResponse:
    """An answer. `body` None is an empty one."""

    status: int
    body: dict[str, Any] | None = None
    headers: dict[str, str] = field(default_factory=dict)
    raw: bytes | Callable[[], bytes] | None = None  # a callable is called off the engine's thread
    content_type: str = "application/json"


class ApiError(Exception):
    """An error as Twilio answers it."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message

    def response(self) -> ApiResponse:
        body = {
            "code": self.code,
            "message": self.message,
            "more_info": f"https://www.twilio.com/docs/errors/{self.code}",
            "status": self.status,
        }
        challenge = {"WWW-Authenticate": 'Basic realm="Twilio API"'} if self.status == 401 else {}
        return ApiResponse(self.status, body, challenge)


def not_found(path: str) -> ApiError:
    """Return Twilio's answer to an address with nothing behind it."""
    return ApiError(404, 20404, f"The requested resource {path} was not found")


def bad(code: int, message: str) -> ApiError:
    """Return a refusal of what was asked."""
    return ApiError(400, code, message)
