"""Time: ages, lengths, hours, working days and dues, with tables of boundary cases and the laws they obey."""

# ruff: noqa: DTZ001, DTZ901 - wall times have no zone
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.attributes import Duration
from routing.meaning.days import WEEKDAYS, DaySet, after, is_nth
from routing.meaning.dues import Pace, Stretch, away, next_at
from routing.meaning.durations import Age, add, age, at_least, equal, over, parse_duration
from routing.meaning.hours import Counted, Range, after_counting, contains
from routing.meaning.moments import instant_at, start_of, utc, wall_of

LONDON = ZoneInfo("Europe/London")
DATES = st.dates(date(1900, 1, 1), date(2100, 1, 1))
INSTANTS = st.datetimes(datetime(1990, 1, 1), datetime(2060, 1, 1), timezones=st.just(UTC))
LENGTHS = st.builds(Duration, years=st.integers(0, 90), months=st.integers(0, 30), days=st.integers(0, 800))
ZONES = st.sampled_from(
    [LONDON, ZoneInfo("Europe/Lisbon"), ZoneInfo("America/New_York"), ZoneInfo("Australia/Lord_Howe"), UTC]
)
EVERY_DAY = DaySet(weekdays=frozenset(range(7)))


def years(count: int, precision: str | None = None) -> Duration:
    return Duration(years=count, precision=precision)


@pytest.mark.parametrize(
    ("birth", "on", "limit", "expected"),
    [
        (date(2010, 3, 10), date(2026, 3, 10), years(16), True),  # the 16th birthday
        (date(2010, 3, 11), date(2026, 3, 10), years(16), False),
        (date(2008, 2, 29), date(2024, 2, 29), years(16), True),
        (date(2008, 2, 29), date(2026, 2, 28), years(18), False),  # 1 March in other years
        (date(2008, 2, 29), date(2026, 3, 1), years(18), True),
        (date(2026, 3, 1), date(2026, 3, 28), Duration(days=28), False),
        (date(2026, 3, 1), date(2026, 3, 29), Duration(days=28), True),
        (date(2026, 1, 31), date(2026, 2, 28), Duration(months=1), False),
        (date(2026, 1, 31), date(2026, 3, 1), Duration(months=1), True),
        (date(2026, 3, 1), date(2026, 3, 1), Duration(), True),
        (date(1, 1, 1), date(2026, 3, 1), years(9000), False),
    ],
)
def test_ages_go_by_the_calendar(birth: date, on: date, limit: Duration, *, expected: bool) -> None:
    found = age(birth, on)

    assert found
    assert at_least(found, limit) is expected


def test_a_birth_after_the_exam_has_no_age() -> None:
    assert age(date(2026, 3, 11), date(2026, 3, 10)) is None


@pytest.mark.parametrize(
    ("said", "limit", "expected"),
    [
        (years(15, "years"), years(16), False),
        (years(16, "years"), years(16), True),
        (years(15, "years"), Duration(years=15, months=6), None),
        (Duration(months=11, precision="months"), years(1), False),
        (Duration(days=21, precision="weeks"), Duration(days=28), False),
        (Duration(days=21, precision="weeks"), Duration(days=25), None),
        (Duration(days=27, precision="days"), Duration(days=28), False),
        (Duration(months=1, precision="months"), Duration(days=28), True),
        (Duration(months=0, precision="months"), Duration(days=28), None),
        (years(0, "years"), Duration(days=28), None),
        (years(15, "years"), Duration(days=28), True),
    ],
)
def test_an_age_in_completed_units_is_anything_up_to_the_next(
    said: Duration, limit: Duration, *, expected: bool | None
) -> None:
    """A DICOM age of 015Y settles `under 16 years` and not `under 15 years and 6 months`."""
    assert at_least(said, limit) is expected


@given(DATES, DATES, LENGTHS)
def test_an_age_is_at_least_a_length_or_under_it(birth: date, on: date, limit: Duration) -> None:
    found = age(min(birth, on), max(birth, on))
    assert found

    assert at_least(found, limit) is not None
    assert over(found, limit) is (at_least(found, limit) and not equal(found, limit))


@given(LENGTHS, LENGTHS, LENGTHS)
def test_lengths_that_can_be_told_apart_are_in_order(one: Duration, other: Duration, third: Duration) -> None:
    if at_least(one, other) and at_least(other, third):
        assert at_least(one, third) is not False


@given(DATES, st.integers(0, 40_000), LENGTHS)
def test_an_unknown_birthday_never_contradicts_a_known_one(birth: date, days: int, limit: Duration) -> None:
    """What is settled for an age in completed years is the same for every birth date that it may stand for."""
    on = birth + timedelta(days=days % 36_000)
    exact = Age(birth=birth, on=on)
    completed = on.year - birth.year - ((on.month, on.day) < (birth.month, birth.day))
    if (birth.month, birth.day) == (2, 29):
        return
    said = at_least(years(completed, "years"), limit)

    assert said is None or said is at_least(exact, limit)


def test_gestation_plus_age_counts_in_days() -> None:
    total = add(Duration(days=30 * 7), Age(birth=date(2026, 3, 1), on=date(2026, 6, 7)))

    assert total == Duration(days=308)
    assert at_least(total, Duration(days=44 * 7))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("P77D", Duration(days=77)),
        ("P11W", Duration(days=77)),
        ("PT90M", Duration(seconds=5400)),
        ("P1Y2M3DT4H5M6S", Duration(years=1, months=2, days=3, seconds=14_706)),
        ("P", None),
        ("PT", None),
        ("77", None),
        ("P-1D", None),
        ("P1.5D", None),
    ],
)
def test_iso_durations(text: str, expected: Duration | None) -> None:
    assert parse_duration(text) == expected


@pytest.mark.parametrize(
    ("wall", "expected"),
    [
        (datetime(2026, 3, 29, 0, 59), datetime(2026, 3, 29, 0, 59, tzinfo=UTC)),
        (datetime(2026, 3, 29, 1, 0), datetime(2026, 3, 29, 1, 0, tzinfo=UTC)),  # does not exist: 02:00 BST
        (datetime(2026, 3, 29, 1, 30), datetime(2026, 3, 29, 1, 0, tzinfo=UTC)),
        (datetime(2026, 3, 29, 2, 0), datetime(2026, 3, 29, 1, 0, tzinfo=UTC)),
        (datetime(2026, 10, 25, 1, 30), datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),  # twice: the first
        (datetime(2026, 10, 25, 2, 0), datetime(2026, 10, 25, 2, 0, tzinfo=UTC)),
    ],
)
def test_wall_times_at_the_change_of_the_clocks(wall: datetime, expected: datetime) -> None:
    assert instant_at(wall, LONDON) == expected


@given(INSTANTS, ZONES)
def test_a_wall_time_leads_back_to_an_instant_that_shows_it(moment: datetime, zone: ZoneInfo) -> None:
    wall = wall_of(moment, zone)

    assert wall_of(instant_at(wall, zone), zone) == wall
    assert instant_at(wall, zone) <= moment


@given(st.datetimes(datetime(1990, 1, 1), datetime(2060, 1, 1)), ZONES)
def test_a_wall_time_that_does_not_exist_moves_forward(wall: datetime, zone: ZoneInfo) -> None:
    assert wall_of(instant_at(wall, zone), zone) >= wall


def test_instants_outside_the_calendar_are_unknown() -> None:
    assert utc(datetime.max, ZoneInfo("America/New_York")) is None
    assert utc(datetime.min, ZoneInfo("Asia/Tokyo")) is None


CORE = (Range(days=WEEKDAYS, start=480, end=1080),)
NIGHT = (
    Range(
        days=DaySet(weekdays=frozenset({0, 1, 2, 3, 4}), excepted=frozenset({date(2026, 12, 25)})), start=1320, end=360
    ),
)


@pytest.mark.parametrize(
    ("hours", "wall", "expected"),
    [
        (CORE, datetime(2026, 3, 10, 8, 0), True),
        (CORE, datetime(2026, 3, 10, 7, 59, 59), False),
        (CORE, datetime(2026, 3, 10, 17, 59, 59, 999_999), True),
        (CORE, datetime(2026, 3, 10, 18, 0), False),
        (CORE, datetime(2026, 3, 14, 12, 0), False),
        (NIGHT, datetime(2026, 3, 13, 22, 0), True),  # Friday
        (NIGHT, datetime(2026, 3, 14, 5, 59), True),  # still Friday's
        (NIGHT, datetime(2026, 3, 14, 6, 0), False),
        (NIGHT, datetime(2026, 3, 14, 23, 0), False),  # Saturday
        (NIGHT, datetime(2026, 3, 16, 3, 0), False),  # Sunday's night is none
        (NIGHT, datetime(2026, 12, 25, 3, 0), True),  # Thursday's
        (NIGHT, datetime(2026, 12, 25, 23, 0), False),  # a holiday's
        (NIGHT, datetime(2026, 12, 26, 3, 0), False),
    ],
)
def test_hours_are_half_open_and_belong_to_the_day_they_begin(
    hours: tuple[Range, ...], wall: datetime, *, expected: bool
) -> None:
    assert contains(hours, wall) is expected


def test_the_last_thursday_of_the_month() -> None:
    thursdays = [day for n in range(365) if (day := date(2026, 1, 1) + timedelta(days=n)).weekday() == 3]
    last = [day for day in thursdays if is_nth(day, -1)]

    assert len(last) == 12
    assert date(2026, 2, 26) in last
    assert all(is_nth(day, 1) == (day.day <= 7) for day in thursdays)
    assert all(
        is_nth(day, -2) == is_nth(day + timedelta(days=7), -1)
        for day in thursdays
        if (day + timedelta(days=7)).month == day.month
    )


BANK = frozenset(
    {date(2026, 4, 3), date(2026, 4, 6), date(2026, 5, 4), date(2026, 12, 25), date(2026, 12, 28), date(2027, 1, 1)}
)
WORKING = DaySet(weekdays=frozenset(range(5)), excepted=BANK)


@pytest.mark.parametrize(
    ("wall", "count", "expected"),
    [
        (datetime(2026, 3, 2, 9), 5, datetime(2026, 3, 9, 9)),
        (datetime(2026, 3, 6, 17, 30), 5, datetime(2026, 3, 13, 17, 30)),
        (datetime(2026, 3, 7, 10), 5, datetime(2026, 3, 13, 10)),
        (datetime(2026, 4, 2, 9), 5, datetime(2026, 4, 13, 9)),
        (datetime(2026, 5, 2, 9), 1, datetime(2026, 5, 5, 9)),
        (datetime(2026, 12, 18, 15), 10, datetime(2027, 1, 6, 15)),
        (datetime(2026, 3, 26, 9), 5, datetime(2026, 4, 2, 9)),
        (datetime(2026, 3, 27, 1, 30), 0, datetime(2026, 3, 27, 1, 30)),
    ],
)
def test_working_days_end_at_the_same_wall_time(wall: datetime, count: int, expected: datetime) -> None:
    due = away(instant_at(wall, LONDON), Stretch(amount=count, pace=Pace.WORKING_DAYS), LONDON, WORKING)

    assert due
    assert wall_of(due, LONDON) == expected


@pytest.mark.parametrize(
    ("amount", "pace", "wall", "expected"),
    [
        (3600, Pace.ELAPSED, datetime(2026, 3, 29, 0, 30), datetime(2026, 3, 29, 2, 30)),
        (86_400, Pace.ELAPSED, datetime(2026, 10, 24, 12), datetime(2026, 10, 25, 11)),
        (3, Pace.DAYS, datetime(2026, 3, 27, 16), datetime(2026, 3, 30, 16)),
        (1, Pace.DAYS, datetime(2026, 3, 28, 1, 30), datetime(2026, 3, 29, 2, 0)),
        (1, Pace.MONTHS, datetime(2026, 1, 31, 9), datetime(2026, 2, 28, 9)),
        (1.5, Pace.DAYS, datetime(2026, 3, 28, 10), datetime(2026, 3, 29, 22)),
    ],
)
def test_hours_elapse_and_days_keep_the_wall_clock(
    amount: float, pace: Pace, wall: datetime, expected: datetime
) -> None:
    due = away(instant_at(wall, LONDON), Stretch(amount=amount, pace=pace), LONDON, WORKING)

    assert due
    assert wall_of(due, LONDON) == expected


@pytest.mark.parametrize("amount", [-1.0, float("nan"), float("inf"), 1e30])
@pytest.mark.parametrize("pace", Pace)
def test_a_length_without_sense_leads_nowhere(amount: float, pace: Pace) -> None:
    assert away(datetime(2026, 3, 10, tzinfo=UTC), Stretch(amount=amount, pace=pace), LONDON, WORKING) is None


@given(INSTANTS, st.integers(0, 400), st.integers(0, 400), st.sampled_from(Pace))
def test_a_longer_length_never_ends_earlier(start: datetime, one: int, more: int, pace: Pace) -> None:
    short = away(start, Stretch(amount=one, pace=pace), LONDON, WORKING)
    long = away(start, Stretch(amount=one + more, pace=pace), LONDON, WORKING)

    assert short
    assert long
    assert start - timedelta(hours=1) <= short <= long


@given(INSTANTS, st.integers(1, 30))
def test_working_days_end_on_a_working_day_and_skip_none(start: datetime, count: int) -> None:
    day = wall_of(start, LONDON).date()
    end = after(day, count, WORKING)

    assert end
    assert end in WORKING
    assert sum(day + timedelta(days=n) in WORKING for n in range(1, (end - day).days + 1)) == count
    assert after(end + timedelta(days=1), -count - 1, WORKING) is None or after(end, -count, DaySet()) is None


@pytest.mark.parametrize(
    ("day", "wall", "expected"),
    [
        (None, datetime(2026, 3, 10, 11), datetime(2026, 3, 10, 12)),
        (None, datetime(2026, 3, 10, 12), datetime(2026, 3, 11, 12)),
        ("day", datetime(2026, 3, 10, 11), datetime(2026, 3, 11, 12)),
        ("working day", datetime(2026, 3, 13, 11), datetime(2026, 3, 16, 12)),
        ("working day", datetime(2026, 4, 2, 11), datetime(2026, 4, 7, 12)),
        (0, datetime(2026, 3, 9, 11), datetime(2026, 3, 16, 12)),  # on a Monday the next Monday
        (0, datetime(2026, 3, 10, 11), datetime(2026, 3, 16, 12)),
        (4, datetime(2026, 3, 10, 11), datetime(2026, 3, 13, 12)),
    ],
)
def test_due_by_a_time_of_day(day: str | int | None, wall: datetime, expected: datetime) -> None:
    due = next_at(instant_at(wall, LONDON), time(12), day, LONDON, WORKING)

    assert due
    assert wall_of(due, LONDON) == expected


@pytest.mark.parametrize(
    ("wall", "hours", "expected"),
    [
        (datetime(2026, 3, 10, 10), 4, datetime(2026, 3, 10, 14)),
        (datetime(2026, 3, 10, 16), 4, datetime(2026, 3, 11, 10)),
        (datetime(2026, 3, 10, 20), 4, datetime(2026, 3, 11, 12)),
        (datetime(2026, 3, 13, 17), 2, datetime(2026, 3, 16, 9)),
        (datetime(2026, 3, 14, 3), 10, datetime(2026, 3, 16, 18)),
        (datetime(2026, 3, 14, 3), 11, datetime(2026, 3, 17, 9)),
    ],
)
def test_counting_only_some_hours(wall: datetime, hours: int, expected: datetime) -> None:
    due = after_counting(instant_at(wall, LONDON), hours * 3600, CORE, LONDON)

    assert due
    assert wall_of(due, LONDON) == expected


def test_counting_hours_that_never_come_leads_nowhere() -> None:
    assert after_counting(datetime(2026, 3, 10, tzinfo=UTC), 60, (), LONDON) is None
    assert (
        after_counting(datetime(2026, 3, 10, tzinfo=UTC), 60, (Range(days=DaySet(), start=0, end=60),), LONDON) is None
    )


@given(INSTANTS, st.integers(1, 100_000))
def test_counting_all_hours_is_elapsed_time(start: datetime, seconds: int) -> None:
    due = after_counting(start, seconds, (Range(days=EVERY_DAY, start=0, end=1440),), LONDON)

    assert due == start + timedelta(seconds=seconds)


@given(INSTANTS, st.lists(st.integers(0, 400_000), max_size=5))
def test_what_was_counted_for_one_length_tells_nothing_on_another(start: datetime, lengths: list[int]) -> None:
    counted = Counted(start, CORE, LONDON)

    assert [counted.after(one) for one in lengths] == [after_counting(start, one, CORE, LONDON) for one in lengths]


SETS = st.sampled_from(
    [
        WEEKDAYS,
        EVERY_DAY,
        DaySet(),
        DaySet(nth=((-1, 3), (1, 0))),
        DaySet(weekdays=frozenset({1}), excepted=frozenset({date(2026, 3, 10)})),
        DaySet(dates=frozenset({date(2026, 3, 4), date(2030, 1, 1)})),
    ]
)
ANY_DAY = st.one_of(st.dates(), DATES, st.dates(date.max - timedelta(days=5000)), st.dates(max_value=date(12, 1, 1)))


@given(ANY_DAY, st.one_of(st.integers(-30, 30), st.integers(-4100, 4100)), SETS)
def test_days_are_counted_as_one_by_one(day: date, count: int, days: DaySet) -> None:
    """Forward and back, to the ends of the calendar and to where a count is given up."""

    class OneByOne:
        def __contains__(self, one: object) -> bool:
            return one in days

    assert after(day, count, days) == after(day, count, OneByOne())


@given(DATES, ZONES)
def test_a_day_starts_at_midnight_or_when_midnight_does_not_exist_after_it(day: date, zone: ZoneInfo) -> None:
    assert wall_of(start_of(day, zone), zone).date() == day
