"""Records as plain JSON values and back: cases, pages and policies go through JSON between every two steps."""

from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import datetime, timedelta
from enum import Enum
from functools import cache
from types import MappingProxyType, NoneType, UnionType
from typing import Any, NewType, TypeVar, get_args, get_origin, get_type_hints

T = TypeVar("T")


def to_plain(value: Any) -> Any:
    """The value as JSON takes it: durations in seconds, instants in ISO 8601, fields at their default left out."""
    if isinstance(value, tuple):
        return [to_plain(item) for item in value]
    if isinstance(value, Mapping):
        return {to_plain(key): to_plain(item) for key, item in value.items()}
    if is_dataclass(value):
        kept = ((f.name, getattr(value, f.name)) for f in fields(value) if getattr(value, f.name) != _default(f))
        return {name: to_plain(item) for name, item in kept}
    return _one_to_plain(value)


def _one_to_plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, timedelta):
        seconds = value.total_seconds()
        return int(seconds) if seconds.is_integer() else seconds
    return value


def from_plain(kind: type[T], data: Any) -> T:
    """An equal value of the type that `to_plain` was given.

    Raises:
        ValueError: an unknown field, a missing one or a value that is not of the type; it names the place.

    """
    result: T = _read(kind, data, kind.__name__)
    return result


def _default(one: Field[Any]) -> Any:
    return one.default_factory() if one.default_factory is not MISSING else one.default


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _read(kind: Any, data: Any, where: str) -> Any:
    if isinstance(kind, NewType):
        return _read(kind.__supertype__, data, where)
    if isinstance(kind, UnionType):
        wanted = next(option for option in get_args(kind) if option is not NoneType)
        return None if data is None else _read(wanted, data, where)
    if get_origin(kind) is not None:
        return _read_many(kind, data, where)
    if is_dataclass(kind):
        return _read_record(kind, data, where)
    return _read_one(kind, data, where)


def _read_many(kind: Any, data: Any, where: str) -> Any:
    arguments = get_args(kind)
    if get_origin(kind) is tuple:
        items = _expected(list | tuple, data, where)
        return tuple(_read(arguments[0], item, f"{where}[{place}]") for place, item in enumerate(items))
    keys, values = arguments
    rows = _expected(Mapping, data, where).items()
    return MappingProxyType({_read(keys, key, where): _read(values, item, f"{where}.{key}") for key, item in rows})


def _read_record(kind: Any, data: Any, where: str) -> Any:
    record, hints = _expected(Mapping, data, where), _hints(kind)
    if unknown := sorted(str(name) for name in record if name not in hints):
        raise ValueError(f"{where}: unknown field {', '.join(unknown)}")
    needed = (f.name for f in fields(kind) if f.default is MISSING and f.default_factory is MISSING)
    if missing := [name for name in needed if name not in record]:
        raise ValueError(f"{where}: missing field {', '.join(missing)}")
    return kind(**{name: _read(hints[name], item, f"{where}.{name}") for name, item in record.items()})


def _expected(shape: Any, data: Any, where: str) -> Any:
    if isinstance(data, shape):
        return data
    wanted = "mapping" if shape is Mapping else "list"
    raise ValueError(f"{where}: a {wanted} was expected, not {data!r}")


def _read_one(kind: Any, data: Any, where: str) -> Any:
    try:
        if kind is datetime:
            return datetime.fromisoformat(data)
        if kind is timedelta:
            return timedelta(seconds=data)
        if issubclass(kind, Enum):
            return kind(data)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{where}: {data!r} is not a {kind.__name__}") from error
    if type(data) is not kind:
        raise ValueError(f"{where}: {data!r} is not a {kind.__name__}")
    return data
