"""Files over HTTP: how they are handed out, and how the API's description names them."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import quote

from starlette.responses import Response

from app.web.guard import SANDBOX

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ZIP: Final = "application/zip"
_TYPES: Final = {"xlsx": XLSX, "zip": ZIP, "csv": "text/csv; charset=utf-8"}


def bodies(*media_types: str) -> dict[str, Any]:
    """The `content` of a request or an answer of OpenAPI that is a file of one of these types."""
    return {kind: {"schema": {"type": "string", "format": "binary"}} for kind in media_types}


def download(data: bytes, name: str) -> Response:
    """A file to be saved. name: with its ending, xlsx, zip or csv."""
    media_type = _TYPES[name.rpartition(".")[2]]
    return Response(data, headers=_sent_as("attachment", name), media_type=media_type)


def picture(data: bytes, media_type: str, name: str) -> Response:
    """A picture somebody sent in: shown as nothing else, and nothing in it runs."""
    headers = {**_sent_as("inline", name), "Content-Security-Policy": SANDBOX.decode()}
    return Response(data, headers=headers, media_type=media_type)


def _sent_as(how: str, name: str) -> dict[str, str]:
    return {"Content-Disposition": f"{how}; filename*=UTF-8''{quote(name)}"}
