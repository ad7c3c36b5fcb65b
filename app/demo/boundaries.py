"""Boundaries that tile: a street cut into communities, a community into base grids."""

from __future__ import annotations

import json
import random
from typing import Any

import shapely

CENTRE = (110.772, 32.634)


def street_shape() -> Any:
    """An invented outline around the middle of the city, about six kilometres across."""
    east, north = CENTRE
    outline = ((-30, -18), (-12, -25), (10, -22), (31, -12), (34, 8), (18, 24), (-6, 27), (-28, 16))
    return shapely.Polygon([(east + x / 1000, north + y / 1000) for x, y in outline])


def tile(shape: Any, count: int, seed: int) -> list[Any]:
    """Cuts a shape into ``count`` parts without gaps or overlaps, west to east, north to south.

    Cells of random points (Voronoi) share their corners, so the parts are a valid coverage.
    """
    if count == 1:
        return [shape]
    points = _spread(shape, count, random.Random(seed))
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.MultiPoint(points), extend_to=shape))
    parts = [shapely.intersection(cell, shape, grid_size=1e-7) for cell in cells]
    return sorted(parts, key=lambda part: (-round(part.centroid.y, 3), part.centroid.x))


def _spread(shape: Any, count: int, chance: random.Random) -> list[tuple[float, float]]:
    """Random points inside a shape, kept apart so that no part is a sliver."""
    west, south, east, north = shape.bounds
    apart = 0.6 * (shape.area / count) ** 0.5
    found: list[tuple[float, float]] = []
    while len(found) < count:
        point = (chance.uniform(west, east), chance.uniform(south, north))
        near = any((point[0] - x) ** 2 + (point[1] - y) ** 2 < apart**2 for x, y in found)
        apart *= 0.999
        if not near and shape.contains(shapely.Point(point)):
            found.append(point)
    return found


def as_geojson(shape: Any) -> dict[str, Any]:
    """A shape as a GeoJSON geometry with seven decimals (a centimetre)."""
    geometry: dict[str, Any] = json.loads(shapely.to_geojson(shape))
    return geometry
