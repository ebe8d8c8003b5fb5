"""What every model of the content files is built from."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

ID = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,40}$")]
Line = Annotated[str, Field(min_length=1, max_length=400)]


class Base(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)
