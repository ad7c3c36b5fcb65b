"""Half headers and slow bodies hold connections, never threads: everybody else is answered."""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from app.commands.patient import Chunks
from tests.commands.test_commands import ROOT

pytestmark = pytest.mark.skipif(os.name == "nt", reason="another server serves on Windows")
THREADS = 2


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """A server of two threads."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        number = int(free.getsockname()[1])
    command = [sys.executable, "-m", "gunicorn", f"--bind=127.0.0.1:{number}", "--workers=1", f"--threads={THREADS}",
               "--worker-class=app.commands.patient.Patient", "--log-level=warning", "tests.faults.hello:app"]
    server = subprocess.Popen(command, cwd=ROOT)
    while server.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", number), 1).close()
            break
        except OSError:
            time.sleep(0.1)
    yield number
    server.terminate()
    assert server.wait(60) == 0


def said(body: bytes) -> str:
    return f"{len(body)} {hashlib.sha256(body).hexdigest()}"


def begun(port: int, words: bytes) -> socket.socket:
    found = socket.create_connection(("127.0.0.1", port), 60)
    found.sendall(words)
    return found


def answer(connection: socket.socket) -> str:
    found = b""
    while b"\r\n\r\n" not in found or b" " not in found.rpartition(b"\r\n\r\n")[2]:
        part = connection.recv(65536)
        if not part:
            break
        found += part
    return found.rpartition(b"\r\n\r\n")[2].decode()


def asked(port: int, body: bytes = b"", **options: object) -> str:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("POST", "/", body, **options)  # type: ignore[arg-type]
    return connection.getresponse().read().decode()


def test_sixty_half_headers_and_slow_bodies_hold_up_nobody_and_may_end_later(port: int) -> None:
    heads = [begun(port, b"POST / HTTP/1.1\r\nHost: x\r\nContent-Le") for _n in range(30)]
    bodies = [begun(port, b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\n\r\nabc") for _n in range(30)]
    chunks = [begun(port, b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n") for _n in range(5)]
    for _try in range(5):
        assert asked(port, b"quick") == said(b"quick")
    for connection in bodies[:3]:
        connection.sendall(b"def")
        assert answer(connection) == said(b"abcdef")
    heads[0].sendall(b"ngth: 2\r\n\r\nok")
    assert answer(heads[0]) == said(b"ok")
    chunks[0].sendall(b"0\r\n\r\n")
    assert answer(chunks[0]) == said(b"abc")
    for connection in heads + bodies + chunks:
        connection.close()


def test_a_connection_is_used_again_and_large_and_chunked_bodies_arrive_whole(port: int) -> None:
    connection, large = http.client.HTTPConnection("127.0.0.1", port, timeout=60), os.urandom(3_000_000)
    for body in (b"one", large, b"", b"two"):
        connection.request("POST", "/", body)
        assert connection.getresponse().read().decode() == said(body)
    connection.request("POST", "/", iter([b"in ", b"parts"]), encode_chunked=True, headers={"Transfer-Encoding": "chunked"})
    assert connection.getresponse().read().decode() == said(b"in parts")
    two = begun(port, b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\naPOST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n"
                      b"Connection: close\r\n\r\nb")
    found = b""
    while part := two.recv(65536):
        found += part
    assert said(b"a").encode() in found and said(b"b").encode() in found
    assert asked(port, b"x", headers={"Expect": "100-continue"}) == said(b"x")


@pytest.mark.parametrize("words", [
    b"Content-Length: 0000000000000000000000100\r\n\r\n", b"Transfer-Encoding: chunked\r\n\r\n100\r\nabc0\r\n\r\n"])
def test_what_only_looks_whole_holds_no_thread(port: int, words: bytes) -> None:
    held = [begun(port, b"POST / HTTP/1.1\r\nHost: x\r\n" + words) for _n in range(3 * THREADS)]
    for _try in range(3):
        assert asked(port, b"quick") == said(b"quick")
    for connection in held:
        connection.close()


def test_a_body_without_an_end_is_refused_at_the_largest(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    connection = begun(port, b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n7fffffff\r\n")
    part, sent = bytes(1024 * 1024), 0
    with contextlib.suppress(OSError):
        while sent < 80:
            connection.sendall(part)
            sent += 1
    assert 60 < sent < 80
    assert asked(port, b"quick") == said(b"quick")


@pytest.mark.parametrize(("parts", "ends"), [
    ([b"3\r\nabc\r\n0\r\n\r\n"], True), ([b"3\r\nabc\r\n", b"0", b"\r", b"\n\r", b"\n"], True), ([b"3\r\nab"], False),
    ([b"5\r\n0\r\n\r\n", b"\r\n0\r\n"], False), ([b"A;x=1\r\n", b"0123456789\r\n", b"0\r\nTrail: er\r\n\r\n"], True),
    ([b"0\r\nTrail: er\r\n"], False), ([b"-3\r\n"], True), ([b"1_0\r\n"], True), ([b"x" * 5000], True), ([b""], False)])
def test_a_chunked_body_is_walked_to_its_last_chunk(parts: list[bytes], ends: bool) -> None:
    """By hand: in what pieces ever it comes; nonsense is handed to the reader, which refuses it."""
    chunks = Chunks()
    assert [chunks.add(part) for part in parts][-1] is ends
