"""GridFS: files in pieces, over pymongo's ``gridfs``, sync and async.

Source: the drivers' specification "GridFS"; manual, "GridFS".
"""

from __future__ import annotations

import asyncio
import hashlib
import io
import random
from collections.abc import Iterator
from typing import Any

import pytest
from bson import ObjectId
from gridfs import GridFS, GridFSBucket, NoFile
from gridfs.asynchronous import AsyncGridFSBucket
from gridfs.errors import CorruptGridFile, FileExists
from pymongo import AsyncMongoClient, MongoClient
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

import fivefold
from fivefold.api.serving import Serving
from tests.conftest import empty_store

PIECE_BYTES = 255 * 1024
"""The size of a chunk where nobody says another (the specification's chunkSizeBytes)."""

LARGE = random.Random(1).randbytes(5 * 1024 * 1024 + 17)

Files = Database[dict[str, Any]]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    path = tmp_path_factory.mktemp("gridfs") / "files.db"
    with (
        empty_store(str(path)) as url,
        fivefold.serving(url, only=["mongodb"], durability="off") as serving,
    ):
        yield serving


@pytest.fixture
def files(server: Serving, request: pytest.FixtureRequest) -> Iterator[Files]:
    """A database of the test's own."""
    with MongoClient[dict[str, Any]](server.urls["mongodb"]) as client:
        yield client[request.node.name]


def test_put_get_find_delete(files: Files) -> None:
    grid = GridFS(files)
    made = grid.put(b"hello", filename="a.txt", tags=["x"])
    assert isinstance(made, ObjectId)
    with grid.get(made) as out:
        assert (out.read(), out.filename, out.length) == (b"hello", "a.txt", 5)
        assert (out.tags, out.chunk_size) == (["x"], PIECE_BYTES)
    assert grid.exists(made)
    assert grid.exists(filename="a.txt", tags="x")
    assert not grid.exists(filename="b.txt")
    assert grid.list() == ["a.txt"]
    named = grid.put("text", _id="own", filename="b.txt", encoding="utf-8")
    with pytest.raises(FileExists):
        grid.put(b"again", _id=named)
    assert sorted(out.filename or "" for out in grid.find({})) == ["a.txt", "b.txt"]
    assert [out.filename for out in grid.find().sort("filename", -1).limit(1)] == ["b.txt"]
    grid.delete(made)
    grid.delete(made)
    with pytest.raises(NoFile):
        grid.get(made)
    assert files.fs.chunks.count_documents({"files_id": made}) == 0


def test_a_large_file_in_pieces(files: Files) -> None:
    bucket = GridFSBucket(files)
    made = bucket.upload_from_stream("large", io.BytesIO(LARGE), metadata={"kind": "noise"})
    kept = files.fs.files.find_one({"_id": made})
    assert kept is not None
    assert (kept["length"], kept["chunkSize"]) == (len(LARGE), PIECE_BYTES)
    assert kept["metadata"] == {"kind": "noise"}
    sizes = [
        (piece["n"], piece["size"])
        for piece in files.fs.chunks.aggregate(
            [
                {"$match": {"files_id": made}},
                {"$sort": {"n": 1}},
                {"$project": {"n": 1, "size": {"$binarySize": "$data"}}},
            ]
        )
    ]
    whole, rest = divmod(len(LARGE), PIECE_BYTES)
    assert sizes == [*((n, PIECE_BYTES) for n in range(whole)), (whole, rest)]
    back = io.BytesIO()
    bucket.download_to_stream(made, back)
    assert hashlib.sha256(back.getvalue()).digest() == hashlib.sha256(LARGE).digest()
    out = bucket.open_download_stream(made)
    for place in (0, PIECE_BYTES - 2, 3 * PIECE_BYTES + 5, len(LARGE) - 3, 10):
        out.seek(place)
        assert out.tell() == place
        assert out.read(7) == LARGE[place : place + 7]
    out.seek(-4, io.SEEK_END)
    assert out.read() == LARGE[-4:]
    bucket.delete(made)
    assert files.fs.chunks.count_documents({}) == 0
    with pytest.raises(NoFile):
        bucket.delete(made)


def test_lines_and_small_pieces(files: Files) -> None:
    bucket = GridFSBucket(files, bucket_name="notes", chunk_size_bytes=4)
    with bucket.open_upload_stream("lines") as stream:
        for line in (b"first line\n", b"second\n", b"", b"no end"):
            stream.write(line)
        made = stream._id
    assert [*bucket.open_download_stream(made)] == [b"first line\n", b"second\n", b"no end"]
    assert files.notes.chunks.count_documents({}) == 6
    with bucket.open_upload_stream("gone") as stream:
        stream.write(b"a lot of it")
        stream.abort()
    assert files.notes.chunks.count_documents({"files_id": {"$ne": made}}) == 0
    assert bucket.open_download_stream(bucket.upload_from_stream("none", b"")).read() == b""


def test_revisions_and_names(files: Files) -> None:
    bucket = GridFSBucket(files)
    made = [bucket.upload_from_stream("report", f"version {n}".encode()) for n in range(3)]
    for revision, wanted in ((0, 0), (1, 1), (2, 2), (-1, 2), (-3, 0)):
        out = bucket.open_download_stream_by_name("report", revision=revision)
        assert out.read() == f"version {wanted}".encode()
    with pytest.raises(NoFile):
        bucket.open_download_stream_by_name("report", revision=3)
    bucket.rename(made[2], "final")
    assert bucket.open_download_stream_by_name("report").read() == b"version 1"
    assert bucket.open_download_stream_by_name("final").read() == b"version 2"
    with pytest.raises(NoFile):
        bucket.rename(ObjectId(), "nothing")
    grid = GridFS(files)
    assert grid.get_last_version("report").read() == b"version 1"
    assert grid.get_version("report", 0).read() == b"version 0"
    bucket.rename_by_name("report", "old")
    assert sorted({out.filename or "" for out in bucket.find({})}) == ["final", "old"]
    bucket.delete_by_name("old")
    assert [out.filename for out in bucket.find({})] == ["final"]


def test_the_indexes_of_files_and_chunks(files: Files) -> None:
    bucket = GridFSBucket(files)
    made = bucket.upload_from_stream("one", b"1")
    chunks, names = files.fs.chunks.index_information(), files.fs.files.index_information()
    assert chunks["files_id_1_n_1"]["key"] == [("files_id", 1), ("n", 1)]
    assert chunks["files_id_1_n_1"]["unique"] is True
    assert names["filename_1_uploadDate_1"]["key"] == [("filename", 1), ("uploadDate", 1)]
    with pytest.raises(DuplicateKeyError, match="files_id_1_n_1"):
        files.fs.chunks.insert_one({"files_id": made, "n": 0, "data": b"2"})
    files.fs.chunks.delete_one({"files_id": made})
    with pytest.raises(CorruptGridFile):
        bucket.open_download_stream(made).read()


def test_async(server: Serving) -> None:
    async def work() -> None:
        async with AsyncMongoClient[dict[str, Any]](server.urls["mongodb"]) as client:
            bucket = AsyncGridFSBucket(client.asynchronous)
            names = [f"file{n}" for n in range(4)]
            made = await asyncio.gather(
                *(bucket.upload_from_stream(name, name.encode() * 50_000) for name in names)
            )
            for name, one in zip(names, made, strict=True):
                out = await bucket.open_download_stream(one)
                await out.seek(4 * 50_000 - 6)
                assert await out.read(6) == (name.encode() * 2)[4:10]
            await bucket.rename(made[0], "renamed")
            await bucket.delete(made[1])
            found = [out.filename async for out in bucket.find({}).sort("filename", 1)]
            assert found == ["file2", "file3", "renamed"]

    asyncio.run(work())
