"""The server's process on Linux: a thread is given to a request when the whole of it is here.

Headers and bodies are gathered by the one loop that also accepts connections, small ones in memory, large ones in a
file. Whoever sends slowly, or never ends, holds a connection and no thread, and is let go after a while.
"""

from __future__ import annotations

import logging
import re
import selectors
import socket
import struct
import tempfile
import time
from functools import partial
from typing import Any

from gunicorn import http
from gunicorn.workers.gthread import TConn, ThreadWorker

log = logging.getLogger(__name__)
HEADER_SECONDS, IDLE_SECONDS, BODY_SECONDS = 20, 20, 900
LONGEST_HEAD, IN_MEMORY, LARGEST = 64 * 1024, 1024 * 1024, 64 * 1024 * 1024
MOST_HELD = 512 * 1024 * 1024  # bytes of all requests a process holds that no thread has yet
LONGEST_LINE = 4096
END, TIMEOUT = b"\r\n\r\n", struct.pack("ll", IDLE_SECONDS, 0)
SIZE = re.compile(rb"([0-9a-f]{1,8})[ \t]*(;|$)", re.IGNORECASE)
LENGTH = re.compile(rb"^content-length:[ \t]*(\d+)[ \t]*\r$", re.IGNORECASE | re.MULTILINE)
CHUNKED = re.compile(rb"^transfer-encoding:.*\bchunked\b", re.IGNORECASE | re.MULTILINE)
TOO_LARGE = b"HTTP/1.1 413 Content Too Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
BUSY = b"HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nRetry-After: 3\r\nContent-Length: 0\r\n\r\n"
EXPECTS = re.compile(rb"^expect:[ \t]*100-continue", re.IGNORECASE | re.MULTILINE)


class Chunks:
    """Walks a chunked body as it comes (RFC 9112, 7.1)."""

    def __init__(self) -> None:
        self.skip, self.line, self.last = 0, b"", False

    def add(self, data: bytes) -> bool:
        """Whether the last chunk and what trails it are here, or something the server's own reader will refuse."""
        at = 0
        while at < len(data):
            step = min(self.skip, len(data) - at)
            self.skip, at = self.skip - step, at + step
            end = data.find(b"\n", at)
            if end < 0 or at == len(data):
                self.line += data[at:]
                return len(self.line) > LONGEST_LINE
            line, self.line, at = (self.line + data[at:end]).strip(), b"", end + 1
            if self._ends(line):
                return True
        return False

    def _ends(self, line: bytes) -> bool:
        if self.last:
            return not line
        size = SIZE.match(line)
        self.skip = int(size[1], 16) + 2 if size else 0
        self.last = self.skip == 2
        self.skip = 0 if self.last else self.skip
        return size is None


class Gathered:
    """What has come of one request."""

    def __init__(self) -> None:
        self.begun = self.last = time.monotonic()
        self.bytes = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - closed by ``take``
        self.head, self.size = b"", 0
        self.whole: int | None = None  # how many bytes make it whole; None: the head is not here yet
        self.chunks: Chunks | None = None

    def add(self, data: bytes) -> bool:
        """Takes what came; whether the request is whole now, or no longer worth waiting for."""
        self.last, self.size = time.monotonic(), self.size + len(data)
        self.bytes.write(data)
        if self.whole is None:
            self.head += data
            end = self.head.find(END)
            if end < 0:
                return len(self.head) > LONGEST_HEAD
            self._measure(end + len(END))
            data = self.head[end + len(END):]
        return self.chunks.add(data) if self.chunks else self.size >= (self.whole or 0)

    def _measure(self, end: int) -> None:
        head = self.head[:end]
        length = LENGTH.search(head)
        digits = length[1].lstrip(b"0") if length else b""
        body = int(digits or 0) if len(digits) < 12 else LARGEST + 1
        self.whole = end + (body if body <= LARGEST else 0)  # refused by its length alone
        self.chunks = Chunks() if CHUNKED.search(head) else None

    @property
    def expects(self) -> bool:
        return self.whole is not None and bool(EXPECTS.search(self.head))

    @property
    def late(self) -> bool:
        now = time.monotonic()
        if self.whole is None:
            return now - self.begun > HEADER_SECONDS
        return now - self.last > IDLE_SECONDS or now - self.begun > BODY_SECONDS

    def take(self) -> bytes:
        self.bytes.seek(0)
        with self.bytes as file:
            return file.read()


class Patient(ThreadWorker):  # type: ignore[misc]
    """gunicorn's worker of threads, with requests gathered before a thread has them."""

    def __init__(self, *words: Any, **more: Any) -> None:
        super().__init__(*words, **more)
        self.gathering: dict[TConn, Gathered] = {}
        self.whole: dict[TConn, Gathered] = {}
        self.held = 0

    def enqueue_req(self, conn: TConn) -> None:
        """A connection is new, or has something to say again."""
        found = self.gathering[conn] = Gathered()
        conn.sock.setblocking(False)
        self.poller.register(conn.sock, selectors.EVENT_READ, partial(self._more, conn))
        ahead = conn.parser.unreader.take_buffered() if conn.parser is not None else b""
        if ahead:
            self._said(conn, found, ahead)

    def _more(self, conn: TConn, _client: Any) -> None:
        found = self.gathering[conn]
        try:
            data = conn.sock.recv(LONGEST_HEAD)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            data = b""
        if data:
            self._said(conn, found, data)
        else:
            self._drop(conn)

    def _said(self, conn: TConn, found: Gathered, data: bytes) -> None:
        """What came is kept until the request is whole; where no disk can keep it, this one is let go, and no other."""
        asked = found.expects
        self.held += len(data)
        try:
            whole = found.add(data)
        except OSError:
            log.warning("a request could not be kept until it was whole", exc_info=True)
            self._refuse(conn, BUSY)
            return
        if found.size > LARGEST + LONGEST_HEAD:
            self._refuse(conn, TOO_LARGE)
        elif self.held > MOST_HELD:
            self._refuse(conn, BUSY)
        elif whole:
            self._hand_over(conn)
        elif found.expects and not asked:
            self._tell(conn, b"HTTP/1.1 100 Continue\r\n\r\n")

    def _refuse(self, conn: TConn, words: bytes) -> None:
        self._tell(conn, words)
        if conn in self.gathering:
            self._drop(conn)

    def _tell(self, conn: TConn, words: bytes) -> None:
        try:
            conn.sock.send(words)
        except OSError:
            self._drop(conn)

    def _hand_over(self, conn: TConn) -> None:
        """A thread reads the file when its turn comes: what waits lies in no memory."""
        self.poller.unregister(conn.sock)
        self.whole[conn] = self.gathering.pop(conn)
        if conn.parser is None:
            conn.parser = http.get_parser(self.cfg, conn.sock, conn.client)
        conn.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, TIMEOUT)  # should a thread ever wait for more
        conn.data_ready = True
        super().enqueue_req(conn)

    def handle(self, conn: TConn) -> Any:
        found = self.whole.get(conn)
        if found is not None and not found.bytes.closed:
            conn.parser.unreader.unread(found.take())
        return super().handle(conn)

    def finish_request(self, conn: TConn, fs: Any) -> None:
        found = self.whole.pop(conn, None)
        self.held -= found.size if found else 0
        super().finish_request(conn, fs)

    def _drop(self, conn: TConn) -> None:
        self.poller.unregister(conn.sock)
        found = self.gathering.pop(conn)
        found.bytes.close()
        self.held -= found.size
        self.nr_conns -= 1
        conn.close()

    def murder_pending(self) -> None:
        """Lets go whoever is too slow, and at the end of the server everybody who has not said all."""
        super().murder_pending()
        for conn, found in list(self.gathering.items()):
            if found.late or not self.alive:
                self._drop(conn)
