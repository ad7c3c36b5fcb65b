"""What the rules of city management want beyond their declaration."""

from app.core.telling.dictionaries import DictionaryEntry
from app.db import db


def class_without_standard(number: int) -> str:
    """A small class the office added; those the program ships with have a standard each."""
    code = f"1{9000 + number}"
    db.session.add(DictionaryEntry(kind="city_class", code=code, label=f"部件{number}", english=f"Component {number}"))
    db.session.flush()
    return code


EXAMPLES = {
    "CityProblem": {"class_code": "10101", "component_code": lambda number: f"42030300{number:08d}"},
    "CityStandard": {"class_code": class_without_standard},
}
