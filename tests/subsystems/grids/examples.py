"""What the rules of grids want beyond their declaration."""

from tests.street import WANGWAN

EXAMPLES = {"Grid": {"code": lambda number: f"{WANGWAN}{number % 900 + 99:03d}"}}
