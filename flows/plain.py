"""Records as plain JSON values and back: cases, pages and policies go through JSON between every two steps."""

from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import datetime, timedelta
from enum import Enum
from functools import cache
from types import MappingProxyType, NoneType, UnionType
from typing import Any, NewType, TypeVar, get_args, get_origin, get_type_hints

T = TypeVar("T")
Reader = Callable[[Any], Any]
Writer = Callable[[Any], Any]


class _MisreadError(ValueError):
    """What is wrong, and the place in the record where it is."""

    def inside(self, place: str) -> "_MisreadError":
        where, what = self.args
        return _MisreadError(f"{place}{where}", what)


def to_plain(value: Any) -> Any:
    """The value as JSON takes it: durations in seconds, instants in ISO 8601, fields at their default left out."""
    kind: Any = type(value)
    return _writer(kind)(value)


def from_plain(kind: type[T], data: Any) -> T:
    """An equal value of the type that `to_plain` was given.

    Raises:
        ValueError: an unknown field, a missing one or a value that is not of the type; it names the place.

    """
    known: Any = kind
    try:
        result: T = _reader(known)(data)
    except _MisreadError as wrong:
        where, what = wrong.args
        raise ValueError(f"{kind.__name__}{where}: {what}") from wrong
    return result


@cache
def _defaults(kind: Any) -> tuple[tuple[str, Any], ...]:
    return tuple((f.name, f.default if f.default_factory is MISSING else f.default_factory()) for f in fields(kind))


@cache
def _writer(kind: Any) -> Writer:
    """How to write values of exactly this type, worked out once."""
    known = (write for base, write in _WRITERS if issubclass(kind, base))
    return next(known, None) or _writer_of_record(kind)


def _writer_of_record(kind: Any) -> Writer:
    defaults = _defaults(kind)

    def row(record: Any) -> dict[str, Any]:
        kept = ((name, getattr(record, name), default) for name, default in defaults)
        return {
            name: item if type(item) is str else to_plain(item)
            for name, item, default in kept
            if item is not default and item != default
        }

    return row


def _seconds(span: timedelta) -> float:
    seconds = span.total_seconds()
    return int(seconds) if seconds.is_integer() else seconds


_WRITERS: tuple[tuple[Any, Writer], ...] = (
    (Enum, lambda word: word.value),
    (datetime, datetime.isoformat),
    (timedelta, _seconds),
    (NoneType | str | int | float, lambda value: value),
    (tuple, lambda items: [to_plain(item) for item in items]),
    (Mapping, lambda rows: {to_plain(key): to_plain(item) for key, item in rows.items()}),
)


@cache
def _reader(kind: Any) -> Reader:
    """How to read one type, worked out once."""
    if isinstance(kind, NewType):
        return _reader(kind.__supertype__)
    if isinstance(kind, UnionType):
        return _reader_of_optional(_reader(next(one for one in get_args(kind) if one is not NoneType)))
    if get_origin(kind) is tuple:
        return _reader_of_tuple(_reader(get_args(kind)[0]))
    if get_origin(kind) is not None:
        return _reader_of_mapping(*map(_reader, get_args(kind)))
    return _reader_of_record(kind) if is_dataclass(kind) else _reader_of_one(kind)


def _reader_of_optional(read: Reader) -> Reader:
    return lambda data: None if data is None else read(data)


def _reader_of_tuple(read: Reader) -> Reader:
    def items(data: Any) -> tuple[Any, ...]:
        listed = _expected(list | tuple, data)
        return tuple(_at(f"[{place}]", read, item) for place, item in enumerate(listed))

    return items


def _reader_of_mapping(read_key: Reader, read: Reader) -> Reader:
    def rows(data: Any) -> Mapping[Any, Any]:
        known = _expected(Mapping, data)
        return MappingProxyType({read_key(key): _at(f".{key}", read, item) for key, item in known.items()})

    return rows


def _reader_of_record(kind: Any) -> Reader:
    hints = get_type_hints(kind)
    readers = {f.name: _reader(hints[f.name]) for f in fields(kind)}
    needed = tuple(name for name, default in _defaults(kind) if default is MISSING)

    def record(data: Any) -> Any:
        if isinstance(data, kind):
            return data  # it was read before, by whoever reads many records with the same part
        known = _expected(Mapping, data)
        if unknown := sorted(str(name) for name in known if name not in readers):
            raise _MisreadError("", f"unknown field {', '.join(unknown)}")
        if missing := [name for name in needed if name not in known]:
            raise _MisreadError("", f"missing field {', '.join(missing)}")
        return kind(**{name: _at(f".{name}", readers[name], item) for name, item in known.items()})

    return record


def _reader_of_one(kind: Any) -> Reader:
    makers: dict[Any, Reader] = {datetime: datetime.fromisoformat, timedelta: lambda data: timedelta(seconds=data)}
    make = makers.get(kind, kind if issubclass(kind, Enum) else None)

    def one(data: Any) -> Any:
        if make is None and type(data) is kind:
            return data
        try:
            if make is not None:
                return make(data)
        except (TypeError, ValueError) as error:
            raise _MisreadError("", f"{data!r} is not a {kind.__name__}") from error
        raise _MisreadError("", f"{data!r} is not a {kind.__name__}")

    return one


def _at(place: str, read: Reader, data: Any) -> Any:
    try:
        return read(data)
    except _MisreadError as wrong:
        raise wrong.inside(place) from wrong


def _expected(shape: Any, data: Any) -> Any:
    if isinstance(data, shape):
        return data
    wanted = "mapping" if shape is Mapping else "list"
    raise _MisreadError("", f"a {wanted} was expected, not {data!r}")
