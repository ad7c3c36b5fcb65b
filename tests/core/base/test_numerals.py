"""Numbers in names."""

from __future__ import annotations

import pytest

from app.core.base.numerals import whole_number


@pytest.mark.parametrize(("text", "number"), [
    ("1", 1), ("01", 1), ("001", 1), ("Ⅰ", 1), ("I", 1), ("壹", 1), ("一", 1), ("①", 1), ("１", 1),
    ("十", 10), ("拾", 10), ("十一", 11), ("拾壹", 11), ("Ⅺ", 11), ("XI", 11), ("一一", 11), ("IV", 4), ("Ⅸ", 9), ("XIV", 14),
    ("二十", 20), ("二十三", 23), ("贰拾叁", 23), ("一百零二", 102), ("一〇二", 102), ("110", 110)])
def test_a_number_is_read_however_it_is_written(text: str, number: int) -> None:
    assert whole_number(text) == number


@pytest.mark.parametrize("text", ["", "一网", "第一", "1-2", "一、二", "1.5", "个", "A"])
def test_what_is_no_number_is_none(text: str) -> None:
    assert whole_number(text) is None
