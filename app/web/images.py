"""Images of scripts over HTTP: uploaded into the draft by trainers, shown to everybody who works here."""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

from app.content.images import TYPES
from app.studio.pictures import Pictures, image_json
from app.web.deps import CurrentPerson, ServicesDep, Trainer
from app.web.files import bodies
from app.web.guard import SANDBOX
from app.web.schemas import ImageOut

router = APIRouter(prefix="/api/v1", tags=["话术库"])

Name = Annotated[
    str,
    Path(
        pattern=r"^[0-9a-f]{64}\.(?:png|jpg|webp)$",
        description="图片内容的 SHA-256 和后缀，照建议里的 url 写",
    ),
]
_ANSWER: Final = bodies(*TYPES.values())


class StudioImageOut(ImageOut):
    """An image of the draft, by the name scripts refer to it with."""

    file: str = Field(description="话术的 images 里写的名字")


class StudioImagesOut(BaseModel):
    """All images of the draft."""

    items: list[StudioImageOut] = Field(description="草稿里的全部图片")


def _pictures(services: ServicesDep) -> Pictures:
    return Pictures(services.database, services.workshop.drafts)


PicturesDep = Annotated[Pictures, Depends(_pictures)]


@router.get("/images/{name}", responses={200: {"content": _ANSWER}}, response_class=Response)
async def read_image(name: Name, pictures: PicturesDep, _person: CurrentPerson) -> Response:
    """话术里的一张图片。地址就是内容的指纹，内容永远不变，可以一直留着。"""
    media_type, data = await run_in_threadpool(pictures.bytes_of, name.partition(".")[0])
    headers = {
        "Cache-Control": "private, max-age=31536000, immutable",
        "Content-Security-Policy": SANDBOX.decode(),
    }
    return Response(data, headers=headers, media_type=media_type)


@router.get("/studio/images", response_model=StudioImagesOut)
def read_images(pictures: PicturesDep, _trainer: Trainer) -> dict[str, Any]:
    """草稿里的全部图片。"""
    return {"items": [image_json(image) for image in pictures.listing()]}


@router.post(
    "/studio/images",
    response_model=StudioImageOut,
    openapi_extra={"requestBody": {"required": True, "content": _ANSWER}},
)
async def add_image(
    request: Request,
    pictures: PicturesDep,
    trainer: Trainer,
    name: Annotated[str, Query(max_length=200, description="文件名")] = "",
) -> dict[str, Any]:
    """把一张图片放进草稿：请求正文就是图片，最多 5 MB，PNG、JPG、WebP。重新编码，只留画面；一样的图片只存一份。"""
    data = await request.body()
    return image_json(await run_in_threadpool(pictures.add, data, name, trainer.name))
