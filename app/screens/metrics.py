"""/metrics for Prometheus and /health?full: how the console fares, for machines that bear the token of this installation."""

from __future__ import annotations

import hmac
import os
import time
from collections.abc import Iterator
from typing import Any

from flask import Flask, Response, abort, current_app, g, request
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Histogram,
    generate_latest,
)
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector

from app.core.upkeep.condition import measures

REQUESTS = Counter("gewu_requests", "Requests answered", ("view", "method", "status"))
SECONDS = Histogram("gewu_request_seconds", "Time from the request to its answer", ("view",),
                    buckets=(.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10))
ABOUT = {
    "jobs_waiting": "Background jobs that wait for a worker", "oldest_job_seconds": "How long the oldest of them has waited",
    "disk_free_bytes": "Free space where the data lie", "writable": "Whether the data folder takes what is written (1) or not (0)",
    "worker": "Whether a worker for background jobs lives (1) or not (0)", "clock_seconds": "Since the clock of deadlines last ran",
    "backup_seconds": "Since the last backup that proved whole; absent before the first",
}
FOLDER = "PROMETHEUS_MULTIPROC_DIR"  # where the processes of one server lay down what they count


def install(app: Flask) -> None:
    """Counts every request, and gives the page its address."""
    app.after_request(_count)
    app.add_url_rule("/metrics", "metrics", metrics)


def metrics() -> Response:
    """What was counted by all processes of this server, and how the installation stands now."""
    refuse_without_token()
    registry = CollectorRegistry()
    if FOLDER in os.environ:
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    else:
        registry.register(REGISTRY)  # type: ignore[arg-type]
    registry.register(_Now())  # type: ignore[arg-type]
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def refuse_without_token() -> None:
    """404 where no token is set (GEWU_WATCH_TOKEN), 401 for who does not bear it."""
    wanted = current_app.extensions["settings"].watch_token
    if not wanted:
        abort(404)
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not hmac.compare_digest(given.encode(), wanted.encode()):
        abort(401)


class _Now:
    """Gauges that are looked at when they are asked for."""

    def collect(self) -> Iterator[Any]:
        for name, value in measures().items():
            if value is not None:
                yield GaugeMetricFamily(f"gewu_{name}", ABOUT[name], value=float(value))


def _count(response: Response) -> Response:
    view = (request.endpoint or "none").partition(".")[0]  # an address nobody knows is one view: whoever asks cannot fill the memory
    REQUESTS.labels(view, request.method if request.endpoint else "-", response.status_code).inc()
    if "begun" in g:
        SECONDS.labels(view).observe(time.monotonic() - g.begun)
    return response
