"""What SQL reads of a collection's documents is the same read where they lie and made jsonb of."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from bson.binary import Binary
from bson.code import Code
from bson.datetime_ms import DatetimeMS
from bson.decimal128 import Decimal128
from bson.int64 import Int64
from bson.max_key import MaxKey
from bson.min_key import MinKey
from bson.objectid import ObjectId
from bson.regex import Regex
from bson.timestamp import Timestamp
from hypothesis import given

from fivefold.api.database import Database, open_database
from fivefold.errors import FivefoldError
from fivefold.stores.sqlite.render import shadows
from tests.conftest import empty_store
from tests.languages.mongo.store.test_found import DIFFERENT, QUICKLY, Rig, alike, st

Document = dict[str, Any]

VALUES: list[Any] = [
    *(None, True, False, 0, -1, 2**31 - 1, 2**40, Int64(5), -(2**63), 1.0, 1.5, -0.0, 1e20, 1e-7),
    *(1.7976931348623157e308, 5e-324, 0.1, 123456789.125, float("nan"), float("inf")),
    *("", "a", 'q"\\/', "line\n\t\r\b\f", "\x01\x1f\x7f", "é \u2028 \U0001f600", "nu\0l", "null"),
    *({}, {"a": 1, "b": [1, {"c": "x"}]}, {"$oid": "no"}, {"$date": 1}, {"0": "zero", "x": None}),
    *([], [1, "a", None, [2, 3]], [{"a": 1.0}, {"b": 1e30}], ObjectId(b"a" * 12)),
    *(datetime(2020, 1, 1), DatetimeMS(-(2**62)), Decimal128("1.10"), Binary(b"\0\1", 4), b"x"),
    *(Regex("^a", "i"), Code("f()"), Code("f()", {"a": 1}), Timestamp(1, 2), MinKey(), MaxKey()),
]

READS = [
    *("{} -> 'v'", "{} ->> 'v'", "{} #> '{{v}}'", "{} #>> '{{v}}'", "{}['v']", "{} ? 'v'"),
    *("jsonb_typeof({} -> 'v')", "{} -> 'v' ->> 'a'", "{} #>> '{{v,b,1,c}}'", "{} #> '{{v,0}}'"),
    *("{} -> 'v' -> 0", "{} -> 'v' ->> 0", "{} -> 'v' -> -1", "{} -> 'v' -> 1 ->> 'b'"),
    *("{} -> 'v' ->> '$oid'", "{} -> 'v' -> '$date'", "({} -> 'v') ? 'a'", "{} ->> 'missing'"),
    *("jsonb_extract_path_text({}, 'v', 'a')", "{} ->> '_id'", "{} -> 'v' -> 'b' -> 1 -> 'c'"),
    *("({} ->> 'v')::int", "({} ->> 'v')::bigint", "({} ->> 'v')::float8", "({} -> 'v')::int"),
    *("({} ->> 'v')::numeric", "({} ->> 'v')::boolean", "({} -> 'v')::boolean"),
    "({} -> 'v')::text",
    *("{} -> 'v' = '1'", "({} ->> 'v') > 'a'", "coalesce({} ->> 'v', 'none')", "{} -> 'a.b'"),
]  # fmt: skip


class Reader(Rig):
    """A rig whose collections are asked by SQL."""

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self._database = database
        self.made = 0

    def rows(self, text: str) -> list[Any] | str:
        try:
            return [*self._database.sql(text)]
        except FivefoldError as error:
            return str(error)

    def same(self, text: str) -> None:
        """Raise AssertionError unless a statement gives the same both ways."""
        quickly = self.rows(text)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(shadows, "place_of", lambda w, node: None)
            self.made += 1
            slowly = self.rows(f"{text} -- {self.made}")
        assert str(quickly) == str(slowly), text  # NaN is not itself


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    with (
        empty_store(str(tmp_path_factory.mktemp("shadows") / "s.db")) as url,
        open_database(url, durability="off") as database,
    ):
        yield Reader(database)


@pytest.mark.parametrize("values", [*([value] for value in VALUES), [*VALUES], VALUES[:14]],
                         ids=lambda values: str(len(values)))  # fmt: skip
def test_every_value_is_read_the_same(reader: Reader, values: list[Any]) -> None:
    documents = [{"_id": at, "v": value, "a.b": 1} for at, value in enumerate(values)]
    namespace, name = reader.fill([*documents, {"_id": 99}], ())
    shown = ", ".join([read.format("doc") for read in READS if "::" not in read])
    reader.same(f"SELECT {shown} FROM {namespace}.{name} ORDER BY doc ->> '_id'")
    for read in READS:
        if "::" in read:
            reader.same(f"SELECT {read.format('doc')} FROM {namespace}.{name} ORDER BY _id")


STEPS = st.lists(
    st.sampled_from(("-> 'a'", "-> 'b'", "-> 'c'", "-> 0", "-> -1", "#> '{b,0}'", "-> 'x'")),
    min_size=1,
    max_size=3,
)
SHOWN = st.sampled_from(("{}", "jsonb_typeof({})", "{} ? 'a'", "({})::text", "{} ->> 'b'",
                         "{} #>> '{{a,1}}'"))  # fmt: skip


@QUICKLY
@given(st.one_of(alike(), DIFFERENT), st.lists(st.tuples(STEPS, SHOWN), min_size=4, max_size=4))
def test_any_document_is_read_the_same(
    reader: Reader, given_: tuple[list[Document], Any], reads: list[tuple[list[str], str]]
) -> None:
    namespace, name = reader.fill(given_[0], ())
    shown = ", ".join([form.format(f"(doc {' '.join(steps)})") for steps, form in reads])
    reader.same(f"SELECT _id, {shown} FROM {namespace}.{name} ORDER BY _id")


@pytest.mark.parametrize(
    "text",
    [
        "SELECT o.doc ->> 'n' FROM {0} o ORDER BY 1",
        "SELECT q.d ->> 'n' FROM (SELECT doc AS d FROM {0}) q ORDER BY 1",
        "SELECT q.d ->> 'n' FROM (SELECT doc FROM {0} ORDER BY _id LIMIT 2) q(d)",
        "SELECT doc ->> 'n' FROM (SELECT DISTINCT doc FROM {0}) q ORDER BY 1",
        "SELECT doc ->> 'n' FROM (SELECT doc FROM {0} UNION ALL SELECT doc FROM {0}) q ORDER BY 1",
        "SELECT doc ->> 'n' FROM (SELECT doc, count(*) FROM {0} GROUP BY doc) q ORDER BY 1",
        "WITH q AS (SELECT doc FROM {0}) SELECT doc ->> 'n' FROM q ORDER BY 1",
        "SELECT a.doc ->> 'n', b.doc ->> 'n' FROM {0} a LEFT JOIN {0} b"
        " ON a.doc -> 'n' = b._id ORDER BY a._id",
        "SELECT count(*), o.doc ->> 'n' FROM {0} o GROUP BY o.doc ->> 'n' ORDER BY 2",
        "SELECT (SELECT max(b.doc ->> 'n') FROM {0} b WHERE b.doc -> 'n' = a._id) FROM {0} a"
        " ORDER BY a._id",
        "SELECT o._id FROM {0} o WHERE EXISTS (SELECT 1 FROM (VALUES ('1')) o(n)"
        " WHERE o.n = '1') AND o.doc ->> 'n' = '2'",
        "SELECT e.x FROM {0} o, jsonb_array_elements(o.doc -> 'list') e(x) ORDER BY o._id, e.x",
        "SELECT l.x FROM {0} o, LATERAL (SELECT o.doc ->> 'n' AS x) l ORDER BY 1",
        "SELECT doc, doc ->> 'n' FROM {0} ORDER BY _id FETCH FIRST 1 ROW WITH TIES",
        "SELECT DISTINCT ON (doc ->> 'n') doc ->> 'n', _id FROM {0} ORDER BY 1, 2",
    ],
)
def test_the_shadow_is_handed_on(reader: Reader, text: str) -> None:
    name = ".".join(
        reader.fill([{"_id": 1, "n": 2, "list": [1, "a"]}, {"_id": 2, "n": 2.5}, {"_id": 3}], ())
    )
    reader.same(text.format(name))
