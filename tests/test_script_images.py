"""Images of scripts: checked, stored once, carried by releases, drafts, exports and backups, shown with suggestions."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from PIL import Image as Picture
from sqlalchemy import update

from app.accounts import add_person
from app.config import Settings
from app.content.entries import Ref
from app.content.folder import write_folder
from app.content.images import MAX_SIDE, clean_image, is_image, point_to, read_pointer
from app.content.load import load, read_folder
from app.content.model import Content
from app.errors import AppError, ContentInvalid
from app.nlu.train import train
from app.releases import export, keep_images, newest, publish, republish
from app.store import images
from app.store.database import Database
from app.store.tables_images import ImageRow
from app.studio.drafts import Drafts
from app.studio.pictures import Pictures, Tidying
from app.web.app import create_app
from tests.conftest import Client, running
from tests.script_images import drawn
from tests.studio import FINE as FILES

FILE = "scripts_zh/images/尺码表.png"
SCRIPTS = "scripts_zh/apparel/shrinkage.yaml"
SHOWN = {**FILES, SCRIPTS: FILES[SCRIPTS].replace("id: shrinkage.confirm.photo,", "id: shrinkage.confirm.photo, images: [尺码表.png],")}  # fmt: skip
MODELS: dict[str, bytes] = {}


def trained(content: Content) -> bytes:
    if content.nlu_digest not in MODELS:
        MODELS[content.nlu_digest] = train(content)
    return MODELS[content.nlu_digest]


def located() -> bytes:
    exif = Picture.Exif()
    exif[0x010E] = "somebody's kitchen"
    exif.get_ifd(0x8825)[1] = "N"
    return drawn("JPEG", exif=exif, comment=b"a secret")


def opened(data: bytes) -> Picture.Image:
    return Picture.open(io.BytesIO(data))


@pytest.mark.parametrize(
    ("data", "media_type", "size"),
    [
        (drawn(), "image/png", (40, 20)),
        (drawn("JPEG"), "image/jpeg", (40, 20)),
        (drawn("WEBP"), "image/jpeg", (40, 20)),
        (drawn("WEBP", mode="RGBA"), "image/png", (40, 20)),
        (drawn("PNG", mode="P"), "image/png", (40, 20)),
        (drawn(size=(MAX_SIDE * 2, 10)), "image/png", (MAX_SIDE, 5)),
        (located(), "image/jpeg", (40, 20)),
        (drawn() + b"<script>alert(1)</script>", "image/png", (40, 20)),
    ],
)
def test_only_the_picture_is_kept(data: bytes, media_type: str, size: tuple[int, int]) -> None:
    kept = clean_image(data)
    assert (kept.media_type, (kept.width, kept.height)) == (media_type, size)
    again = opened(kept.data)
    assert (Picture.MIME[again.format or ""], again.size) == (media_type, size)
    assert not again.getexif()
    assert b"secret" not in kept.data
    assert b"script" not in kept.data
    assert b"kitchen" not in kept.data
    image = read_pointer("scripts_zh/images/a.png", point_to(kept.data))
    assert (image.sha256, image.width, image.height) == (kept.sha256, *size)


@pytest.mark.parametrize(
    "data", [b"", b"<svg onload=alert(1)>", drawn()[:60], drawn("GIF"), b"%PDF-1.4", drawn("BMP")]
)
def test_what_is_no_image_is_refused(data: bytes) -> None:
    with pytest.raises(AppError, match="不是能打开的图片"):
        clean_image(data)


def test_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(AppError, match="最多 5 MB"):
        clean_image(b"x" * (5 * 1024 * 1024 + 1))
    monkeypatch.setattr("app.content.images.MAX_PIXELS", 100)
    with pytest.raises(AppError, match="像素"):
        clean_image(drawn())


def folder_with(tmp_path: Path, data: bytes) -> Path:
    write_folder(tmp_path, SHOWN)
    (tmp_path / FILE).parent.mkdir()
    (tmp_path / FILE).write_bytes(data)
    return tmp_path


def test_files_name_images_beside_the_scripts(tmp_path: Path) -> None:
    assert "没有「尺码表.png」这张图片" in str(load(SHOWN).problems[0])
    loaded = load(read_folder(folder_with(tmp_path, drawn())))
    assert loaded.content is not None, loaded.problems
    shown = loaded.content.scripts["shrinkage.confirm.photo"].pictures
    assert [(image.alt, image.width) for image in shown] == [("尺码表", 40)]
    (tmp_path / FILE).write_bytes(b"no image")
    assert "不是能打开的图片" in str(load(read_folder(tmp_path)).problems[0])


def test_a_release_carries_its_images(database: Database, tmp_path: Path) -> None:
    source = folder_with(tmp_path / "source", located())
    files = keep_images(database, source, read_folder(source))
    first = publish(database, files, author="甲", trainer=trained)
    assert export(database, tmp_path / "out").changed
    kept = (tmp_path / "out" / FILE).read_bytes()
    assert b"kitchen" not in kept
    assert not export(database, tmp_path / "out").changed
    again = keep_images(database, tmp_path / "out", read_folder(tmp_path / "out"))
    assert not publish(database, again, author="甲", trainer=trained).changed

    other = {path: text for path, text in FILES.items() if not is_image(path)}
    assert publish(database, other, author="甲", trainer=trained).digest != first.digest
    republish(database, first.number, author="甲", trainer=trained)
    content = newest(database, trained).content
    assert [image.alt for image in content.scripts["shrinkage.confirm.photo"].pictures] == ["尺码表"]


def aged(database: Database, days: int) -> None:
    with database.write() as session:
        session.execute(update(ImageRow).values(added_at=datetime.now(UTC) - timedelta(days=days)))


def test_images_that_nothing_can_show_any_more_go_after_a_month(database: Database, tmp_path: Path) -> None:
    folder = folder_with(tmp_path, drawn())
    publish(database, keep_images(database, folder, read_folder(folder)), author="甲", trainer=trained)
    publish(database, FILES, author="甲", trainer=trained)
    pictures, tidying = Pictures(database, Drafts(database)), Tidying(database)
    drafted = pictures.add(drawn(size=(3, 3)), "草稿.png", "甲")
    taken_out = pictures.add(drawn(size=(4, 4)), "拿掉.png", "甲")
    entry = Ref("image", taken_out.file)
    shown = pictures.drafts.snapshot().now.find(entry)
    assert shown is not None
    pictures.drafts.put(entry, None, base=shown.etag, who="甲")
    with database.write() as session:
        left_over = images.add(session, drawn(size=(5, 5)), "image/png", 5, 5)
    assert tidying.forget() == 0, "nothing is old"
    aged(database, 31)
    assert tidying.forget() == 2
    with database.read() as session:
        stored = images.known(session, [left_over, drafted.sha256, taken_out.sha256])
    assert stored == {drafted.sha256}
    assert tidying.forget() == 0, "the draft shows one, the first release another"
    republish(database, 1, author="甲", trainer=trained)
    pictures.drafts.discard("甲")
    assert tidying.forget() == 1


def test_an_image_that_is_wanted_again_stays(database: Database) -> None:
    with database.write() as session:
        digest = images.add(session, drawn(), "image/png", 40, 20)
    aged(database, 31)
    before = datetime.now(UTC) - timedelta(days=30)
    with database.read() as session:
        assert images.unused(session, before) == {digest}
    with database.write() as session:
        assert images.add(session, drawn(), "image/png", 40, 20) == digest
        assert images.remove(session, [digest], before) == 0


def test_a_release_without_its_images_is_refused(database: Database, tmp_path: Path) -> None:
    files = read_folder(folder_with(tmp_path, drawn()))
    with pytest.raises(ContentInvalid, match=r"图片没有传上来：尺码表\.png"):
        publish(database, files, author="甲", trainer=trained)
    (tmp_path / FILE).write_bytes(b"broken")
    with pytest.raises(ContentInvalid, match="不是能打开的图片"):
        keep_images(database, tmp_path, read_folder(tmp_path))


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> FastAPI:
    folder = folder_with(tmp_path_factory.mktemp("content"), drawn("JPEG"))
    return create_app(
        Settings(data=tmp_path_factory.mktemp("data"), auth="off"), content=folder, trainer=trained
    )


@pytest.fixture(scope="module")
def client(app: FastAPI) -> Iterator[Client]:
    with running(app) as opened:
        yield opened


def test_suggestions_name_their_images(client: Client) -> None:
    answer = client.post("/api/v1/suggest", json={"message": "毛衣缩水了", "stage": "confirm"}).json()
    [image] = next(one["images"] for one in answer["suggestions"] if one["images"])
    assert (image["alt"], image["width"], image["height"]) == ("尺码表", 40, 20)
    got = client.get(image["url"])
    assert got.headers["content-type"] == "image/jpeg"
    assert opened(got.content).size == (40, 20)
    assert got.headers["cache-control"] == "private, max-age=31536000, immutable"
    assert got.headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert got.headers["x-content-type-options"] == "nosniff"
    assert client.get(f"/api/v1/images/{'0' * 64}.png").status_code == 404
    assert client.get("/api/v1/images/../../etc.png").status_code in (404, 422)
    assert client.get("/api/v1/images/x.svg").status_code == 422


def test_a_trainer_uploads_into_the_draft(client: Client) -> None:
    def upload(data: bytes, name: str) -> Any:
        return client.post("/api/v1/studio/images", params={"name": name}, content=data)

    first = upload(drawn(size=(30, 30)), "../../洗护<图>.exe").json()
    assert (first["file"], first["width"]) == ("洗护图.png", 30)
    assert upload(drawn(size=(30, 30)), "别的名字.png").json() == first
    assert upload(drawn(size=(31, 30)), "洗护图.png").json()["file"] == "洗护图-2.png"
    assert client.get(first["url"]).status_code == 200
    assert "洗护图.png" in [one["file"] for one in client.get("/api/v1/studio/images").json()["items"]]
    refused = upload(b"<svg/>", "a.png")
    assert (refused.status_code, refused.json()["detail"]) == (
        422,
        "这不是能打开的图片，请传 PNG、JPG 或 WebP",
    )
    assert upload(b"x" * (5 * 1024 * 1024 + 1), "a.png").status_code == 413
    changes = client.get("/api/v1/studio/changes").json()["items"]
    assert {(one["kind"], one["title"]) for one in changes} == {
        ("图片", "洗护图.png"),
        ("图片", "洗护图-2.png"),
    }
    forged = {"name": "image:x.png", "base": "", "data": f"image {'0' * 64} 1x1 image/png"}
    assert client.request("PUT", "/api/v1/studio/entry", json=forged).status_code == 422
    gone = client.get("/api/v1/studio/entry", params={"name": "image:洗护图-2.png"}).json()
    body = {"name": gone["name"], "base": gone["etag"], "data": None}
    assert client.request("PUT", "/api/v1/studio/entry", json=body).status_code == 200
    assert client.get("/api/v1/studio").json()["errors"] == 0


def test_agents_see_images_and_upload_none(tmp_path: Path) -> None:
    database = Database(tmp_path / "huashu.db")
    database.upgrade()
    token = add_person(database, "小客服", "agent", by="店主")
    database.close()
    folder = folder_with(tmp_path / "content", drawn())
    app = create_app(Settings(data=tmp_path), content=folder, trainer=trained)
    with running(app) as client:
        assert client.get(f"/api/v1/images/{'0' * 64}.png").status_code == 401
        client.post(f"/sign-in/{token}")
        assert client.get(f"/api/v1/images/{'0' * 64}.png").status_code == 404
        assert client.post("/api/v1/studio/images", content=drawn()).status_code == 403
