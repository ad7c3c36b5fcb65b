"""The grids as areas: what a map draws, and by which a pin knows its grid. Their outlines hang at every door, as their names do."""

from __future__ import annotations

import json

from sqlalchemy import select

from app.core.base.registry import grid_record
from app.core.base.revisions import Cached
from app.core.base.scope import system
from app.core.telling.places import place_name
from app.db import db

MOST = 400  # areas of one map; where there are more grids, the map has the communities


def _load() -> str:
    grid = grid_record()
    with system("outlines of the grid tree"):
        rows = db.session.execute(select(grid.code, grid.level, grid.boundary).where(
            grid.boundary.is_not(None), grid.level.in_(("base", "community"))).order_by(grid.code)).all()
    base = [row for row in rows if row.level == "base"]
    drawn = base if 0 < len(base) <= MOST else [row for row in rows if row.level == "community"]
    return json.dumps({"type": "FeatureCollection", "features": [
        {"type": "Feature", "geometry": row.boundary, "properties": {"code": row.code, "name": place_name(row.code)}}
        for row in drawn[:MOST]]}, ensure_ascii=False, separators=(",", ":"))


_areas = Cached("places", _load)


def areas() -> str:
    """Every grid with its outline as GeoJSON, with its code and its name under its community."""
    return _areas.get()
