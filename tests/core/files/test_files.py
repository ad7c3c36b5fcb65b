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
from werkzeug.datastructures import FileStorage

from app.core.base.moments import now
from app.core.base.records import RuleError
from app.core.base.scope import acting_as, system
from app.core.files import attachments, pictures, reading
from app.core.files.attachments import Attachment
from app.core.files.reading import PAPER, PHOTO, VIDEO, looked_at
from app.core.files.refusing import Crowded
from app.core.keeping.sendings import new_key
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


def packed(parts: dict[str, bytes], **about: Any) -> bytes:
    """An archive of these files; ``about`` is said of the last one, whether it is so or not."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
        for name, value in about.items():
            setattr(archive.infolist()[-1], name, value)
    return target.getvalue()


def overlapping() -> bytes:
    """An archive that names the same bytes twice."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("a.txt", os.urandom(3000))
        archive.filelist.append(archive.filelist[0])
    return target.getvalue()


def bomb() -> bytes:
    """A PNG of a few hundred bytes that says it has 90,000 by 90,000 pixels."""
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
    head = struct.pack(">IIBBBBB", 90_000, 90_000, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")


def heic(size: tuple[int, int] = (64, 48), exif: bool = False) -> bytes:
    return photo(size, "HEIF", exif=exif)


def box(kind: bytes, content: bytes = b"") -> bytes:
    return struct.pack(">I", 8 + len(content)) + kind + content


def video(brand: bytes = b"isom", more: bytes = b"") -> bytes:
    """The boxes of a phone's video, with where it was taken in three places."""
    told = box(b"udta", box(b"\xa9xyz", b"+32.6340+110.7720/"))
    track = box(b"trak", box(b"tkhd", b"0" * 8) + box(b"meta", b"SecretMaker"))
    long_meta = struct.pack(">I4sQ", 1, b"meta", 16 + 9) + b"+32.6340+"
    return box(b"ftyp", brand + b"0000") + box(b"mdat", b"pixels" * 9) + box(b"moov", box(b"mvhd", b"0" * 8) + track + told + long_meta) + more


def nested(depth: int) -> bytes:
    """A video of tracks in tracks."""
    head = b"".join((8 * (depth - number)).to_bytes(4) + b"trak" for number in range(depth))
    return box(b"ftyp", b"isom0000") + box(b"mdat") + box(b"moov", head)


def crowded(boxes: int) -> bytes:
    """A video of so many empty boxes, on three levels."""
    free = box(b"free") * (boxes // 3)
    return box(b"ftyp", b"isom0000") + box(b"mdat") + box(b"moov", box(b"trak", free) + free) + free


def crowded_office(entries: int) -> bytes:
    """A Word file whose directory is as long as one likes, and nothing unfolds of."""
    with zipfile.ZipFile(target := io.BytesIO(office("word/document.xml")), "a") as archive:
        archive.filelist.extend([archive.filelist[0]] * (entries - 1))
        archive._didModify = True  # type: ignore[attr-defined]
    return target.getvalue()


def thick_office(megabytes: int) -> bytes:
    with zipfile.ZipFile(target := io.BytesIO(), "w") as archive:
        archive.writestr("word/document.xml", os.urandom(1024 * 1024) + bytes((megabytes - 1) * 1024 * 1024))
    return target.getvalue()


def old_word(*streams: str) -> bytes:
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"".join(name.encode("utf-16-le") + b"\0\0" for name in streams)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIF"])
def test_a_photo_is_drawn_anew_upright_and_small(app: Flask, kind: str) -> None:
    sent = looked_at("IMG.exe", photo((4000, 3000), kind))
    assert (sent.kind, sent.suffix, sent.name, sent.width, sent.height) == (PHOTO, ".jpg", "IMG", 2560, 1920)
    with Image.open(io.BytesIO(sent.thumb or b"")) as thumb:
        assert max(thumb.size) == pictures.THUMB_SIDE


def test_nothing_but_pixels_is_left_of_a_photo(app: Flask) -> None:
    given = photo(exif=True)
    sent = looked_at("a.jpg", given + b"<script>alert(1)</script>")
    assert b"SecretMaker" in given and b"SecretMaker" not in sent.content and b"script" not in sent.content
    with Image.open(io.BytesIO(sent.content)) as kept:
        assert kept.size == (600, 800) and not kept.getexif()
    with Image.open(io.BytesIO(looked_at("b.png", photo((50, 50), "PNG", "RGBA")).content)) as kept:
        assert kept.mode == "RGB"


@pytest.mark.parametrize("kind", ["P", "1", "LA", "I;16"])
def test_pictures_of_any_mode_are_drawn(app: Flask, kind: str) -> None:
    with Image.open(io.BytesIO(looked_at("a.png", photo((50, 50), "PNG", kind)).content)) as kept:
        assert (kept.mode, kept.size) == ("RGB", (50, 50))


def test_a_photo_of_a_phone_in_its_own_format_becomes_a_jpeg_without_its_place(app: Flask) -> None:
    given = heic((800, 600), exif=True)
    sent = looked_at("IMG_0001.HEIC", given)
    assert given[4:8] == b"ftyp" and b"SecretMaker" in given and b"SecretMaker" not in sent.content
    with Image.open(io.BytesIO(sent.content)) as kept:
        assert kept.format == "JPEG" and not kept.getexif() and kept.getpixel((9, 9))[0] > 200


@pytest.mark.parametrize(("brand", "suffix"), [(b"isom", ".mp4"), (b"qt  ", ".mov"), (b"3gp4", ".mp4")])
def test_a_video_is_kept_as_long_as_it_was_without_its_place(app: Flask, brand: bytes, suffix: str) -> None:
    given = video(brand)
    sent = looked_at("VID.exe", given)
    assert (sent.kind, sent.suffix, len(sent.content)) == (VIDEO, suffix, len(given)) and sent.content.count(b"pixels") == 9
    assert given.count(b"+32.6340+") == 2 and b"+32.6340" not in sent.content and b"SecretMaker" not in sent.content


@pytest.mark.parametrize(("name", "content", "suffix"), [
    ("旧.doc", old_word("WordDocument"), ".doc"), ("包.rar", packed({"现场/一.txt": b"x" * 9, "二.docx": office("word/document.xml")}), ".zip"),
    ("通知.pdf", b"%PDF-1.7 ...", ".pdf"), ("a.zip", office("word/document.xml"), ".docx"), ("b", office("xl/workbook.xml"), ".xlsx")])
def test_a_paper_is_kept_as_it_is_under_its_true_suffix(app: Flask, name: str, content: bytes, suffix: str) -> None:
    sent = looked_at(name, content)
    assert (sent.kind, sent.suffix, sent.content) == (PAPER, suffix, content)


@pytest.mark.parametrize("content", [
    b"", b"MZ\x90\0" * 100, b"<svg xmlns='x'><script/></svg>", b"<html><script>alert(1)</script>", b"\xff\xd8\xff\xe0broken",
    b"PK\x03\x04rubbish", office("word/document.xml", "word/vbaProject.bin"), office(), bomb(), photo()[:300],
    b"\0\0\0\x18ftypheic" + b"\0" * 100, b"GIF89a" + b"\0" * 50, heic()[:-40], heic()[:200],
    old_word("Workbook"), old_word("WordDocument", "_VBA_PROJECT"), video()[:-9], box(b"ftyp", b"isom0000") + box(b"mdat"),
    office("../a.txt"), office("/a.txt"), office("C:\\a.txt"), packed({"a.txt": b"\0" * 30_000_000}), packed({"a.exe": b"x"}),
    packed({"a.txt": b"MZ\x90"}), packed({"a.zip": office("a.txt")}), packed({"a": b"x"}, external_attr=0o120777 << 16),
    packed({"a.txt": b"x"}, file_size=250_000_000), packed({"a.txt": b"x" * 99}, file_size=9), packed({"a": b"x"}, flag_bits=1),
    office(*(f"{number}.txt" for number in range(501))), overlapping(), nested(3000), crowded(30_000),
    crowded_office(5001), packed({"a.docx": crowded_office(5001)}),
    packed({"a.docx": thick_office(51)})], ids=range(36))
def test_anything_else_is_refused_with_a_sentence(app: Flask, content: bytes) -> None:
    with pytest.raises(RuleError) as refused:
        looked_at("../../../etc/某文件.jpg", content)
    assert "某文件" in str(refused.value) and "/" not in str(refused.value).split("”")[0]


def test_long_films_and_thick_workbooks_are_kept(app: Flask) -> None:
    assert looked_at("a.mp4", crowded(9000)).kind == VIDEO and looked_at("a.docx", crowded_office(4000)).suffix == ".docx"
    assert looked_at("a.zip", packed({"a.docx": crowded_office(4000), "b.docx": thick_office(49)})).suffix == ".zip"


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


def test_a_file_that_cannot_be_kept_is_refused_alone(app: Flask, client: SignIn) -> None:
    pk, own = made(app), client("wangwan")
    sent = {"files": [upload(b"MZ", "坏.exe"), upload(photo(), "好.jpg"), upload(heic(), "苹果.heic"), upload(heic()[:99], "断.heic")]}
    page = own.post(f"/event/attach/{pk}", data=sent, follow_redirects=True).get_data(as_text=True)
    assert "“坏”" in page and "“断”" in page and [one.file_name for one in kept(app, pk)] == ["好.jpg", "苹果.jpg"]


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
    page = bad.get_data(as_text=True)
    assert bad.status_code == 422 and "到过现场" in page and "“坏”" in page and "这一步必须附照片" in page and kept(app, pk) == []
    taken = own.post(f"/event/step/{pk}/accept", data={"opinion": "到过现场", "files": [upload(photo()), upload(b"MZ", "坏.jpg")]})
    assert taken.status_code == 302, taken.get_data(as_text=True)
    assert "“坏”" in own.get(f"/event/show/{pk}").get_data(as_text=True)
    found = kept(app, pk)
    assert len(found) == 1 and found[0].step_id is not None
    page = own.get(f"/event/show/{pk}").get_data(as_text=True)
    timeline = page[page.index('class="s-tl"'):]
    assert f"/event/file/{pk}/{found[0].id}/small" in timeline


def test_what_a_step_was_taken_with_and_what_an_ended_case_has_stays(app: Flask, client: SignIn) -> None:
    pk, own = made(app), client("wangwan")
    own.post(f"/event/attach/{pk}", data={"files": [upload(photo(), "一.jpg"), upload(photo(), "二.jpg")]})
    own.post(f"/event/step/{pk}/accept", data={"opinion": "到过现场", "files": upload(photo(), "现场.jpg")})
    first, second, scene = kept(app, pk)
    page, bin_of = own.get(f"/event/show/{pk}").get_data(as_text=True), "/event/detach/{}/{}".format
    assert bin_of(pk, first.id) in page and bin_of(pk, scene.id) not in page and f"/event/attach/{pk}" in page
    assert own.post(bin_of(pk, scene.id)).status_code == 403 and own.post(bin_of(pk, first.id)).status_code == 302
    own.post(f"/event/step/{pk}/reject", data={"opinion": "不属实"})
    page = own.get(f"/event/show/{pk}").get_data(as_text=True)
    assert bin_of(pk, second.id) not in page and f"/event/attach/{pk}" not in page and "二.jpg" in page
    for address, sent in ((bin_of(pk, second.id), {}), (f"/event/attach/{pk}", {"files": upload(photo(), "三.jpg")})):
        assert "只供查阅" in own.post(address, data=sent, follow_redirects=True).get_data(as_text=True), address
    assert [(one.file_name, one.removed_at is None) for one in kept(app, pk)] == [("一.jpg", False), ("二.jpg", True), ("现场.jpg", True)]


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


NEW = {"grid_code": FIRST, "title": "现场上报", "class_code": "9901", "place": "门前", "description": "试", "urgency": "normal", "source": "worker"}


def test_the_first_form_brings_its_photos_in_the_transaction_of_its_row(app: Flask, client: SignIn, monkeypatch: Any) -> None:
    own = client("wangwan01")
    assert 'name="files"' in own.get("/event/add").get_data(as_text=True)
    wrong = own.post("/event/add", data={**NEW, "title": "", "files": upload(photo(), "一.jpg")})
    assert wrong.status_code == 422
    sent = own.post("/event/add", data={**NEW, "files": [upload(photo(), "一.jpg"), upload(b"MZ", "坏.jpg"), upload(video(), "二.mp4")]})
    assert sent.status_code == 302, sent.get_data(as_text=True)
    pk = int(sent.location.rpartition("/")[2])
    assert [(one.file_name, one.by, one.step_id) for one in kept(app, pk)] == [("一.jpg", "wangwan01", None), ("二.mp4", "wangwan01", None)]
    page = own.get(sent.location).get_data(as_text=True)
    assert "“坏”" in page and "二.mp4" in page
    saved = own.get(f"/event/file/{pk}/{kept(app, pk)[1].id}")
    assert saved.headers["Content-Disposition"].startswith("attachment") and saved.headers["X-Content-Type-Options"] == "nosniff"

    def breaks(*_given: Any) -> None:
        raise RuleError("磁盘不收了", "files")

    monkeypatch.setattr(attachments, "_kept", breaks)
    refused = own.post("/event/add", data={**NEW, "title": "一起成败", "files": upload(photo())})
    assert refused.status_code == 422 and "磁盘不收了" in refused.get_data(as_text=True)
    with app.app_context(), acting_as("street", STREET):
        assert db.session.scalar(db.select(Event.id).where(Event.title == "一起成败")) is None


@pytest.mark.parametrize("address", ["/event/add", "/event/attach/{pk}", "/event/step/{pk}/accept"])
def test_nobody_waits_for_a_writer_who_unfolds_photos(app: Flask, client: SignIn, monkeypatch: Any, address: str) -> None:
    """While a photo is looked at its request has not begun to write: on SQLite the writer's place is free."""
    if app.extensions["settings"].database_url.startswith("postgresql"):
        pytest.skip("PostgreSQL has no one place of a writer")
    seen, whole = [], attachments.looked_at

    def looking(*given: Any) -> Any:
        seen.append("place" in db.session.connection().info)
        return whole(*given)

    monkeypatch.setattr(attachments, "looked_at", looking)
    pk = made(app)
    with app.app_context():
        key = new_key()
    sent = client("wangwan").post(address.format(pk=pk), data={**NEW, "form_key": key, "opinion": "好", "files": upload(photo())})
    assert sent.status_code == 302 and seen == [False]


def test_strangers_send_smaller_pictures_one_at_a_time(app: Flask, monkeypatch: Any) -> None:
    monkeypatch.setattr(pictures, "MOST_UNFOLDED", 100 * 100)
    monkeypatch.setattr(pictures, "MOST_PIXELS", 200 * 200)
    monkeypatch.setattr(pictures, "PATIENCE", 0.01)
    assert looked_at("a.jpg", photo((200, 200)), stranger=True).kind == PHOTO
    for kind in ("PNG", "WEBP", "HEIF"):
        assert looked_at("a", photo((101, 101), kind)).kind == PHOTO
        with pytest.raises(RuleError, match="像素|pixels"):
            looked_at("a", photo((101, 101), kind), stranger=True)
    for paper in (b"%PDF-1", video(), office("word/document.xml")):
        with pytest.raises(RuleError):
            looked_at("a", paper, stranger=True)
    with pictures.STRANGERS:
        assert looked_at("ours.jpg", photo((9, 9))).kind == PHOTO
        with pytest.raises(Crowded) as crowded:
            attachments.read_all([FileStorage(io.BytesIO(photo((9, 9))), "a.jpg")], stranger=True)
    assert crowded.value.status == 503 and looked_at("a.jpg", photo((9, 9)), stranger=True).kind == PHOTO
