"""Dates."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bson.datetime_ms import DatetimeMS
from bson.decimal128 import Decimal128 as D
from bson.int64 import Int64 as L
from bson.objectid import ObjectId
from bson.timestamp import Timestamp

from tests.languages.mongo.expressions.cases import Case, Fails, Pages

AT = datetime(2014, 1, 1, 8, 15, 39, 736000)
PARIS = "Europe/Paris"
YORK = "America/New_York"
OID = ObjectId("507c7f79bcf86cd7994f6c0e")  # 2012-10-15T21:26:17Z


TIMES = ("hour", "minute", "second", "millisecond")
NATURAL = ("year", "month", "day", *TIMES)
ISO = ("isoWeekYear", "isoWeek", "isoDayOfWeek", *TIMES)


def parts(names: tuple[str, ...], *values: int) -> dict[str, int]:
    return dict(zip(names, values, strict=True))


def read(text: str, result: Any, **more: Any) -> Case:
    return ({"$dateFromString": {"dateString": text, **more}}, {}, result)


def written(format: str, result: Any, **more: Any) -> Case:
    return ({"$dateToString": {"date": "$d", "format": format, **more}}, {"d": AT}, result)


def trunc(date: datetime, unit: str, result: Any, **more: Any) -> Case:
    return ({"$dateTrunc": {"date": "$d", "unit": unit, **more}}, {"d": date}, result)


def diff(start: datetime, end: datetime, unit: str, result: Any, **more: Any) -> Case:
    form = {"startDate": "$s", "endDate": "$e", "unit": unit, **more}
    return ({"$dateDiff": form}, {"s": start, "e": end}, result)


def add(start: datetime, unit: Any, amount: Any, result: Any, **more: Any) -> Case:
    form = {"startDate": "$s", "unit": unit, "amount": amount, **more}
    return ({"$dateAdd": form}, {"s": start}, result)


PAGES: Pages = {
    "$year and the other parts (aggregation)": [
        ({"$year": "$d"}, {"d": AT}, 2014),
        ({"$month": ["$d"]}, {"d": AT}, 1),
        ({"$dayOfMonth": "$d"}, {"d": AT}, 1),
        ({"$hour": "$d"}, {"d": AT}, 8),
        ({"$minute": "$d"}, {"d": AT}, 15),
        ({"$second": "$d"}, {"d": AT}, 39),
        ({"$millisecond": "$d"}, {"d": AT}, 736),
        ({"$dayOfYear": "$d"}, {"d": datetime(2016, 12, 31)}, 366),
        ({"$dayOfWeek": "$d"}, {"d": datetime(2016, 1, 3)}, 1),
        ({"$week": "$d"}, {"d": datetime(2016, 1, 1)}, 0),
        ({"$week": "$d"}, {"d": datetime(2016, 1, 4)}, 1),
        ({"$isoWeek": "$d"}, {"d": datetime(2016, 1, 2)}, 53),
        ({"$isoWeekYear": "$d"}, {"d": datetime(2015, 5, 26)}, L(2015)),
        ({"$isoWeekYear": "$d"}, {"d": datetime(2017, 1, 1)}, L(2016)),
        ({"$isoDayOfWeek": "$d"}, {"d": datetime(2016, 1, 3)}, 7),
        ({"$hour": {"date": "$d", "timezone": YORK}}, {"d": AT}, 3),
        ({"$minute": {"date": "$d", "timezone": "+0530"}}, {"d": AT}, 45),
        ({"$hour": {"date": "$d", "timezone": "$tz"}}, {"d": AT, "tz": "-08"}, 0),
        ({"$year": {"date": "$d", "timezone": None}}, {"d": AT}, None),
        ({"$year": {"date": OID}}, {}, 2012),
        ({"$year": Timestamp(1350336377, 0)}, {}, 2012),
        ({"$year": DatetimeMS(-(2**52))}, {}, -140744),
        ({"$year": "$none"}, {}, None),
        ({"$year": "x"}, {}, Fails(16006, "can't convert from BSON type string to Date")),
        ({"$year": {"date": AT, "timezone": 5}}, {}, Fails(40533)),
        ({"$year": {"date": AT, "timezone": "Mars/X"}}, {}, Fails(40485, "unrecognized time zone")),
        (
            {"$year": {"date": AT, "zone": 5}},
            {},
            Fails(40535, 'unrecognized option to $year: "zone"'),
        ),
        ({"$year": {"timezone": "UTC"}}, {}, Fails(40539, 'provided: $year: { timezone: "UTC" }')),
        ({"$year": [AT, AT]}, {}, Fails(40536, "was given 2")),
    ],
    "$dateToString (aggregation)": [
        written("%Y-%m-%d", "2014-01-01"),
        written("%H:%M:%S:%L%z", "08:15:39:736+0000"),
        written("%H:%M:%S:%L%z", "03:15:39:736-0500", timezone=YORK),
        written("%H:%M:%S:%L%z", "12:15:39:736+0400", timezone="+04:00"),
        written("%Z", "270", timezone="+04:30"),
        written("%j %u %U %V %w %G", "001 3 00 01 4 2014"),
        written("100%% %b %B", "100% Jan January"),
        written("", ""),
        ({"$dateToString": {"date": "$d"}}, {"d": AT}, "2014-01-01T08:15:39.736Z"),
        (
            {"$dateToString": {"date": "$d", "timezone": YORK}},
            {"d": AT},
            "2014-01-01T03:15:39.736Z",
        ),
        ({"$dateToString": {"date": None, "onNull": "never"}}, {}, "never"),
        ({"$dateToString": {"date": "$none"}}, {}, None),
        ({"$dateToString": {"date": OID, "format": "%Y"}}, {}, "2012"),
        ({"$dateToString": {"date": "x"}}, {}, Fails(16006)),
        written("%", Fails(18535, "Unmatched '%' at end of format string")),
        written("%q", Fails(18536, "Invalid format character '%q' in format string")),
        ({"$dateToString": {"date": AT, "format": 1}}, {}, Fails(18533)),
        ({"$dateToString": {"date": AT, "x": 1}}, {}, Fails(18534)),
        ({"$dateToString": {"format": "%Y"}}, {}, Fails(18628, "Missing 'date' parameter")),
        ({"$dateToString": 1}, {}, Fails(18629)),
        ({"$dateToString": {"date": DatetimeMS(2**50), "format": "%Y"}}, {}, Fails(18537)),
    ],
    "$dateFromString (aggregation)": [
        read("2017-02-08T12:10:40.787", datetime(2017, 2, 8, 12, 10, 40, 787000)),
        read("2017-02-08T12:10:40.787", datetime(2017, 2, 8, 17, 10, 40, 787000), timezone=YORK),
        read("2017-02-08", datetime(2017, 2, 8)),
        read("2017-07-06 11:36", datetime(2017, 7, 6, 11, 36)),
        read("2017-02-08T12:10:40.787Z", datetime(2017, 2, 8, 12, 10, 40, 787000)),
        read("2017-07-14T12:02:44.771 GMT+02:00", datetime(2017, 7, 14, 10, 2, 44, 771000)),
        read("2017-07-14T12:02:44.771+0330", datetime(2017, 7, 14, 8, 32, 44, 771000)),
        read("2017-07-14T12:02:44.771 PDT", datetime(2017, 7, 14, 19, 2, 44, 771000)),
        read("2017-07-14T12:02:44.771 A", datetime(2017, 7, 14, 11, 2, 44, 771000)),
        read("July 4th, 2017", datetime(2017, 7, 4)),
        read("4 Jul 2017 5:30pm", datetime(2017, 7, 4, 17, 30)),
        read("20170704T115602Z", datetime(2017, 7, 4, 11, 56, 2)),
        read("06-15-2018", datetime(2018, 6, 15), format="%m-%d-%Y"),
        read("15-06-2018", datetime(2018, 6, 15), format="%d-%m-%Y"),
        read("2020 Feb 1", datetime(2020, 2, 1), format="%Y %b %d"),
        read("February 1 2020", datetime(2020, 2, 1), format="%B %d %Y"),
        read("2017-W01-1", datetime(2017, 1, 2), format="%G-W%V-%u"),
        read("2017 032", datetime(2017, 2, 1), format="%Y %j"),
        read("2017-01-01 +60", datetime(2016, 12, 31, 23), format="%Y-%m-%d %Z"),
        read("2017-01-01 5.8", datetime(2017, 1, 1, 0, 0, 5, 800000), format="%Y-%m-%d %S.%L"),
        ({"$dateFromString": {"dateString": None}}, {}, None),
        ({"$dateFromString": {"dateString": None, "onNull": "x"}}, {}, "x"),
        ({"$dateFromString": {"dateString": "nope", "onError": "$v"}}, {"v": 5}, 5),
        ({"$dateFromString": {"dateString": 7, "onError": "bad"}}, {}, "bad"),
        read("2017-01-01", None, timezone=None),
        read("nope", Fails(241, "Error parsing date string 'nope'")),
        read("2020-01", datetime(2020, 1, 1)),
        read("Jan 2024", datetime(2024, 1, 1)),
        read("2024 Jan", datetime(2024, 1, 1)),
        read(" 2020-01-01 ", datetime(2020, 1, 1)),
        read("10:00 PM 2024-01-01", datetime(2024, 1, 1, 22)),
        read("Mon, 01 Jan 2024 10:00:00 GMT", datetime(2024, 1, 1, 10)),
        read("Sun, 01 Jan 2024", datetime(2024, 1, 7)),
        read("Tue Jan 1 10:00:00 2024", datetime(2024, 1, 2, 10)),
        read("2024-01-01 12:00 AM", datetime(2024, 1, 1)),
        read("2024-01-01 10:00 P", datetime(2024, 1, 1, 13)),
        read("2024-01-01T00:00:00.1234567Z", datetime(2024, 1, 1, 0, 0, 0, 123000)),
        read("2024-01-01 10:00+02:00", datetime(2024, 1, 1, 8), timezone="UTC"),
        read("24-01-15", datetime(24, 1, 15), format="%Y-%m-%d"),
        read("2024", Fails(241, 'with elements missing: "2024"'), format="%Y"),
        read("", Fails(241, "Error parsing date string ''; 0: Empty string '\0'")),
        read("x", Fails(241, 'string has been found, with elements missing: "x"')),
        read("12:00", Fails(241, 'string has been found, with elements missing: "12:00"')),
        read("2024-02-30", Fails(241, "'2024-02-30'; 11: The parsed date was invalid '\0'")),
        read("2024-01-01 23:59:60", Fails(241, "; 20: The parsed time was invalid '\0'")),
        read("2024-01-01 13:00 PM", Fails(241)),
        read("2017-13-01", Fails(241)),
        read("2017-02-30", Fails(241)),
        read("2017-02-08T12:10:40Z", Fails(241, "time zone"), timezone=YORK),
        read("2017-02-08 Europe/Rome", Fails(241)),
        (
            {"$dateFromString": {"dateString": 7}},
            {},
            Fails(241, "'dateString' be a string, found: int"),
        ),
        read("x", Fails(40684), format=5),
        read("x", Fails(18536), format="%q"),
        ({"$dateFromString": 5}, {}, Fails(40540)),
        ({"$dateFromString": {"x": 5}}, {}, Fails(40541)),
        ({"$dateFromString": {}}, {}, Fails(40542)),
    ],
    "$dateFromParts (aggregation)": [
        (
            {"$dateFromParts": {"year": 2017, "month": 2, "day": 8, "hour": 12}},
            {},
            datetime(2017, 2, 8, 12),
        ),
        ({"$dateFromParts": {"isoWeekYear": 2017, "isoWeek": 6}}, {}, datetime(2017, 2, 6)),
        (
            {
                "$dateFromParts": {
                    "year": 2016,
                    "month": 12,
                    "day": 31,
                    "hour": 23,
                    "timezone": YORK,
                }
            },
            {},
            datetime(2017, 1, 1, 4),
        ),
        ({"$dateFromParts": {"year": 2017, "month": 14}}, {}, datetime(2018, 2, 1)),
        ({"$dateFromParts": {"year": 2017, "month": 0}}, {}, datetime(2016, 12, 1)),
        ({"$dateFromParts": {"year": 2017, "day": 0, "hour": -1}}, {}, datetime(2016, 12, 30, 23)),
        (
            {
                "$dateFromParts": {
                    "year": 2017,
                    "month": 3,
                    "day": 26,
                    "hour": 2,
                    "minute": 30,
                    "timezone": PARIS,
                }
            },
            {},
            datetime(2017, 3, 26, 1, 30),
        ),
        ({"$dateFromParts": {"year": "$none"}}, {}, None),
        ({"$dateFromParts": {"year": 2017, "month": None}}, {}, None),
        ({"$dateFromParts": {"year": 2017.0}}, {}, datetime(2017, 1, 1)),
        ({"$dateFromParts": {"year": "x"}}, {}, Fails(40515, "'year' must evaluate to an integer")),
        ({"$dateFromParts": {"year": 0}}, {}, Fails(40523, "range 1 to 9999, found 0")),
        ({"$dateFromParts": {"isoWeekYear": 10000}}, {}, Fails(31095)),
        ({"$dateFromParts": {"year": 1, "day": 40000}}, {}, Fails(31034)),
        (
            {"$dateFromParts": {"month": 1}},
            {},
            Fails(40516, "'year' or 'isoWeekYear' to be present"),
        ),
        ({"$dateFromParts": {"year": 1, "isoWeek": 1}}, {}, Fails(40489)),
        ({"$dateFromParts": {"isoWeekYear": 1, "day": 1}}, {}, Fails(40525)),
        ({"$dateFromParts": {"years": 1}}, {}, Fails(40518)),
        ({"$dateFromParts": 1}, {}, Fails(40519)),
        ({"$dateFromParts": {"year": 1, "second": 2**60}}, {}, Fails(15)),
    ],
    "$dateToParts (aggregation)": [
        (
            {"$dateToParts": {"date": "$d"}},
            {"d": AT},
            parts(NATURAL, 2014, 1, 1, 8, 15, 39, 736),
        ),
        (
            {"$dateToParts": {"date": "$d", "iso8601": True, "timezone": YORK}},
            {"d": AT},
            parts(ISO, 2014, 1, 3, 3, 15, 39, 736),
        ),
        ({"$dateToParts": {"date": None}}, {}, None),
        ({"$dateToParts": {"date": AT, "iso8601": 1}}, {}, Fails(40521)),
        ({"$dateToParts": {"date": AT, "x": 1}}, {}, Fails(40520)),
        ({"$dateToParts": {}}, {}, Fails(40522)),
        ({"$dateToParts": 1}, {}, Fails(40524)),
    ],
    "$dateAdd (aggregation), $dateSubtract (aggregation)": [
        add(datetime(2020, 10, 31), "month", 1, datetime(2020, 11, 30)),
        add(datetime(2020, 1, 31), "month", 1, datetime(2020, 2, 29)),
        add(datetime(2020, 2, 29), "year", 1, datetime(2021, 2, 28)),
        add(datetime(2020, 1, 1), "quarter", 2, datetime(2020, 7, 1)),
        add(datetime(2020, 1, 1), "week", -1, datetime(2019, 12, 25)),
        add(
            datetime(2020, 10, 24, 18, 10), "day", 1, datetime(2020, 10, 25, 19, 10), timezone=PARIS
        ),
        add(
            datetime(2020, 10, 24, 18, 10),
            "hour",
            24,
            datetime(2020, 10, 25, 18, 10),
            timezone=PARIS,
        ),
        add(
            datetime(2021, 1, 30, 23, 30), "month", 1, datetime(2021, 2, 27, 23, 30), timezone=PARIS
        ),
        add(datetime(2020, 1, 1), "millisecond", 1050, datetime(2020, 1, 1, 0, 0, 1, 50000)),
        add(datetime(2020, 1, 1), "day", D("2"), datetime(2020, 1, 3)),
        (
            {
                "$dateSubtract": {
                    "startDate": datetime(2021, 1, 31, 3),
                    "unit": "month",
                    "amount": 2,
                }
            },
            {},
            datetime(2020, 11, 30, 3),
        ),
        (
            {
                "$dateSubtract": {
                    "startDate": datetime(2021, 1, 31, 3),
                    "unit": "month",
                    "amount": 2,
                    "timezone": YORK,
                }
            },
            {},
            datetime(2020, 12, 1, 3),
        ),
        ({"$dateAdd": {"startDate": None, "unit": "x", "amount": 1}}, {}, None),
        ({"$dateAdd": {"startDate": AT, "unit": "day", "amount": "$none"}}, {}, None),
        ({"$dateAdd": {"unit": "second", "amount": 120}}, {}, Fails(5166402)),
        ({"$dateAdd": {"startDate": AT, "units": "day", "amount": 1}}, {}, Fails(5166401)),
        ({"$dateAdd": {"startDate": "x", "unit": "day", "amount": 1}}, {}, Fails(5166403)),
        add(AT, 1, 1, Fails(5166404)),
        add(AT, "epoch", 1, Fails(9, "unknown time unit value: epoch")),
        add(AT, "year", 1.001, Fails(5166405)),
        add(AT, "year", 2**40, Fails(5166406)),
        add(AT, "year", 1, Fails(40485), timezone="Unknown"),
        ({"$dateAdd": 1}, {}, Fails(5166400)),
    ],
    "$dateDiff (aggregation)": [
        diff(datetime(2020, 11, 1, 18, 23, 36), datetime(2020, 11, 2), "hour", L(6)),
        diff(datetime(2020, 12, 31, 23), datetime(2021, 1, 1), "year", L(1)),
        diff(datetime(2020, 12, 31, 23), datetime(2021, 1, 1), "quarter", L(1)),
        diff(datetime(2020, 12, 1), datetime(2020, 1, 31), "month", L(-11)),
        diff(
            datetime(2021, 1, 24, 18), datetime(2021, 1, 25, 2), "week", L(1), startOfWeek="MONDAY"
        ),
        diff(datetime(2021, 1, 24, 18), datetime(2021, 1, 25, 2), "week", L(0)),
        diff(
            *(datetime(2021, 1, 17, 5), datetime(2021, 1, 17, 4, 59), "week", L(-1)),
            timezone=YORK,
            startOfWeek="sunday",
        ),
        diff(datetime(2021, 3, 28), datetime(2021, 3, 29), "day", L(1), timezone=PARIS),
        diff(datetime(2021, 3, 27, 23), datetime(2021, 3, 28, 22), "hour", L(23), timezone=PARIS),
        diff(datetime(2021, 1, 1), datetime(2021, 1, 1, 0, 0, 0, 5000), "millisecond", L(5)),
        diff(datetime(2021, 1, 1), datetime(2021, 1, 1, 0, 1, 59), "minute", L(1)),
        diff(AT, AT, "decade", Fails(5439014)),
        ({"$dateDiff": {"startDate": "$none", "endDate": 1, "unit": "century"}}, {}, None),
        ({"$dateDiff": {"startDate": "x", "endDate": AT, "unit": "day"}}, {}, Fails(5166307)),
        ({"$dateDiff": {"startDate": AT, "endDate": AT, "unit": 5}}, {}, Fails(5439013)),
        diff(AT, AT, "week", Fails(5439015), startOfWeek=1),
        diff(AT, AT, "week", Fails(5439016), startOfWeek="FRIDIE"),
        diff(AT, AT, "hour", L(0), startOfWeek=1),
        diff(AT, AT, "hour", Fails(40517), timezone=1),
        diff(
            AT,
            AT,
            "day",
            Fails(40485, "$dateDiff parameter 'timezone' value pars"),
            timezone="Mars",
        ),
        ({"$dateDiff": 1}, {}, Fails(5166301)),
        ({"$dateDiff": {"x": 1}}, {}, Fails(5166302)),
        ({"$dateDiff": {"endDate": AT, "unit": "day"}}, {}, Fails(5166303)),
        ({"$dateDiff": {"startDate": AT, "unit": "day"}}, {}, Fails(5166304)),
        ({"$dateDiff": {"startDate": AT, "endDate": AT}}, {}, Fails(5166305)),
    ],
    "$dateTrunc (aggregation)": [
        trunc(datetime(2020, 11, 1, 18, 23, 36), "hour", datetime(2020, 11, 1, 18), binSize=2),
        trunc(
            datetime(2021, 12, 1, 18, 23, 36),
            "hour",
            datetime(2021, 12, 1, 17),
            binSize=4,
            timezone=YORK,
        ),
        trunc(datetime(2021, 2, 15, 18), "week", datetime(2021, 2, 14)),
        trunc(
            datetime(2000, 1, 30, 18),
            "week",
            datetime(2000, 1, 17, 5),
            binSize=2,
            timezone=YORK,
            startOfWeek="mon",
        ),
        trunc(datetime(2021, 3, 20, 11, 30, 5), "day", datetime(2021, 3, 20)),
        trunc(datetime(2021, 3, 20, 11), "month", datetime(2021, 3, 1)),
        trunc(datetime(2021, 3, 20, 11), "month", datetime(2021, 1, 1), binSize=6),
        trunc(datetime(2021, 8, 20, 11), "quarter", datetime(2021, 7, 1)),
        trunc(datetime(1999, 8, 20, 11), "year", datetime(1995, 1, 1), binSize=5),
        trunc(
            datetime(2020, 1, 30, 18, 59), "minute", datetime(2020, 1, 30, 18, 45), binSize=D("15")
        ),
        trunc(datetime(2021, 3, 20, 3), "day", datetime(2021, 3, 19, 4), timezone=YORK),
        (
            {"$dateTrunc": {"date": OID, "unit": "minute", "binSize": 10}},
            {},
            datetime(2012, 10, 15, 21, 20),
        ),
        ({"$dateTrunc": {"date": "x", "unit": "hour"}}, {}, Fails(5439012)),
        ({"$dateTrunc": {"date": None, "unit": "hour"}}, {}, None),
        ({"$dateTrunc": {"date": AT, "unit": "hour", "binSize": None}}, {}, None),
        trunc(AT, "hour", Fails(5439017), binSize="a"),
        trunc(AT, "hour", Fails(5439017), binSize=2.5),
        trunc(AT, "hour", Fails(5439018), binSize=0),
        trunc(AT, "century", Fails(5439014)),
        trunc(AT, "week", Fails(5439016), startOfWeek="FRIDIE"),
        ({"$dateTrunc": "A"}, {}, Fails(5439007)),
        ({"$dateTrunc": {"endDate": 1}}, {}, Fails(5439008)),
        ({"$dateTrunc": {"unit": "week"}}, {}, Fails(5439009)),
        ({"$dateTrunc": {"date": AT}}, {}, Fails(5439010)),
    ],
    "$tsSecond (aggregation), $tsIncrement (aggregation)": [
        ({"$tsSecond": "$t"}, {"t": Timestamp(1622731060, 7)}, L(1622731060)),
        ({"$tsIncrement": "$t"}, {"t": Timestamp(1622731060, 7)}, L(7)),
        ({"$tsSecond": "$none"}, {}, None),
        ({"$tsSecond": 5}, {}, Fails(5687301, "must be a timestamp, but is int")),
        ({"$tsIncrement": 5}, {}, Fails(5687302)),
    ],
}
