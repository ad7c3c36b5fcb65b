"""Workbooks in (read, map, check, apply) and out (stream, style)."""
