"""Beanie, an asynchronous object mapper: links, queries, updates, a transaction.

Source: Beanie's documentation, "Relations", "Finding documents", "Updating & Deleting".
"""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

import pymongo
import pytest
from beanie import DeleteRules, Document, Indexed, Link, WriteRules, init_beanie
from beanie.operators import In, Inc, Push
from pydantic import BaseModel, Field
from pymongo import AsyncMongoClient
from pymongo.errors import DuplicateKeyError

import fivefold


class Size(BaseModel):
    height: float
    width: float


class Door(Document):
    name: str
    size: Size


class Owner(Document):
    email: Annotated[str, Indexed(unique=True)]


class House(Document):
    name: Annotated[str, Indexed(index_type=pymongo.DESCENDING)]
    owner: Link[Owner]
    doors: list[Link[Door]] = Field(default_factory=list)
    rooms: int = 1
    tags: list[str] = Field(default_factory=list)

    class Settings:
        name = "houses"
        use_state_management = True


class Sum(BaseModel):
    id: str = Field(alias="_id")
    rooms: int


async def relations(client: AsyncMongoClient[dict[str, Any]]) -> None:
    front = Door(name="front", size=Size(height=2, width=1))
    back = Door(name="back", size=Size(height=2, width=0.8))
    ada = await Owner(email="ada@example.org").insert()
    house = House(name="Red", owner=ada, doors=[front, back])
    await house.insert(link_rule=WriteRules.WRITE)
    await House(name="Blue", owner=ada, rooms=5, tags=["big"]).insert()
    plain = await House.find_one(House.name == "Red")
    assert plain is not None
    assert isinstance(plain.owner, Link)
    await plain.fetch_all_links()
    assert [door.name for door in plain.doors] == ["front", "back"]
    linked = await House.find(House.owner.email == "ada@example.org", fetch_links=True).to_list()
    assert sorted((each.name, len(each.doors)) for each in linked) == [("Blue", 0), ("Red", 2)]
    doors = await Door.find(Door.size.width < 1).to_list()
    assert [door.name for door in doors] == ["back"]
    assert await House.find(House.doors.id == doors[0].id).count() == 1
    await plain.delete(link_rule=DeleteRules.DELETE_LINKS)
    assert await Door.count() == 0
    assert await Owner.count() == 0
    await Owner(email="ada@example.org").insert()
    with pytest.raises(DuplicateKeyError):
        await Owner(email="ada@example.org").insert()


async def queries(client: AsyncMongoClient[dict[str, Any]]) -> None:
    ada = await Owner.find_one()
    assert ada is not None
    names = ["Green", "Grey", "White"]
    await House.insert_many([House(name=name, owner=ada, rooms=len(name)) for name in names])
    found = House.find(In(House.name, names), House.rooms >= 5)
    assert [each.name async for each in found.sort(-House.name)] == ["White", "Green"]
    assert await found.sum(House.rooms) == 10
    await found.update(Inc({House.rooms: 1}), Push({House.tags: "more"}))
    sums = await House.aggregate(
        [
            {"$unwind": "$tags"},
            {"$group": {"_id": "$tags", "rooms": {"$sum": "$rooms"}}},
            {"$sort": {"_id": 1}},
        ],
        projection_model=Sum,
    ).to_list()
    assert [(each.id, each.rooms) for each in sums] == [("big", 5), ("more", 12)]
    await House.find_one(House.name == "Yellow").upsert(
        Inc({House.rooms: 1}), on_insert=House(name="Yellow", owner=ada, rooms=9)
    )
    yellow = await House.find_one({"name": "Yellow"})
    assert yellow is not None
    yellow.rooms = 3
    assert yellow.is_changed
    await yellow.save_changes()
    assert [
        each.name for each in await House.find_all().sort("name").skip(1).limit(2).to_list()
    ] == [
        "Green",
        "Grey",
    ]
    async with client.start_session() as session, await session.start_transaction():
        await House.find(House.rooms > 0, session=session).delete(session=session)
        await session.abort_transaction()
    assert await House.count() == 5


def test_a_shop_of_houses(store_url: str) -> None:
    async def work(url: str) -> None:
        async with AsyncMongoClient[dict[str, Any]](url) as client:
            await init_beanie(client.estate, document_models=[Door, Owner, House])
            await relations(client)
            await queries(client)

    with fivefold.serving(store_url, only=["mongodb"], durability="off") as server:
        asyncio.run(work(server.urls["mongodb"]))
