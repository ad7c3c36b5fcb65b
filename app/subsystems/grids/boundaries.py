"""Boundaries of grids: valid polygons that tile their community (plan 四(一): no gaps, no overlaps)."""

from __future__ import annotations

from typing import Any

import shapely
from flask_babel import lazy_gettext as _

from app.core.base.records import RuleError

MOST_POINTS = 5_000  # every map of the street sends every boundary


def check_boundary(boundary: dict[str, Any]) -> None:
    """Raises RuleError unless the GeoJSON is one valid polygon (or several) in degrees."""
    if not isinstance(boundary, dict) or set(boundary) != {"type", "coordinates"}:
        raise RuleError(_("This is not a GeoJSON polygon."), "boundary")
    shape = shape_of(boundary)
    if shapely.get_num_coordinates(shape) > MOST_POINTS:
        raise RuleError(_("The boundary has more than %(count)s points: draw it more simply.",
                          count=f"{MOST_POINTS:,}"), "boundary")
    if shape.geom_type not in ("Polygon", "MultiPolygon") or not shape.is_valid or shape.is_empty:
        raise RuleError(_("The boundary must be a closed polygon that does not cross itself."),
                        "boundary")
    west, south, east, north = shape.bounds
    if not (-180 <= west <= east <= 180 and -90 <= south <= north <= 90):
        raise RuleError(_("The boundary must be given in degrees of longitude and latitude."),
                        "boundary")


def shape_of(boundary: dict[str, Any]) -> Any:
    """The shape of a GeoJSON geometry; RuleError when it is none."""
    try:
        return shapely.from_geojson(_text(boundary))
    except shapely.errors.GEOSException as error:
        raise RuleError(_("This is not a GeoJSON polygon."), "boundary") from error


def _text(boundary: dict[str, Any]) -> str:
    import json

    return json.dumps(boundary)


def overlapping(boundaries: dict[str, dict[str, Any]]) -> list[tuple[str, str]]:
    """Pairs of codes whose boundaries overlap by more than a line."""
    codes = list(boundaries)
    shapes = [shape_of(boundaries[code]) for code in codes]
    tree = shapely.STRtree(shapes)
    left, right = tree.query(shapes, predicate="intersects")
    return [(codes[a], codes[b]) for a, b in zip(left, right, strict=True)
            if a < b and shapes[a].intersection(shapes[b]).area > 1e-12]
