"""A resident's report: what was typed is read by the readers of every other form, then handed in with its proof."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext as _

from app.accounts.throttle import Limit
from app.core.asking.values import EMPTY, check_choice, reader_of
from app.core.base.fields import Field, fields_of
from app.core.base.records import RuleError
from app.core.base.registry import record_by_name
from app.core.base.texts import InvalidValue, normalize_text
from app.core.cases.public import RESIDENT
from app.core.files.attachments import read_all
from app.core.files.reading import Sent
from app.core.keeping import sendings
from app.core.telling.places import Place, places
from app.public import proof
from app.public.sealing import number_of
from app.public.tracking import note, wait_if_needed
from app.subsystems.events.public_reports import code_of, public_types, refuse_used, submit

REPORTS = Limit("report", 12, timedelta(hours=1), timedelta(hours=1))
MOST_PHOTOS = 4
TRAP = "website"  # a field no person sees; programs fill it in


@dataclass
class Draft:
    """What somebody typed, with what is wrong with it; ``values`` are good when ``errors`` is empty."""

    kind: str
    grid_code: str
    typed: Mapping[str, str]
    values: dict[str, Any] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    photos: list[Sent] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)  # why a photo is not kept, though the report is
    proof: tuple[str, datetime | None] = ("", None)  # what names the work that was done for it, and when that was handed out
    same_as: str = ""  # the number of the case near by the sender says it is
    form: tuple[str, str] = ("", "")  # the key of the form it was typed on, and a digest of what stood there


def asked(kind: str) -> list[tuple[Field, bool]]:
    """The columns a form asks for: (its words, whether it must be filled in)."""
    record: Any = record_by_name(kind)
    words = fields_of(record)
    return [(words[name], name in record.public.must) for name in record.public.asks]


def parts(kind: str) -> dict[str, Any]:
    """The same for the page: what says where it is, what was seen, and who says so, which may all be left out; ``pin`` are
    the columns of a point on the map."""
    columns = asked(kind)
    pin = [words.name for words, _must in columns if words.means in ("longitude", "latitude")]
    where = [one for one in columns if one[0].means == "place"]
    who = [one for one in columns if one[0].mask and not one[1]]
    return {"pin": pin, "where": where, "who": who,
            "what": [one for one in columns if one not in (*where, *who) and one[0].name not in pin]}


def before(key: str, content: Callable[[], str]) -> tuple[str, bool]:
    """(its code, whether the same stood in it) of a form that arrived before; ("", False) for a new one."""
    sending = sendings.find(key, RESIDENT.actor)
    return (code_of(key), sending.content == content()) if sending else ("", False)


def read(kind: str, typed: Mapping[str, str]) -> Draft:
    """Reads what was typed; nothing is written yet, and nothing is lost."""
    grid = normalize_text(typed.get("grid", ""))
    draft = Draft(kind, grid if grid in places() else "", typed, same_as=number_of(typed.get("same_as", "")))
    if not draft.grid_code:
        draft.errors["grid"] = _("Choose the community; if you do not know it, choose the street.")
    for words, must in asked(kind):
        try:
            value = reader_of(words)(typed.get(words.name, ""))
            if draft.same_as and must and value in EMPTY:
                value = _("The same that was reported near by")  # one tap is enough to say so
            check_choice(words, value, None, None)
            if must and value in EMPTY:
                raise InvalidValue("required", _("Fill this in."))
            draft.values[words.name] = value
        except InvalidValue as error:
            draft.errors[words.name] = str(error.message)
    return draft


def admit(draft: Draft) -> None:
    """Lets a draft in, before its photos cost anything: RuleError without fresh work of the sender's device (``proof``),
    or when too much came from his network. From here on it counts, whatever becomes of it."""
    draft.proof = proof.check(draft.typed.get("proof", ""))
    refuse_used(draft.proof[0])
    wait_if_needed(REPORTS)
    note(REPORTS)


def look_at(draft: Draft, uploads: Iterable[Any]) -> None:
    """The photos of a draft that was let in; one that cannot be kept stays out alone."""
    chosen = [upload for upload in uploads if upload and upload.filename]
    draft.photos, draft.refused = read_all(chosen[:MOST_PHOTOS], stranger=True)
    if len(chosen) > MOST_PHOTOS:
        draft.refused.append(_("Only the first %(most)s photos are kept.", most=MOST_PHOTOS))


def hand_in(draft: Draft) -> str:
    """Writes a draft that was let in; its code. RuleError says what to do when it is refused."""
    values = {name: value for name, value in draft.values.items() if value not in EMPTY}
    solved, began = draft.proof
    code, _report = submit(draft.kind, draft.grid_code, values, solved, began=began, trapped=bool(draft.typed.get(TRAP)),
                           photos=draft.photos, form=draft.form, same_as=draft.same_as)
    return code


def communities() -> list[Place]:
    """The street and its communities, as a resident chooses among them."""
    return [place for place in places().values() if place.level != "base"]


def known_type(kind: str) -> Any:
    """The form of a type residents may report; RuleError for any other word."""
    form = public_types().get(kind)
    if form is None:
        raise RuleError(_("This cannot be reported here."))
    return form
