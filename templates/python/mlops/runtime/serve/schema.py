"""The request as a type: what is missing, misspelt or of the wrong type is refused before the model sees it."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StrictBool, StrictInt, StrictStr, create_model

from ..core.config import RequestField

DETAILS_SHOWN = 20


class Problem(BaseModel):
    """One thing that is wrong with a request."""

    field: str
    message: str


class Refusal(BaseModel):
    """Why a request was not answered."""

    request_id: str
    detail: list[Problem]


def _only_text(value: object) -> object:
    """A number is not a time here: seconds or milliseconds, nobody knows."""
    if isinstance(value, str):
        return value
    message = "should be ISO 8601 text"
    raise ValueError(message)


TYPES: Mapping[str, Any] = {
    "string": StrictStr,
    "integer": StrictInt,
    "float": Annotated[float, Field(strict=True, allow_inf_nan=False)],
    "boolean": StrictBool,
    "timestamp": Annotated[datetime, BeforeValidator(_only_text, json_schema_input_type=datetime)],
    "date": Annotated[date, BeforeValidator(_only_text, json_schema_input_type=date)],
}


def request_model(fields: Sequence[RequestField], example: Mapping[str, Any] | None) -> type[BaseModel]:
    """A pydantic model of one request; a field may be left out only where the contract lets it be null."""
    definitions: dict[str, Any] = {}
    for number, item in enumerate(fields):
        kind = Literal[tuple(item.allowed)] if item.allowed else TYPES[item.type]
        default = None if item.nullable else ...
        # A column may be called "schema" or "class": inside, the fields have names that clash with nothing.
        definitions[f"field_{number}"] = (kind | None if item.nullable else kind, Field(default, alias=item.name))
    config = ConfigDict(extra="forbid")
    if example:
        config["json_schema_extra"] = {"example": dict(example)}
    return create_model("Request", __config__=config, **definitions)


def problems(errors: Sequence[Any], fields: Sequence[RequestField]) -> list[Problem]:
    """Pydantic's errors as a person would say them; the values themselves are not repeated."""
    names = [item.name for item in fields]
    return [_problem(error, names) for error in errors[:DETAILS_SHOWN]]


def _problem(error: Any, names: Sequence[str]) -> Problem:
    if error["type"] == "json_invalid":
        return Problem(field="body", message=f"is not JSON: {error.get('ctx', {}).get('error', 'cannot be read')}")
    place = [str(part) for part in error["loc"] if part != "body"]
    field = ".".join(place) or "body"
    if error["type"] == "missing":
        return Problem(field=field, message="is missing")
    if error["type"] == "extra_forbidden":
        near = difflib.get_close_matches(place[-1], names, n=1)
        hint = f"did you mean '{near[0]}'?" if near else f"there is: {', '.join(names)}"
        return Problem(field=field, message=f"is not a field of this model; {hint}")
    if error["type"] in {"model_attributes_type", "model_type"}:
        return Problem(field=field, message="should be a JSON object")
    message = str(error["msg"]).removeprefix("Value error, ").removeprefix("Input ")
    return Problem(field=field, message=message)
