"""The server's process on Linux: a thread is given to a request when the whole of it is here.

Headers and bodies are gathered by the one loop that also accepts connections, small ones in memory, large ones in a
file. Whoever sends slowly, or never ends, holds a connection and no thread, and is let go after a while.
"""

from __future__ import annotations

import logging
import re
import selectors
import tempfile
import time
from functools import partial
from typing import Any

from gunicorn import http
from gunicorn.workers.gthread import TConn, ThreadWorker

log = logging.getLogger(__name__)
HEADER_SECONDS, IDLE_SECONDS, BODY_SECONDS = 20, 20, 900
LONGEST_HEAD, IN_MEMORY, LARGEST = 64 * 1024, 1024 * 1024, 64 * 1024 * 1024
END, LAST_CHUNK = b"\r\n\r\n", b"0\r\n\r\n"
LENGTH = re.compile(rb"^content-length:[ \t]*(\d{1,18})[ \t]*\r$", re.IGNORECASE | re.MULTILINE)
CHUNKED = re.compile(rb"^transfer-encoding:.*\bchunked\b", re.IGNORECASE | re.MULTILINE)
EXPECTS = re.compile(rb"^expect:[ \t]*100-continue", re.IGNORECASE | re.MULTILINE)


class Gathered:
    """What has come of one request."""

    def __init__(self) -> None:
        self.begun = self.last = time.monotonic()
        self.bytes = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - closed by ``take``
        self.head, self.tail = b"", b""
        self.whole: int | None = None  # how many bytes make it whole; 0: its last chunk; None: the head is not here yet

    def add(self, data: bytes) -> bool:
        """Takes what came; whether the request is whole now, or no longer worth waiting for."""
        self.last = time.monotonic()
        self.bytes.write(data)
        self.tail = (self.tail + data)[-len(LAST_CHUNK):]
        if self.whole is None:
            self.head += data
            end = self.head.find(END)
            if end < 0:
                return len(self.head) > LONGEST_HEAD
            self._measure(end + len(END))
        return self.tail == LAST_CHUNK if self.whole == 0 else self.bytes.tell() >= (self.whole or 0)

    def _measure(self, end: int) -> None:
        head = self.head[:end]
        length = LENGTH.search(head)
        body = int(length[1]) if length else 0
        self.whole = 0 if CHUNKED.search(head) else end + (body if body <= LARGEST else 0)  # refused by its length alone

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
        try:
            whole = found.add(data)
        except OSError:
            log.warning("a request could not be kept until it was whole", exc_info=True)
            self._drop(conn)
            return
        if whole:
            self._hand_over(conn)
        elif found.expects and not asked:
            self._encourage(conn)

    def _encourage(self, conn: TConn) -> None:
        try:
            conn.sock.send(b"HTTP/1.1 100 Continue\r\n\r\n")
        except OSError:
            self._drop(conn)

    def _hand_over(self, conn: TConn) -> None:
        self.poller.unregister(conn.sock)
        if conn.parser is None:
            conn.parser = http.get_parser(self.cfg, conn.sock, conn.client)
        conn.parser.unreader.unread(self.gathering.pop(conn).take())
        conn.data_ready = True
        super().enqueue_req(conn)

    def _drop(self, conn: TConn) -> None:
        self.poller.unregister(conn.sock)
        self.gathering.pop(conn).bytes.close()
        self.nr_conns -= 1
        conn.close()

    def murder_pending(self) -> None:
        """Lets go whoever is too slow, and at the end of the server everybody who has not said all."""
        super().murder_pending()
        for conn, found in list(self.gathering.items()):
            if found.late or not self.alive:
                self._drop(conn)
