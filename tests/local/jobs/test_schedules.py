"""Schedules: lines of cron and names."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from hub_typed.local.jobs.schedule import Schedule

START = datetime(2026, 5, 28, 20, 26, 40, tzinfo=UTC)  # a Thursday


@pytest.mark.parametrize(
    ("text", "following"),
    [
        ("@hourly", "2026-05-28T21:00"),
        ("@daily", "2026-05-29T00:00"),
        ("@weekly", "2026-05-31T00:00"),
        ("@monthly", "2026-06-01T00:00"),
        ("@yearly", "2027-01-01T00:00"),
        ("@annually", "2027-01-01T00:00"),
        ("* * * * *", "2026-05-28T20:27"),
        ("*/15 * * * *", "2026-05-28T20:30"),
        ("5/20 * * * *", "2026-05-28T20:45"),
        ("0 9-17/4 * * *", "2026-05-29T09:00"),
        ("0 9 * * 1", "2026-06-01T09:00"),
        ("0 9 * * MON-wed,7", "2026-05-31T09:00"),
        ("26,27 20 28 may *", "2026-05-28T20:27"),
        ("0 0 13 * fri", "2026-05-29T00:00"),
        ("0 0 13 * *", "2026-06-13T00:00"),
        ("0 0 29 2 *", "2028-02-29T00:00"),
    ],
)
def test_the_next_time_of_a_schedule(text, following):
    assert Schedule.parse(text).next_after(START) == datetime.fromisoformat(following).replace(tzinfo=UTC)


def test_a_time_of_the_schedule_is_not_after_itself():
    assert Schedule.parse("@hourly").next_after(datetime(2026, 1, 1, 5, tzinfo=UTC)).hour == 6


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "five fields"),
        ("@reboot", "five fields"),
        ("* * * *", "five fields"),
        ("60 * * * *", "minute '60' must be from 0 to 59"),
        ("* 24 * * *", "hour '24'"),
        ("* * 0 * *", "day '0'"),
        ("* * * 13 *", "month '13'"),
        ("* * * * 8", "day of the week '8'"),
        ("*/0 * * * *", "minute '0' must be from 1"),
        ("5-1 * * * *", "goes from 5 to 1"),
        ("a * * * *", "minute 'a'"),
        ("0 0 31 feb *", "there is no such day"),
        ("٣ * * * *", "minute"),
    ],
)
def test_what_is_no_schedule_is_refused(text, why):
    with pytest.raises(ValueError, match="Invalid schedule") as raised:
        Schedule.parse(text)
    assert why in str(raised.value)
