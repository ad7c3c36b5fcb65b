"""run.py demo, import, export, migrate, backup, restore, check: the data of an installation."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from app.commands.installation import forget_half_a_demo, opened, settings_of
from app.commands.words import add_installation
from config import Refusal, Settings

NAMES = ("demo", "import", "undo", "export", "migrate", "move", "check")


def add(commands: Any) -> None:
    for name, about, run, words in (
        ("demo", "载入演示街道 / load the demo street", run_demo, _demo_words),
        ("import", "导入表格 / import workbooks", run_import, _import_words),
        ("undo", "撤销一次导入 / take an import back", run_undo, _undo_words),
        ("export", "导出表格 / export a workbook", run_export, _export_words),
        ("migrate", "升级数据库结构 / migrate the schema", run_migrate, _migrate_words),
        ("move", "把整套系统搬到另一种数据库 / carry everything to another database", run_move, _move_words),
        ("check", "检查数据是否完整、未被篡改 / look for damage and tampering", run_check, lambda command: None),
    ):
        command = commands.add_parser(name, help=about, description=about)
        words(command)
        add_installation(command)
        command.set_defaults(run=run)


def _demo_words(command: Any) -> None:
    command.add_argument("--residents", type=int, help="人数 / how many residents")
    command.add_argument("--year", action="store_true", help="模拟一整年的事件办理 / a simulated year of events")


def _import_words(command: Any) -> None:
    command.add_argument("record", help="记录，如 resident / the record, for example resident")
    command.add_argument("files", nargs="+", metavar="FILE")
    command.add_argument("--grid", help="表中没有网格时用的网格编码 / grid code for rows that name none")
    command.add_argument("--mode", choices=("both", "new", "known"), default="both",
                         help="both 新增并更新，new 只新增，known 只更新 / add and change, only add, only change")
    command.add_argument("--blank", choices=("leave", "clear"), default="leave",
                         help="空单元格：leave 保留原值，clear 清空 / blank cells leave or empty what is stored")
    command.add_argument("--dry-run", action="store_true", help="只检查，不写入 / check only, write nothing")
    command.add_argument("--json", action="store_true", help="每个文件一行 JSON / one JSON line a file")


def _undo_words(command: Any) -> None:
    command.add_argument("batch", type=int, help="导入批号（导入后显示） / the number shown after the import")


def _export_words(command: Any) -> None:
    command.add_argument("record")
    command.add_argument("file")
    command.add_argument("--filter", action="append", default=[], metavar="NAME=VALUE")
    command.add_argument("--columns", help="列名，逗号分隔 / column names, separated by commas")
    command.add_argument("--purpose", default="命令行导出", help="用途 / what it is for")


def _migrate_words(command: Any) -> None:
    command.add_argument("revision", nargs="?", default="head", help="版本；base 为全部撤销 / revision; base takes all back")
    command.add_argument("--drop", action="store_true", help="退回时允许删除数据 / going back may drop data")
    command.add_argument("--make", metavar="WORDS", help="按记录声明写一个新迁移 / write a migration from the records")


def _move_words(command: Any) -> None:
    command.add_argument("--to", required=True, metavar="URL", help="postgresql://…，或 sqlite / the new database: its address, or sqlite")
    command.add_argument("--into", required=True, metavar="FOLDER", help="新的数据目录 / the new data folder")


def _record(name: str) -> Any:
    from app.core.base.registry import record_by_name, record_name, records

    record = record_by_name(name)
    if record is None:
        known = "、".join(sorted(record_name(known) for known in records()))
        print(f"没有“{name}”这种记录；可用 / no such record; known are: {known}", file=sys.stderr)
    return record


def run_demo(arguments: argparse.Namespace) -> int:
    """Fills an installation without grids; one that has records of its own is never made a demo."""
    from app.core.upkeep import installation
    from app.demo import loading

    settings = settings_of(arguments)
    forget_half_a_demo(arguments)
    with opened(arguments, upgrade=True):
        if loading.is_filled():
            raise Refusal("这里已有数据，不能载入演示街道：请用 --data 指定另一个目录。 / There is data here already: name "
                          "another folder with --data for the demo street.")
        (settings.data_dir / "demo").touch()
        installation.note_demo(installation.LOADING)
        loading.load(residents=arguments.residents, year=arguments.year)
        installation.note_demo(installation.LOADED)
    return 0


def run_import(arguments: argparse.Namespace) -> int:
    """0 when nothing was refused, 1 when rows were, 2 when a file cannot be read."""
    from app.core.sheets.checking.how import How
    from app.core.sheets.writing.importing import import_file

    code, how = 0, How(arguments.mode, arguments.blank)
    with opened(arguments):
        record = _record(arguments.record)
        if record is None:
            return 2
        for path in arguments.files:
            outcome = import_file(record, Path(path), grid=arguments.grid, dry_run=arguments.dry_run, how=how)
            print(json.dumps(outcome.as_dict(), ensure_ascii=False, default=str) if arguments.json else _words(outcome),
                  flush=True)
            code = max(code, 2 if outcome.error else 1 if outcome.refused else 0)
    return code


def _words(outcome: Any) -> str:
    if outcome.error:
        return f"{outcome.file}: {outcome.error}"
    head = (f"{outcome.file}: 共 {outcome.rows} 行，新增 {outcome.new}，更新 {outcome.changed}，"
            f"不变 {outcome.same}，未导入 {outcome.refused}")
    if outcome.batch:
        head += f"；如需撤销 / to take it back: run.py undo {outcome.batch}"
    return "\n".join([head, *(f"  {m.sheet} 第 {m.row} 行 {m.column}：{m.message}" for m in outcome.messages)])


def run_undo(arguments: argparse.Namespace) -> int:
    """0 when all of an import was taken back, 1 when rows were left as they are."""
    from app.core.sheets.writing.batches import ImportBatch
    from app.core.sheets.writing.undoing import REASONS, Undo
    from app.db import db

    with opened(arguments):
        batch = db.session.get(ImportBatch, arguments.batch)
        if batch is None or not batch.can_be_undone:
            raise Refusal(f"导入批号 {arguments.batch} 不存在、已撤销或已过期。 / There is no such import, or it was taken back "
                          "already, or its time is over.")
        undo = Undo(batch)
        undo.run()
        print(undo.words)
        for (name, number), why in undo.left.items():
            print(f"  {name} {number}: {REASONS[why]}")
    return 1 if undo.left else 0


def run_export(arguments: argparse.Namespace) -> int:
    from app.core.sheets.out.exporting import export_file

    with opened(arguments):
        record = _record(arguments.record)
        if record is None:
            return 2
        filters = [_pair(words) for words in arguments.filter]
        columns = arguments.columns.split(",") if arguments.columns else None
        _refuse_unknown(record, [name for name, _value in filters], columns or [])
        count = export_file(record, Path(arguments.file), filters, columns, arguments.purpose)
    print(f"{arguments.file}: {count} 行 / rows")
    return 0


def _pair(words: str) -> tuple[str, str]:
    name, sign, value = words.partition("=")
    if not sign or not name:
        raise Refusal(f"--filter {words}：应写成 名称=值。 / --filter is written NAME=VALUE.")
    return name, value


def _refuse_unknown(record: Any, filters: list[str], columns: list[str]) -> None:
    """A word that means nothing would otherwise let more out than was meant."""
    from app.core.asking.listing import known_filter
    from app.core.base.fields import fields_of
    from app.core.base.registry import view_of

    view = view_of(record)
    if view is None:
        raise Refusal(f"{record.__name__}：不能导出。 / This record has no list to export.")
    view.derive()
    known = ", ".join(fields_of(record))
    for name in filters:
        if not known_filter(view, name):
            raise Refusal(f"--filter {name}：没有这个筛选项。可用 / No such filter; known are: "
                          f"{', '.join([*view.named_filters, *(n for n in fields_of(record) if known_filter(view, n))])}")
    for name in columns:
        if name not in fields_of(record):
            raise Refusal(f"--columns {name}：没有这一列。可用 / No such column; known are: {known}")


def run_migrate(arguments: argparse.Namespace) -> int:
    from app import create_app
    from app.core.upkeep import installation, schema

    settings = settings_of(arguments)
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    installation.refuse_lost_keys(settings)
    with installation.one_start(settings), create_app(settings).app_context():
        if arguments.make:
            print(schema.make(arguments.make) or "表结构没有变化，不需要迁移 / no table of the migrations changed")
            return 0
        installation.refuse_newer(schema.migration_state()["database"], arguments.revision)
        if arguments.revision != "head" and schema.is_older(arguments.revision):
            schema.downgrade(arguments.revision, arguments.drop)
        else:
            schema.upgrade(arguments.revision)
        print(json.dumps(schema.migration_state()))
    return 0


def run_move(arguments: argparse.Namespace) -> int:
    from app import create_app
    from app.core.upkeep import schema
    from app.core.upkeep.move import move, words_of_end

    source = settings_of(arguments)
    create_app(source)
    address = "" if arguments.to == "sqlite" else arguments.to
    target = Settings(data_dir=Path(arguments.into).resolve(), database_url=address)

    def make() -> None:
        with create_app(target).app_context():
            schema.upgrade()

    move(source, target, make, print)
    print(words_of_end(target))
    return 0


def run_check(arguments: argparse.Namespace) -> int:
    from app.core.upkeep.integrity import check

    with opened(arguments):
        faults = check()
    for fault in faults:
        print(fault)
    print("没有发现问题 / no faults found" if not faults else f"{len(faults)} 处问题 / faults")
    return 1 if faults else 0
