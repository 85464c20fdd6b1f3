"""Texts read as temporal values, and what is refused."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from fivefold.errors import FivefoldError
from fivefold.values.graph.temporal import reading
from fivefold.values.graph.temporal.durations import duration_of, read_duration

READERS: dict[str, Callable[[str], object]] = {
    "date": reading.read_date,
    "localtime": reading.read_local_time,
    "time": reading.read_time,
    "localdatetime": reading.read_local_date_time,
    "datetime": reading.read_date_time,
    "duration": read_duration,
}

# Cypher Manual, "Temporal values: specifying temporal instants"; ISO 8601-1:2019, 5.2 to 5.5.
RIGHT = [
    ("date", "2015-07-21", "2015-07-21"),
    ("date", "20150721", "2015-07-21"),
    ("date", "2015-7-2", "2015-07-02"),
    ("date", "2015-07", "2015-07-01"),
    ("date", "201507", "2015-07-01"),
    ("date", "2015", "2015-01-01"),
    ("date", "0000", "0000-01-01"),
    ("date", "2015-W30-2", "2015-07-21"),
    ("date", "2015W302", "2015-07-21"),
    ("date", "2015-W30", "2015-07-20"),
    ("date", "2015W30", "2015-07-20"),
    ("date", "2020-W53-7", "2021-01-03"),
    ("date", "2015-Q2-60", "2015-05-30"),
    ("date", "2015Q260", "2015-05-30"),
    ("date", "2015-Q2", "2015-04-01"),
    ("date", "2015-202", "2015-07-21"),
    ("date", "2015202", "2015-07-21"),
    ("date", "2016-366", "2016-12-31"),
    ("date", "-0001-02-03", "-0001-02-03"),
    ("date", "+1-W02", "0001-01-08"),
    ("date", "-4-02-29", "-0004-02-29"),
    ("date", "+99999-02-03", "+99999-02-03"),
    ("date", "-999999999-01-01", "-999999999-01-01"),
    ("date", "+999999999-12-31", "+999999999-12-31"),
    ("localtime", "21:40:32.142", "21:40:32.142"),
    ("localtime", "21:40:32,5", "21:40:32.5"),
    ("localtime", "214032.000000001", "21:40:32.000000001"),
    ("localtime", "2140", "21:40"),
    ("localtime", "T21", "21:00"),
    ("localtime", "1:2:3", "01:02:03"),
    ("time", "21:40:32.142+0100", "21:40:32.142+01:00"),
    ("time", "214032-02", "21:40:32-02:00"),
    ("time", "2140-00:00", "21:40Z"),
    ("time", "21+18:00", "21:00+18:00"),
    ("time", "12:34:56-02:05:07", "12:34:56-02:05:07"),
    ("time", "12:34", "12:34Z"),
    ("time", "12:34z", "12:34Z"),
    ("localdatetime", "2015-W30-2T214032.142", "2015-07-21T21:40:32.142"),
    ("localdatetime", "2015202t21", "2015-07-21T21:00"),
    ("localdatetime", "-999999999-01-01", "-999999999-01-01T00:00"),
    ("localdatetime", "2015-07-21T21:40:32", "2015-07-21T21:40:32"),
    ("localdatetime", "2015-07-21T21:40:32.142", "2015-07-21T21:40:32.142"),
    ("datetime", "2015-07-21T21:40:32", "2015-07-21T21:40:32Z"),
    ("datetime", "2015-07-21T21:40:32Z", "2015-07-21T21:40:32Z"),
    ("datetime", "2015-07-21T21:40:32.142", "2015-07-21T21:40:32.142Z"),
    ("datetime", "2015-07-21T21:40:32.142Z", "2015-07-21T21:40:32.142Z"),
    ("datetime", "2015-07-21T21:40:32-05:30", "2015-07-21T21:40:32-05:30"),
    ("localdatetime", "2015-07-21T21:40", "2015-07-21T21:40"),
    ("localdatetime", "2015-07-21T21:40:32.123456789", "2015-07-21T21:40:32.123456789"),
    ("datetime", "2015-07-21T21:40:32.1234567Z", "2015-07-21T21:40:32.1234567Z"),
    ("datetime", "2015-07-21T21:40:32.123456Z", "2015-07-21T21:40:32.123456Z"),
    ("datetime", "2015-07-21T21:40:32.12345+01", "2015-07-21T21:40:32.12345+01:00"),
    ("datetime", "2015-07-21T21:40:32,5Z", "2015-07-21T21:40:32.5Z"),
    ("datetime", "2015-07-21T21:40+01:00:07", "2015-07-21T21:40+01:00:07"),
    ("datetime", "2015-07-21T21:40:32.1234", "2015-07-21T21:40:32.1234Z"),
    ("datetime", "2015-07-21T21:40:32.12345", "2015-07-21T21:40:32.12345Z"),
    ("datetime", "2015-07-21", "2015-07-21T00:00Z"),
    ("datetime", "20150721T21:40-01:30", "2015-07-21T21:40-01:30"),
    ("datetime", "2015-07-21T21:40[Europe/London]", "2015-07-21T21:40+01:00[Europe/London]"),
    (
        "datetime",
        "2015-07-21T21+0845[Australia/Eucla]",
        "2015-07-21T21:00+08:45[Australia/Eucla]",
    ),
    ("datetime", "2015-01-01T00Z[UTC]", "2015-01-01T00:00Z[UTC]"),
    ("datetime", "2015-01-01T00[America/New York]", "2015-01-01T00:00-05:00[America/New_York]"),
    # A time that the clocks skip is moved on; one that they show twice is the first (java.time,
    # ZonedDateTime.ofLocal), or the one with the offset given.
    (
        "datetime",
        "2017-03-26T02:30[Europe/Stockholm]",
        "2017-03-26T03:30+02:00[Europe/Stockholm]",
    ),
    (
        "datetime",
        "2017-10-29T02:30[Europe/Stockholm]",
        "2017-10-29T02:30+02:00[Europe/Stockholm]",
    ),
    (
        "datetime",
        "2017-10-29T02:30+01:00[Europe/Stockholm]",
        "2017-10-29T02:30+01:00[Europe/Stockholm]",
    ),
    # Before its standard time a zone has its chief place's mean time, by the IANA's main tables.
    (
        "datetime",
        "1818-07-21T21[Europe/Stockholm]",
        "1818-07-21T21:00+00:53:28[Europe/Stockholm]",
    ),
    ("datetime", "-0500-01-01T00[Asia/Tokyo]", "-0500-01-01T00:00+09:18:59[Asia/Tokyo]"),
    ("datetime", "+12000-07-01T00[Asia/Tokyo]", "+12000-07-01T00:00+09:00[Asia/Tokyo]"),
    ("duration", "P14DT16H12M", "P14DT16H12M"),
    ("duration", "P5M1.5D", "P5M1DT12H"),
    ("duration", "P0.75M", "P22DT19H51M49.5S"),
    ("duration", "PT0.75M", "PT45S"),
    ("duration", "P2.5W", "P17DT12H"),
    ("duration", "P2,5Y", "P2Y6M"),
    ("duration", "P12Y5M14DT16H12M70S", "P12Y5M14DT16H13M10S"),
    ("duration", "P2012-02-02T14:37:21.545", "P2012Y2M2DT14H37M21.545S"),
    ("duration", "P20120202T143721", "P2012Y2M2DT14H37M21S"),
    ("duration", "P0001-00-00", "P1Y"),
    ("duration", "-P1Y2D", "P-1Y-2D"),
    ("duration", "P-1Y2DT-1.5S", "P-1Y2DT-1.5S"),
    ("duration", "-PT-1.5S", "PT1.5S"),
    ("duration", "PT-0.001S", "PT-0.001S"),
    ("duration", "PT0S", "PT0S"),
    ("duration", "pt1h", "PT1H"),
]

WRONG = [
    *(
        ("date", text)
        for text in ("", "x", "20", "2015-", "2015-13-01", "2015-02-29", "2015-1-1-1")
    ),
    *(("date", text) for text in ("2015-W54", "2016-W53", "2015-W10-8", "2015-366", "2015-000")),
    *(
        ("date", text)
        for text in ("2015-Q5", "2015-Q1-91", "2015-Q0", "12345-01-01", "+1234567890")
    ),
    *(("date", text) for text in ("2015-07-21T10", " 2015-07-21", "2015-07-21 ", "٢٠١٥-07-21")),
    *(("date", text) for text in (" 015-07-21", "2015-+7-21", "2015- 7-21", "2015-07-2\n")),
    *(("localtime", text) for text in ("", "24", "12:60", "12:00:60", "12:00:00.", "1", "121")),
    *(("localtime", text) for text in ("12:00Z", "12:00:00.1234567890", "12.5", "12:00[UTC]")),
    *(("time", text) for text in ("12:00+19", "12:00+18:00:01", "12:00[UTC]", "12:00+1", "+01:00")),
    *(("time", text) for text in ("12:00+00:60", "12:00 Z", "12:00ZZ")),
    *(
        ("localdatetime", text)
        for text in ("2015-01-01T", "T12", "2015-01-01T12Z", "2015-01-01 12:00")
    ),
    *(("datetime", text) for text in ("", "2015-01-01T12[]", "2015-01-01T12[Mars/Base]")),
    *(("datetime", text) for text in ("2015-01-01T12[../passwd]", "2015-01-01T12[Europe]")),
    *(("datetime", text) for text in ("2015-01-01T12+05:00[Europe/Stockholm]", "2015-01-01T12Z[")),
    *(
        ("datetime", text)
        for text in ("2015-01-01T24:00:00", "2015-02-30T00:00:00Z", "2015-01-01T24:00")
    ),
    *(("datetime", text) for text in ("2015-01-01T00:00:00 ", "2015-01-01T00:00:00+19:00")),
    *(
        ("datetime", text)
        for text in ("2015-01-01T12:00+01:00.5", "2015-01-01T12:00:00.", "2015-01-01TT12:00")
    ),
    *(("datetime", text) for text in ("2015-01-01T00:00:00.12 ", "2015-01-01T00:00:00.1Z2")),
    *(("datetime", text) for text in ("2015-01-01[UTC]", "2015-01-01Z")),
    *(
        ("duration", text)
        for text in ("", "P", "PT", "P1DT", "P1S", "1D", "P1.5YT1S", "P1D2Y", "P1")
    ),
    *(
        ("duration", text)
        for text in ("PT.5S", "P2012-13-01", "P2012-01-32", "PT25:00", "PT1e5S", "PT0.1234567891S")
    ),
    *(("duration", text) for text in ("P9223372036854775807Y", "P1,5.5Y", "--P1Y", "P 1Y")),
]


@pytest.mark.parametrize(("reader", "text", "shown"), RIGHT)
def test_a_text_means_a_value(reader: str, text: str, shown: str) -> None:
    value = READERS[reader](text)
    assert str(value) == shown
    assert READERS[reader](shown) == value


@pytest.mark.parametrize(("reader", "text"), WRONG)
def test_a_malformed_text_is_a_fault(reader: str, text: str) -> None:
    with pytest.raises(FivefoldError) as error:
        READERS[reader](text)
    assert error.value.facts["detail"] in ("MalformedTemporalText", "InvalidArgumentValue")
    assert error.value.facts["phase"] == "runtime"


def test_a_long_text_is_refused_in_short() -> None:
    with pytest.raises(FivefoldError) as error:
        reading.read_date("9" * 100_000)
    assert len(str(error.value)) < 200


def test_a_malformed_text_has_neo4js_status() -> None:
    with pytest.raises(FivefoldError) as error:
        reading.read_date("tomorrow")
    assert error.value.facts["status"] == "Neo.ClientError.Statement.SyntaxError"
    assert str(error.value) == 'Text cannot be parsed to a Date\n"tomorrow"\n ^'


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        ("2015-07-21T21:40Z", "2015-07-21T21:40Z"),
        ("2015-07-21T21:40-01:30", "2015-07-21T21:40-01:30"),
        ("2015-07-21T21:40+02:00[Europe/Stockholm]", "2015-07-21T21:40+02:00[Europe/Stockholm]"),
        # What an earlier edition of the tables may have said of the zone.
        ("2015-07-21T21:40+01:00[Europe/Stockholm]", "2015-07-21T22:40+02:00[Europe/Stockholm]"),
        ("2015-07-21T21:40+01:00[Europe/Atlantis]", "2015-07-21T21:40+01:00"),
    ],
)
def test_a_stored_moment_outlives_its_zones_rules(stored: str, shown: str) -> None:
    assert str(reading.read_stored_date_time(stored)) == shown


# Worked out with binary floats, each of these is a nanosecond less.
@pytest.mark.parametrize(
    ("unit", "number", "shown"),
    [
        ("seconds", 1.13, "PT1.13S"),
        ("minutes", 0.02, "PT1.2S"),
        ("hours", 2.01, "PT2H36S"),
        ("days", 0.35, "PT8H24M"),
        ("weeks", 0.24, "P1DT16H19M12S"),
        ("months", 0.06, "P1DT19H49M44.76S"),
    ],
)
def test_fractions_of_a_unit_are_exact(unit: str, number: float, shown: str) -> None:
    assert str(duration_of({unit: number})) == shown


def test_a_zone_keeps_the_name_it_was_given() -> None:
    old, new = (
        reading.read_date_time(f"2015-01-01T00[Asia/{city}]") for city in ("Calcutta", "Kolkata")
    )
    assert (old.zone, new.zone) == ("Asia/Calcutta", "Asia/Kolkata")
    assert old.instant == new.instant
    assert old != new
