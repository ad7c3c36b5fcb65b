"""No word without its Chinese, none in the words of another record, and none that nobody says."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from flask import Flask
from flask_babel import force_locale

from app.core.base.fields import Field, fields_of
from app.core.base.registry import records

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "translations" / "zh" / "LC_MESSAGES" / "messages.po"
METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2")]
PLAIN, PLURAL, PLACED = None, (1, 2), ((1, "c"), 2)
KEYWORDS = {"_": PLAIN, "gettext": PLAIN, "lazy_gettext": PLAIN, "ngettext": PLURAL, "pgettext": PLACED,
            "lazy_pgettext": PLACED}
OF_ANY_VALUE = ("日期", "时间", "情况")  # say what kind of value it is, not what it is about


@cache
def catalogue() -> Catalog:
    with SOURCE.open("rb") as file:
        return read_po(file, abort_invalid=True)


def words() -> Iterator[tuple[str, str, str]]:
    """(context, English, Chinese) of everything in the catalogue, a plural by each of its forms."""
    for message in catalogue():
        if message.id and not message.fuzzy:
            chinese = message.string if isinstance(message.string, str) else message.string[0]
            for english in (message.id if isinstance(message.id, tuple) else (message.id,)):
                yield message.context or "", english, chinese


def said() -> set[tuple[str, str]]:
    """(context, English) of every word in the source; the contexts of declarations are not in it."""
    found = set()
    for _file, _line, text, _comments, context in extract_from_dir(str(ROOT / "app"), METHODS, keywords=KEYWORDS):
        found |= {(context or "", english) for english in (text if isinstance(text, tuple) else (text,)) if english}
    return found


def fields() -> Iterator[tuple[type, Field]]:
    for record in records():
        for words_of_it in fields_of(record).values():
            yield record, words_of_it


def test_every_word_has_its_chinese() -> None:
    known = {(context, english) for context, english, chinese in words() if chinese}
    missing = sorted(said() - known)
    assert not missing, f"add these to translations/zh: {missing[:10]}"


def test_every_word_of_the_program_is_english() -> None:
    foreign = sorted(english for _context, english in said() if re.match(r"[^A-Za-z]*[\u3400-\u9fff]", english)
                     and not re.match(r"[“‘]?[A-Za-z%]", english))
    assert not foreign, f"write the English in the code and the Chinese in translations/zh: {foreign}"


def test_no_word_is_there_twice_in_one_context() -> None:
    text = SOURCE.read_text(encoding="utf-8")
    blocks = [re.sub(r'"\n"', "", block) for block in re.split(r"\n\s*\n", text)]
    told = Counter(tuple(re.findall(r'^(msgctxt|msgid) "(.*)"$', block, re.M)) for block in blocks)
    twice = [words_of_it for words_of_it, count in told.items() if words_of_it and count > 1]
    assert not twice, f"one block a word: {twice}"


def test_placeholders_are_the_same_in_both_languages() -> None:
    for _context, english, chinese in words():
        wanted, given = (set(re.findall(r"%\((\w+)\)[sd]", text)) for text in (english, chinese))
        assert wanted == given or wanted == given - {"num"}, english


def test_every_context_is_one_in_which_its_word_is_said(app: Flask) -> None:
    there = said() | {place for place in spoken() if place[1]}
    lost = sorted((context, english) for context, english, _chinese in words() if context and (context, english) not in there)
    assert not lost, f"nothing of that name says these words: {lost}"


def spoken() -> Iterator[tuple[str, str]]:
    """(context, English) of every word that a declaration puts into a context by itself."""
    from app.core.base import language
    from app.core.cases.figures import RATES
    from app.core.cases.records import Case

    def places(text: Any) -> Iterator[tuple[str, str]]:
        if getattr(text, "_func", None) is language._said:
            yield from ((place, text._args[1]) for place in text._args[0])

    for record in records():
        yield from places(record.__label__)
        if issubclass(record, Case):
            for step in record.workflow.steps:
                yield from places(step.label)
            for rate in record.figures.rates if record.figures else RATES:
                yield from places(rate.label)
    for _record, told in fields():
        for text in (told.label, told.help, told.section):
            yield from places(text)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_two_columns_of_a_record_are_called_the_same(app: Flask, language: str) -> None:
    with force_locale(language):
        for record in records():
            labels = Counter(str(told.label) for told in fields_of(record).values())
            assert not [label for label, count in labels.items() if count > 1], record.__name__


def test_every_label_is_chinese_and_near_to_what_workbooks_call_it(app: Flask) -> None:
    far = []
    with force_locale("zh"):
        for record, told in fields():
            label = str(told.label)
            assert re.search(r"[\u3400-\u9fff]", label), f"{record.__name__}.{told.name}: {label}"
            if told.aliases and not any(is_near(label, alias) for alias in told.aliases):
                far.append(f"{record.__name__}.{told.name} is {label} on screen and {told.aliases} in workbooks")
    assert not far, 'write msgctxt "RECORD" and its own Chinese into translations/zh:\n' + "\n".join(far)


def is_near(label: str, alias: str) -> bool:
    """Whether a Chinese name has another in it, or two neighbouring characters of it beyond what any date is called."""
    if alias in label:
        return True
    pairs = ({text[at:at + 2] for at in range(len(text) - 1)} - set(OF_ANY_VALUE) for text in (label, alias))
    return bool(set.intersection(*pairs))


@pytest.mark.parametrize(("label", "alias", "near"), [
    ("单元", "单位名称", False), ("起始日期", "迁入日期", False), ("操作", "处置措施", False), ("户", "户", True),
    ("聘任日期", "聘任日期", True), ("牵头单位", "牵头部门", True), ("排查情况", "回访情况", False),
    ("调查日期", "日期", True), ("日期", "迁入日期", False), ("排序", "序号", False)])
def test_near_is_what_a_reader_takes_for_the_same(label: str, alias: str, near: bool) -> None:
    assert is_near(label, alias) is near


def test_a_word_is_said_as_its_record_says_it(app: Flask) -> None:
    from app.subsystems.emergency.incidents import IncidentTask
    from app.subsystems.mediation.records import Dispute, DisputeRevisit
    from app.subsystems.risk.records import RiskFollowUp
    from app.subsystems.work.services import ServiceRequest

    with force_locale("zh"):
        assert str(fields_of(DisputeRevisit)["story"].label) == "回访情况"
        assert str(fields_of(RiskFollowUp)["measure"].label) == "处置措施"
        assert str(fields_of(IncidentTask)["done_at"].label) == "完成时间"
        assert str(fields_of(Dispute)["reported_at"].label) == "上报时间", "as of every case"
        assert str(fields_of(ServiceRequest)["reported_at"].label) == "申请时间", "as of its own"
        assert str(ServiceRequest.workflow.by_name["handle"].label) == "办理反馈"
        assert str(Dispute.workflow.by_name["accept"].label) == "受理"
    with force_locale("en"):
        assert str(fields_of(DisputeRevisit)["story"].label) == "What was found"
