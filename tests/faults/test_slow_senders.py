"""Half headers and slow bodies hold connections, never threads: everybody else is answered."""

from __future__ import annotations

import hashlib
import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

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
