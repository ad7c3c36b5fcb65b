"""Names are found by their initials and by their characters."""

from __future__ import annotations

import pytest

from app.core.base.pinyin import characters, initials, search_text


@pytest.mark.parametrize(("name", "letters"), [
    ("张建国", "zjg"), ("单立人", "slr"), ("仇英", "qy"), ("曾国藩", "zgf"), ("查良镛", "zly"), ("解晓东", "xxd"),
    ("朴树", "ps"), ("区桂芝", "ogz"), ("盖叫天", "gjt"), ("覃勇", "qy"), ("翟敏", "zm"), ("隗静", "wj"), ("阚泽", "kz"),
    ("尉迟恭", "ycg"), ("万俟洛", "mql"), ("澹台明", "ttm"), ("单于强", "cyq"), ("欧阳修", "oyx"), ("诸葛亮", "zgl"),
    ("阿依·买买提", "aymmt"), ("John李", "johnl"), ("", ""),
])
def test_initials_read_surnames_as_surnames(name: str, letters: str) -> None:
    assert initials(name) == letters


def test_a_surname_sound_holds_at_the_front_only() -> None:
    assert initials("李单") == "ld" and initials("单李") == "sl"


def test_every_character_can_be_searched() -> None:
    assert characters("王湾小区10栋A1") == "王 湾 小 区 10 栋 a1"
    assert characters("阿依·买") == "阿 依 买" and characters(" ,。") == ""


def test_a_rare_character_is_one_token() -> None:
    assert characters("𠮷田") == "𠮷 田"


def test_search_text_holds_characters_then_initials_of_names() -> None:
    assert search_text("张建国", "13212348920") == "张 建 国 zjg 13212348920"
    assert search_text("王湾小区10栋", "") == "王 湾 小 区 10 栋"
