"""From results to messages: descriptions and encoders, made once for each plan."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from fivefold.engine.plans import Plan
from fivefold.engine.results import Result, full_tag
from fivefold.engine.settings import Settings
from fivefold.errors import FivefoldError
from fivefold.languages.sql.commands import Notice
from fivefold.plan.statement import Output
from fivefold.values.text import output_bytes
from fivefold.values.types import Row
from fivefold.wire.postgres import encode
from fivefold.wire.postgres.binary import binary_output
from fivefold.wire.postgres.decode import spread_formats
from fivefold.wire.postgres.errors import SQLSTATES
from fivefold.wire.postgres.messages import Column, Fields
from fivefold.wire.postgres.types import length_of, modifier_of, oid_of

Encoder = Callable[[Row], bytes]
Formats = tuple[int, ...]


class Shown:
    """How one plan's rows are sent in some formats: the description and the rows' encoder."""

    __slots__ = ("description", "row")

    def __init__(self, outputs: Sequence[Output], formats: Formats, settings: Settings) -> None:
        each = spread_formats(formats, len(outputs), "result")
        columns = []
        encoders: list[Callable[[Any], bytes]] = []
        for output, form in zip(outputs, each, strict=True):
            type_ = output.type
            columns.append(
                Column(output.name, oid_of(type_), length_of(type_), modifier_of(type_), form)
            )
            if form:
                encoders.append(binary_output(type_))
            else:
                escape = settings.values["bytea_output"] == "escape"
                encoders.append(output_bytes(type_, zone=settings.zone, bytea_escape=escape))
        self.description = encode.row_description(columns)
        self.row: Encoder = encode.row_encoder(encoders)


def shown(
    plan: Plan | None, outputs: Sequence[Output], formats: Formats, settings: Settings
) -> Shown:
    """Return how to send rows of ``plan``, made on first use."""
    if plan is None:
        return Shown(outputs, formats, settings)
    key = ("postgres", formats, settings.values["timezone"], settings.values["bytea_output"])
    made = plan.attached.get(key)
    if made is None:
        made = plan.attached[key] = Shown(outputs, formats, settings)
    assert isinstance(made, Shown)
    return made


def complete(result: Result, rows: int) -> bytes:
    """Return CommandComplete; ``rows`` counts those that were sent."""
    return encode.command_complete(full_tag(result, rows))


def notices(found: Sequence[Notice]) -> bytes:
    """Return NoticeResponses."""
    return b"".join(
        encode.notice_response(
            Fields(
                each.severity,
                SQLSTATES.get(each.code, "00000"),
                each.message,
                detail=each.detail,
            )
        )
        for each in found
    )


def offset_error(error: FivefoldError, offset: int) -> FivefoldError:
    """Move an error's position from its statement to the text that held it."""
    if error.position is not None and offset:
        error.position += offset
    return error
