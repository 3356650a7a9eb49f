"""Schedules: lines of cron, and names such as ``@hourly``, in UTC."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

import attrs

__all__ = ["Schedule"]

_NAMED: Final = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@hourly": "0 * * * *",
}
_MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS: Final = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_FIELDS: Final = (("minute", 0, 59), ("hour", 0, 23), ("day", 1, 31), ("month", 1, 12), ("day of the week", 0, 7))
_NAMES: Final = {
    "month": {name: number for number, name in enumerate(_MONTHS, 1)},
    "day of the week": {name: number for number, name in enumerate(_DAYS)},
}
_LONGEST: Final = 366 * 8 + 2
"""Days between two leap days, around a year such as 2100; a schedule without a day in this time has none at all."""


@attrs.frozen
class Schedule:
    """Times, to the minute.

    Attributes:
        week_days: Days of the week, 0 is Sunday.
        any_of_days: Whether either the day of the month or that of the week is enough: so in cron, if both are given.
    """

    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    week_days: frozenset[int]
    any_of_days: bool

    @classmethod
    def parse(cls, text: str) -> Schedule:
        """Parse a schedule.

        Raises:
            ValueError: It is no schedule, or has no time at all, such as the 31st of February.
        """
        fields = _NAMED.get(text.strip(), text).split()
        if len(fields) != len(_FIELDS):
            raise ValueError(
                f"Invalid schedule {text!r}: it is one of {', '.join(_NAMED)}, or has five fields: minute, hour, day, "
                "month, day of the week"
            )
        try:
            minutes, hours, days, months, week_days = (
                frozenset(_values(field, *bounds)) for field, bounds in zip(fields, _FIELDS, strict=True)
            )
        except ValueError as error:
            raise ValueError(f"Invalid schedule {text!r}: {error}") from None
        made = cls(
            minutes=minutes,
            hours=hours,
            days=days,
            months=months,
            week_days=frozenset(day % 7 for day in week_days),
            any_of_days=not fields[2].startswith("*") and not fields[4].startswith("*"),
        )
        if not any(made._has_day(datetime(2096, 1, 1) + timedelta(days=count)) for count in range(_LONGEST)):  # noqa: DTZ001, a day
            raise ValueError(f"Invalid schedule {text!r}: there is no such day")
        return made

    def next_after(self, time: datetime) -> datetime:
        """Return the first time of the schedule after a time."""
        start = time.replace(second=0, microsecond=0) + timedelta(minutes=1)
        day = start.replace(hour=0, minute=0)
        while True:
            if self._has_day(day):
                for hour in sorted(self.hours):
                    for minute in sorted(self.minutes):
                        found = day.replace(hour=hour, minute=minute)
                        if found >= start:
                            return found
            day += timedelta(days=1)

    def _has_day(self, day: datetime) -> bool:
        if day.month not in self.months:
            return False
        in_month, in_week = day.day in self.days, day.isoweekday() % 7 in self.week_days
        return in_month or in_week if self.any_of_days else in_month and in_week


def _values(field: str, name: str, least: int, most: int) -> Iterator[int]:
    """Return the numbers of a field: a list of numbers, ranges and steps.

    Raises:
        ValueError: It is invalid.
    """
    for part in field.split(","):
        span, slash, step_text = part.partition("/")
        step = _number(step_text, name, 1, most) if slash else 1
        if span == "*":
            first, last = least, most
        else:
            start, dash, end = span.partition("-")
            first = _number(start, name, least, most)
            last = _number(end, name, least, most) if dash else most if slash else first
        if first > last:
            raise ValueError(f"the {name} {part!r} goes from {first} to {last}")
        yield from range(first, last + 1, step)


def _number(text: str, name: str, least: int, most: int) -> int:
    named = _NAMES.get(name, {}).get(text.lower())
    if named is not None:
        return named
    if not (text.isascii() and text.isdigit()) or not least <= int(text[:4]) <= most:
        raise ValueError(f"the {name} {text!r} must be from {least} to {most}")
    return int(text)
