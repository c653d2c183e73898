"""The settings of one deployment, read from the environment. The only module that looks at `os.environ`.

`Settings.read` takes any mapping, so a test or a check can read settings without touching the process; a wrong
environment is answered with every fault at once, each with what is wrong and how to mend it. Secrets are
`SecretStr`, so that neither a log line nor a traceback can show them.
"""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Self

from dotenv import dotenv_values
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError

from config import demo
from config import setting_values as read

_PROJECT = Path(__file__).resolve().parents[1]

E164 = Annotated[str, BeforeValidator(read.e164)]


class LogLevel(StrEnum):
    """How much the log says; DEBUG says no more about people than the others do."""

    DEBUG = "DEBUG"
    INFO = "INFO"
    WARNING = "WARNING"
    ERROR = "ERROR"


@dataclass(frozen=True, slots=True)
class SettingsFault:
    """One thing wrong with the environment: which variable, what is wrong with it, how to mend it."""

    variable: str
    wrong: str
    mend: str

    def __str__(self) -> str:
        return f"{self.variable} {self.wrong}. {self.mend}"


class SettingsFaults(ValueError):
    """Every fault of the environment, so that one look mends them all."""

    def __init__(self, faults: tuple[SettingsFault, ...]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = faults


class Settings(BaseModel):
    """What this deployment is, as the rest of the code sees it. A description is also the advice."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    redis_url: Annotated[str, BeforeValidator(read.redis_address)] = Field(
        default="",
        alias="REDIS_URL",
        description="Give a Redis address like redis://127.0.0.1:6379/0, or leave it empty for the embedded server.",
    )
    redis_ca_file: Annotated[Path | None, BeforeValidator(read.readable_file)] = Field(
        default=None,
        alias="REDIS_CA_FILE",
        description="Give the file of the CA that signed the certificate of Redis, or leave it empty for a public CA.",
    )
    account_sid: str = Field(
        alias="TWILIO_ACCOUNT_SID",
        pattern=r"^AC[0-9a-f]{32}$",
        description="Copy the Account SID from the Twilio Console: AC and 32 more, 0-9 and a-f.",
    )
    auth_token: SecretStr = Field(
        alias="TWILIO_AUTH_TOKEN",
        min_length=32,
        description="Copy the Auth Token from the Twilio Console: 32 characters.",
    )
    auth_token_secondary: SecretStr | None = Field(
        default=None,
        alias="TWILIO_AUTH_TOKEN_SECONDARY",
        min_length=32,
        description="While the Auth Token is changed, copy the other one from the Twilio Console; else leave it empty.",
    )
    api_url: Annotated[str, BeforeValidator(read.https_or_local)] = Field(
        default="https://api.twilio.com",
        alias="TWILIO_API_URL",
        description="Leave it empty for Twilio's own, or give the address of the emulator on this machine.",
    )
    messaging_service: str = Field(
        default="",
        alias="TWILIO_MESSAGING_SERVICE_SID",
        pattern=r"^(MG[0-9a-f]{32})?$",
        description="Copy the Messaging Service SID from the Twilio Console: MG and 32 more; or leave it empty.",
    )
    public_url: Annotated[str, BeforeValidator(read.root_address)] = Field(
        alias="PUBLIC_URL",
        description="Give the address at which Twilio reaches this line, like https://line.example.org.",
    )
    helpline_number: E164 = Field(
        alias="HELPLINE_NUMBER",
        description="Give the Twilio number people text and call, in E.164, like +17175550100.",
    )
    fallback_number: E164 = Field(
        alias="FALLBACK_NUMBER",
        description="Give the number of a person who answers when all else fails, in E.164, like +17175550199.",
    )
    secret_keys: Annotated[tuple[SecretStr, ...], BeforeValidator(read.secret_keys)] = Field(
        alias="HELPLINE_SECRET_KEYS",
        description="Make one with `helpline keys`. In a comma list the first encrypts and all decrypt.",
    )
    lookup_key: Annotated[SecretStr, BeforeValidator(read.strong_key)] = Field(
        alias="HELPLINE_LOOKUP_KEY",
        description="Make one with `helpline keys`. Keep it for good: with another one known callers are strangers.",
    )
    roster_file: Path = Field(
        default=Path("roster.yaml"),
        alias="ROSTER_FILE",
        description="Give the file that says who is on call when.",
    )
    content_dir: Path = Field(
        default=_PROJECT / "flows" / "content",
        alias="CONTENT_DIR",
        description="Give the folder of menus, texts and policy, or leave it empty for the one shipped.",
    )
    host: str = Field(
        default="127.0.0.1",
        alias="HOST",
        min_length=1,
        description="Give the address to listen on: 127.0.0.1 behind a proxy on this machine, 0.0.0.0 in a container.",
    )
    port: int = Field(
        default=8000, alias="PORT", ge=1, le=65535, description="Give a free port between 1 and 65535, like 8000."
    )
    demo: bool = Field(
        default=False,
        alias="HELPLINE_DEMO",
        description="Give 1 to try the line on this machine, 0 for a real line. Empty: 1 without Twilio credentials.",
    )
    var_dir: Path = Field(
        default=Path("var"),
        alias="VAR_DIR",
        description="Give a folder this user alone can write, for the embedded Redis and the demo's keys.",
    )
    log_level: LogLevel = Field(
        default=LogLevel.INFO, alias="LOG_LEVEL", description="Give one of DEBUG, INFO, WARNING, ERROR."
    )
    trusted_proxies: int = Field(
        default=0,
        alias="TRUSTED_PROXIES",
        ge=0,
        le=5,
        description="Give how many proxies stand before the web server (0 to 5): as many headers are believed.",
    )
    monitor_url: Annotated[str, BeforeValidator(read.web_address)] = Field(
        default="",
        alias="MONITOR_URL",
        description="Give the address of a monitor that alarms when it is no longer called, or leave it empty.",
    )
    monitor_number: Annotated[str, BeforeValidator(read.e164)] = Field(
        default="",
        alias="MONITOR_NUMBER",
        description="Give a phone in E.164 that the monitor has made-up pages sent to, or leave it empty for none.",
    )
    monitor_minutes: int = Field(
        default=5,
        alias="MONITOR_MINUTES",
        ge=1,
        le=1440,
        description="Give how many minutes pass between made-up pages, 1 to 1440.",
    )
    texts_a_minute: int = Field(
        default=6_000,
        alias="MOST_TEXTS_A_MINUTE",
        ge=60,
        description="Give how many texts of all callers in a minute are ordinary; more get a short safe answer.",
    )
    calls_a_minute: int = Field(
        default=1_200,
        alias="MOST_CALLS_A_MINUTE",
        ge=12,
        description="Give how many calls of all callers in a minute are ordinary; more hear a short safe answer.",
    )
    test_build: bool = Field(
        default=False, alias="HELPLINE_TEST_BUILD", description="Leave it empty: 1 is for tests with the emulator."
    )
    faults: Annotated[tuple[str, ...], BeforeValidator(read.words)] = Field(
        default=(), alias="FAULTS", description="Leave it empty: faults are for tests with HELPLINE_TEST_BUILD=1."
    )

    @classmethod
    def read(cls, env: Mapping[str, str]) -> Self:
        """The settings this environment gives; names it does not know are left alone, empty values count as missing.

        Raises:
            SettingsFaults: with every fault found, never only the first.

        """
        given = {name: env[name].strip() for name in variables() if env.get(name, "").strip()}
        faults = [*_against_each_other(given)]
        try:
            settings = cls.model_validate(given)
        except ValidationError as refused:
            faults = [*(_fault(error) for error in refused.errors()), *faults]
        if faults:
            raise SettingsFaults(tuple(faults))
        return settings

    @property
    def redis_socket(self) -> Path:
        """Where the embedded Redis listens; only its owner can open it."""
        return self.var_dir.absolute() / "redis.sock"

    @property
    def redis_address(self) -> str:
        """The Redis to talk to: the one configured, or the embedded one."""
        return self.redis_url or f"unix://{self.redis_socket}"

    @property
    def auth_tokens(self) -> tuple[str, ...]:
        """The tokens a webhook may be signed with: the present one first, then the other one of a rotation."""
        tokens = (self.auth_token, self.auth_token_secondary)
        return tuple(token.get_secret_value() for token in tokens if token is not None)


def variables() -> tuple[str, ...]:
    """The name of every setting, in the order in which `.env.example` explains them."""
    return tuple(str(field.alias) for field in Settings.model_fields.values())


def environment(env_file: Path = Path(".env")) -> dict[str, str]:
    """This process's environment over `.env`, completed for the demo: what every process of the line is started with.

    A variable that is set, even to nothing, wins over the file. Outside the demo nothing is made up.
    """
    from_file = {name: value or "" for name, value in dotenv_values(env_file, interpolate=False).items()}
    return demo.completed({**from_file, **os.environ})


def from_environment() -> Settings:
    """The settings of this process.

    Raises:
        SettingsFaults: with every fault of the environment.

    """
    return Settings.read(environment())


def _fault(error: Any) -> SettingsFault:
    variable = str(error["loc"][0])
    field = next(field for field in Settings.model_fields.values() if field.alias == variable)
    return SettingsFault(variable, _wrong(error["type"], error["msg"]), str(field.description))


def _wrong(kind: str, message: str) -> str:
    match kind:
        case "missing":
            return "is missing"
        case "too_short" | "string_too_short":
            return "is too short"
        case "string_pattern_mismatch":
            return "does not look like one"
        case _:
            said = message.removeprefix("Value error, ").removeprefix("Input ")
            return f"is wrong: {said}"


def _against_each_other(given: Mapping[str, str]) -> Iterator[SettingsFault]:
    """What is wrong with settings that are each right: looked at as text, so that it is told with all the rest."""
    real = not _local(given.get("TWILIO_API_URL", "https://api.twilio.com"))
    test_build = read.is_true(given.get("HELPLINE_TEST_BUILD", ""))
    if real and read.is_true(given.get("HELPLINE_DEMO", "")):
        yield SettingsFault("HELPLINE_DEMO", "is on, but TWILIO_API_URL is not this machine", "Empty one of the two.")
    if real and test_build:
        yield SettingsFault("HELPLINE_TEST_BUILD", "is on for a real line", "Unset it, or give a local TWILIO_API_URL.")
    if real and given.get("PUBLIC_URL", "").startswith("http:"):
        yield SettingsFault("PUBLIC_URL", "is not https, and texts travel over it", "Give an https address.")
    if given.get("REDIS_CA_FILE") and not given.get("REDIS_URL", "").startswith("rediss"):
        yield SettingsFault("REDIS_CA_FILE", "is set, but REDIS_URL is not over TLS", "Give rediss:// or unset it.")
    if given.get("FAULTS") and not test_build:
        yield SettingsFault("FAULTS", "is set on a line that is no test", "Unset it.")
    if given.get("HELPLINE_LOOKUP_KEY", "-") in read.words(given.get("HELPLINE_SECRET_KEYS", "")):
        yield SettingsFault("HELPLINE_LOOKUP_KEY", "is an encryption key too", "Make another with `helpline keys`.")


def _local(address: str) -> bool:
    try:
        return read.is_local(address)
    except ValueError:
        return False  # the field's own fault says what is wrong with the address
