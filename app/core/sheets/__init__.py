"""Workbooks in (read, map, check, apply) and out (exactly what a list shows), and their templates."""
