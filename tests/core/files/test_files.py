"""Photos and files: told by their content, drawn anew, kept out of reach, shown to whoever may see the record."""

from __future__ import annotations

import io
import os
import struct
import time
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image

from app.core.base.moments import now
from app.core.base.records import RuleError
from app.core.base.scope import acting_as, system
from app.core.files import attachments, reading
from app.core.files.attachments import Attachment
from app.core.files.reading import PAPER, PHOTO, looked_at
from app.core.upkeep.backup import backup, restore
from app.core.worker import sweep
from app.db import db
from app.subsystems.events.events import Event
from config import Settings
from tests.conftest import FIRST, FOREIGN, STREET

SignIn = Callable[[str], FlaskClient]
PLACE = b"30.1234"


def photo(size: tuple[int, int] = (800, 600), kind: str = "JPEG", mode: str = "RGB", exif: bool = False) -> bytes:
    target, options = io.BytesIO(), {}
    if exif:
        found = Image.Exif()
        found[0x0112] = 6  # lies on its side
        found[0x010F] = "SecretMaker"
        found.get_ifd(0x8825)[1] = "N"
        options["exif"] = found
    Image.new(mode, size, "red" if mode == "RGB" else None).save(target, kind, **options)
    return target.getvalue()


def office(*names: str) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return target.getvalue()


def bomb() -> bytes:
    """A PNG of a few hundred bytes that says it has 90,000 by 90,000 pixels."""
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
    head = struct.pack(">IIBBBBB", 90_000, 90_000, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_photo_is_drawn_anew_upright_and_small(app: Flask, kind: str) -> None:
    sent = looked_at("IMG.exe", photo((4000, 3000), kind))
    assert (sent.kind, sent.suffix, sent.name, sent.width, sent.height) == (PHOTO, ".jpg", "IMG", 2560, 1920)
    with Image.open(io.BytesIO(sent.thumb or b"")) as thumb:
        assert max(thumb.size) == reading.THUMB_SIDE


def test_nothing_but_pixels_is_left_of_a_photo(app: Flask) -> None:
    given = photo(exif=True)
    sent = looked_at("a.jpg", given + b"<script>alert(1)</script>")
    assert b"SecretMaker" in given and b"SecretMaker" not in sent.content and b"script" not in sent.content
    with Image.open(io.BytesIO(sent.content)) as kept:
        assert kept.size == (600, 800) and not kept.getexif()
    with Image.open(io.BytesIO(looked_at("b.png", photo((50, 50), "PNG", "RGBA")).content)) as kept:
        assert kept.mode == "RGB"


@pytest.mark.parametrize(("name", "content", "suffix"), [
    ("通知.pdf", b"%PDF-1.7 ...", ".pdf"), ("a.zip", office("word/document.xml"), ".docx"), ("b", office("xl/workbook.xml"), ".xlsx")])
def test_a_paper_is_kept_as_it_is_under_its_true_suffix(app: Flask, name: str, content: bytes, suffix: str) -> None:
    sent = looked_at(name, content)
    assert (sent.kind, sent.suffix, sent.content) == (PAPER, suffix, content)


@pytest.mark.parametrize("content", [
    b"", b"MZ\x90\0" * 100, b"<svg xmlns='x'><script/></svg>", b"<html><script>alert(1)</script>", b"\xff\xd8\xff\xe0broken",
    b"PK\x03\x04rubbish", office("word/document.xml", "word/vbaProject.bin"), office("a.txt"), bomb(), photo()[:300],
    b"\0\0\0\x18ftypheic" + b"\0" * 100, b"GIF89a" + b"\0" * 50], ids=range(12))
def test_anything_else_is_refused_with_a_sentence(app: Flask, content: bytes) -> None:
    with pytest.raises(RuleError) as refused:
        looked_at("../../../etc/某文件.jpg", content)
    assert "某文件" in str(refused.value) and "/" not in str(refused.value).split("”")[0]


def test_size_and_number_are_settings_of_the_office(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(reading.LARGEST), "value", property(lambda option: 1))
    with pytest.raises(RuleError, match="1 MB"):
        looked_at("a.pdf", b"%PDF-" + b"0" * 1024 * 1024)
    with acting_as("street", STREET):
        row = event()
        attachments.attach(row, [looked_at("a.pdf", b"%PDF-1")])
        with pytest.raises(RuleError, match="最多保存 1 个|at most 1"):
            attachments.attach(row, [looked_at("b.pdf", b"%PDF-1")])


def event(grid: str = FIRST) -> Event:
    row = Event(grid_code=grid, title="附件一件", class_code="9901", place="门前", description="试")
    db.session.add(row)
    db.session.commit()
    return row


def made(app: Flask, grid: str = FIRST) -> int:
    with app.app_context(), acting_as("street", STREET):
        return event(grid).id


def upload(content: bytes, name: str = "a.jpg") -> tuple[io.BytesIO, str]:
    return io.BytesIO(content), name


def kept(app: Flask, pk: int) -> list[Attachment]:
    with app.app_context():
        return list(db.session.scalars(db.select(Attachment).where(Attachment.record_id == pk, Attachment.record == "event")))


def test_who_may_see_the_record_sees_its_files_and_nobody_else(app: Flask, client: SignIn) -> None:
    pk, foreign, own = made(app), made(app, FOREIGN), client("wangwan01")
    own.post(f"/event/attach/{pk}", data={"files": [upload(photo()), upload(b"%PDF-1", "笔录.pdf")]})
    picture, paper = kept(app, pk)
    page = own.get(f"/event/show/{pk}").get_data(as_text=True)
    assert f"/event/file/{pk}/{picture.id}/small" in page and "笔录.pdf" in page
    seen = own.get(f"/event/file/{pk}/{picture.id}")
    assert seen.mimetype == "image/jpeg" and "sandbox" in seen.headers["Content-Security-Policy"]
    assert own.get(f"/event/file/{pk}/{picture.id}/small").status_code == 200
    assert f"{picture.file_name}" in unquote(seen.headers["Content-Disposition"])  # not file.jpg for every photo
    saved = own.get(f"/event/file/{pk}/{paper.id}")
    assert saved.headers["Content-Disposition"].startswith("attachment") and saved.headers["X-Content-Type-Options"] == "nosniff"
    other = client("yangou")
    for address in (f"/event/file/{pk}/{picture.id}", f"/event/file/{foreign}/{picture.id}", f"/resident/file/1/{picture.id}"):
        assert other.get(address).status_code == 404, address
    assert other.post(f"/event/attach/{pk}", data={"files": upload(photo())}).status_code == 404
    assert other.post(f"/event/detach/{pk}/{picture.id}").status_code == 404
    assert client("stranger").get(f"/event/file/{pk}/{picture.id}").status_code == 302
    leader = client("leader")
    assert leader.get(f"/event/file/{pk}/{picture.id}").status_code == 200
    assert leader.post(f"/event/attach/{pk}", data={"files": upload(photo())}).status_code in (302, 403) and len(kept(app, pk)) == 2
    assert own.post("/resident/attach/1", data={"files": upload(photo())}).status_code in (403, 404)


def test_all_files_are_kept_or_none(app: Flask, client: SignIn) -> None:
    pk, own = made(app), client("wangwan")
    page = own.post(f"/event/attach/{pk}", data={"files": [upload(photo()), upload(b"MZ", "坏.exe")]}, follow_redirects=True)
    assert "坏" in page.get_data(as_text=True) and kept(app, pk) == []


def test_a_file_taken_away_is_named_for_good_and_its_content_goes_later(app: Flask, client: SignIn) -> None:
    pk, worker, secretary = made(app), client("wangwan01"), client("wangwan")
    secretary.post(f"/event/attach/{pk}", data={"files": upload(photo(), "书记拍的.jpg")})
    found = kept(app, pk)[0]
    assert worker.post(f"/event/detach/{pk}/{found.id}").status_code == 403
    secretary.post(f"/event/detach/{pk}/{found.id}")
    assert secretary.get(f"/event/file/{pk}/{found.id}").status_code == 404
    assert "已于" in secretary.get(f"/event/show/{pk}").get_data(as_text=True)
    with app.app_context():
        row = db.session.get_one(Attachment, found.id)
        assert row.path.exists()
        row.removed_at = now() - attachments.KEPT_REMOVED - attachments.KEPT_REMOVED
        stray = attachments.folder() / "ab" / "abcdef"
        stray.parent.mkdir(exist_ok=True)
        stray.write_bytes(b"x")
        os.utime(stray, (time.time() - 2 * attachments.ORPHAN_SECONDS,) * 2)
        db.session.commit()
        sweep()
        assert not row.path.exists() and not row.thumb.exists() and not stray.exists()


def test_a_step_carries_its_photos_and_one_that_needs_a_photo_is_not_taken_without(app: Flask, client: SignIn, monkeypatch: Any) -> None:
    pk, own = made(app), client("wangwan")
    step = Event.workflow.by_name["accept"]
    monkeypatch.setitem(Event.workflow.by_name, "accept", type(step)(**{**step.__dict__, "photo": True}))
    refused = own.post(f"/event/step/{pk}/accept", data={"opinion": "到过现场"})
    page = refused.get_data(as_text=True)
    assert refused.status_code == 422 and "这一步必须附照片" in page and "到过现场" in page
    bad = own.post(f"/event/step/{pk}/accept", data={"opinion": "到过现场", "files": upload(b"MZ", "坏.jpg")})
    assert bad.status_code == 422 and "到过现场" in bad.get_data(as_text=True) and kept(app, pk) == []
    taken = own.post(f"/event/step/{pk}/accept", data={"opinion": "到过现场", "files": upload(photo())})
    assert taken.status_code == 302, taken.get_data(as_text=True)
    found = kept(app, pk)
    assert len(found) == 1 and found[0].step_id is not None
    page = own.get(f"/event/show/{pk}").get_data(as_text=True)
    timeline = page[page.index('class="s-tl"'):]
    assert f"/event/file/{pk}/{found[0].id}/small" in timeline


def test_a_backup_brings_the_files_back(app: Flask, tmp_path: Path) -> None:
    if app.extensions["settings"].database_url.startswith("postgresql"):
        pytest.skip("the files are the same on every database")
    with acting_as("street", STREET), system("test"):
        row = event()
        one = attachments.attach(row, [looked_at("a.jpg", photo())])[0]
        db.session.commit()
        key, content = one.key, one.path.read_bytes()
    backup(app, tmp_path / "b.zip")
    target = Settings(data_dir=tmp_path / "new")
    restore(target, tmp_path / "b.zip")
    assert (tmp_path / "new" / "files" / key[:2] / key).read_bytes() == content
