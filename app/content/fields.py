"""What every model of the content files is built from."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

ID = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{1,40}$")]
Line = Annotated[str, Field(min_length=1, max_length=400)]
Tone = Literal["亲切", "正式", "门店"]


class Base(BaseModel):
    """Unknown keys are errors, so that a misspelt one is told with its line; values never change."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)
