"""What a spreadsheet shows for a number: ECMA-376 part 1, 18.8.30 and 18.8.31, as far as offices use it.

``shown`` gives None where a format asks for what is not known here; nothing is guessed.
"""

from __future__ import annotations

import datetime
import re
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

BUILT_IN = {
    0: "General", 1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%", 11: "0.00E+00", 12: "# ?/?",
    13: "# ??/??", 14: "yyyy/m/d", 15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy", 18: "h:mm AM/PM", 19: "h:mm:ss AM/PM",
    20: "h:mm", 21: "h:mm:ss", 22: "yyyy/m/d h:mm", 27: 'yyyy"年"m"月"', 28: 'm"月"d"日"', 29: 'm"月"d"日"', 30: "m-d-yy",
    31: 'yyyy"年"m"月"d"日"', 32: 'h"时"mm"分"', 33: 'h"时"mm"分"ss"秒"', 34: 'AM/PMh"时"mm"分"', 35: 'AM/PMh"时"mm"分"ss"秒"',
    36: 'yyyy"年"m"月"', 37: "#,##0;-#,##0", 38: "#,##0;-#,##0", 39: "#,##0.00;-#,##0.00", 40: "#,##0.00;-#,##0.00",
    45: "mm:ss", 46: "[h]:mm:ss", 47: "mm:ss.0", 48: "##0.0E+0", 49: "@", 50: 'yyyy"年"m"月"', 51: 'm"月"d"日"',
    52: 'yyyy"年"m"月"', 53: 'm"月"d"日"', 54: 'm"月"d"日"', 55: 'AM/PMh"时"mm"分"', 56: 'AM/PMh"时"mm"分"ss"秒"',
    57: 'yyyy"年"m"月"', 58: 'm"月"d"日"',
}  # 27 to 58 as a Chinese Excel has them
MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
          "December")
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
CHINESE_DAYS = "一二三四五六日"
TOKEN = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]|AM/PM|A/P|上午/下午|General|[yY]+|[mM]+|[dD]+|[hH]+|[sS]+(?:\.0+)?|[aA]{3,4}'
                   r"|[0#?]+|E[+-]|.", re.DOTALL)
HIDDEN = re.compile(r'"[^"]*"|\\.|\[(?![hmsHMS]+\])[^\]]*\]|AM/PM|A/P', re.IGNORECASE)
PLACES = re.compile(r"[0#?]")
NEUTRAL = frozenset({"general", "@"})
FULL_DAY, MONTH, DAY_OF_YEAR, YEAR, TIME = "day", "month", "day of year", "year", "time"


def format_code(number: int, own: dict[int, str]) -> str:
    """The format of a number format id; what is unknown shows a number plainly."""
    return own.get(number) or BUILT_IN.get(number, "General")


@lru_cache(maxsize=500)
def date_kind(code: str) -> str:
    """What of a day or moment a format shows; empty when it is no format of days or times."""
    bare = HIDDEN.sub("", code.split(";")[0]).lower()
    if bare in NEUTRAL or "general" in bare or not re.search("[ymdhs]", bare):
        return ""
    year, day = "y" in bare or bool(re.search(r"(?<![a-z])e(?![+-])", bare)), "d" in bare
    month = bool(re.search(r"m", re.sub(r"h+[^ymd]*m+|m+[^ymdh]*s+", "", bare)))
    if year and month:
        return FULL_DAY if day else MONTH
    if month or day:
        return DAY_OF_YEAR
    return YEAR if year else TIME


def is_plain(code: str) -> bool:
    """Whether a number shows as it is kept, or as a whole day: nothing more need be said of it."""
    return code.strip().lower() in NEUTRAL or date_kind(code) == FULL_DAY


@lru_cache(maxsize=20_000)
def shown(value: float, code: str) -> str | None:
    """A number as the spreadsheet shows it."""
    if value >= 0 and value == int(value) and code.strip("0") == "":
        return f"{int(value):0{len(code)}d}"
    sections = _sections(code)
    negative = value < 0 and len(sections) > 1
    if any(re.match(r"\s*\[[<>=]", section) for section in sections):
        return None
    section = sections[1] if negative else sections[2] if value == 0 and len(sections) > 2 else sections[0]
    text = _number(abs(value) if negative else value, section)
    return None if text is None else text.strip()


@lru_cache(maxsize=500)
def _sections(code: str) -> list[str]:
    found, start = [], 0
    for token in TOKEN.finditer(code):
        if token[0] == ";":
            found.append(code[start:token.start()])
            start = token.end()
    return [*found, code[start:]]


@lru_cache(maxsize=500)
def _tokens(section: str) -> list[str]:
    return TOKEN.findall(section)


def _number(value: float, section: str) -> str | None:
    tokens = _tokens(section)
    if any(token.upper().startswith("[DBNUM") for token in tokens) or any(token in ("E+", "E-") for token in tokens):
        return None
    parts = [token for token in tokens if PLACES.match(token) or token in (".", ",", "/", "%")]
    if "/" in parts and any(PLACES.match(part) for part in parts):
        return None
    if not any(PLACES.match(token) for token in tokens):
        return "".join(_general(value) if token in ("General", "@") else _literal(token) for token in tokens)
    return _placed(value, tokens, parts)


def _general(value: float) -> str:
    return str(int(value)) if value == int(value) and abs(value) < 1e11 else f"{value:.10g}"


def _literal(token: str) -> str:
    if token[0] == '"':
        return token[1:-1]
    if token[0] == "\\":
        return token[1:]
    if token[0] == "[":
        found = re.match(r"\[\$([^-\]]*)", token)
        return found[1] if found else ""
    return " " if token[0] == "_" else "" if token[0] == "*" else token


def _placed(value: float, tokens: list[str], parts: list[str]) -> str:
    """The digits of a number in the places of a format, the literals between them kept."""
    mask = "".join(parts)
    whole, _point, broken = mask.partition(".")
    thousands = len(whole.replace("%", "")) - len(whole.replace("%", "").rstrip(","))
    number = Decimal(str(value)) * Decimal(100) ** mask.count("%") / Decimal(1000) ** thousands
    decimals = len(PLACES.findall(broken))
    number = number.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    digits, _point, rest = f"{abs(number):f}".partition(".")
    rest = _trimmed(rest, "".join(PLACES.findall(broken)))
    places = "".join(PLACES.findall(whole))
    needed = len(places) - len(places.lstrip("#?"))
    digits = digits.lstrip("0").rjust(len(places) - needed, "0") if needed < len(places) else digits.lstrip("0")
    if "," in whole.rstrip(","):
        digits = re.sub(r"(?<=\d)(?=(\d{3})+$)", ",", digits)
    return ("-" if number < 0 else "") + _filled(tokens, digits, rest)


def _trimmed(rest: str, places: str) -> str:
    while rest and places and places[-1] != "0" and rest[-1] == "0":
        rest, places = rest[:-1], places[:-1]
    return rest


def _filled(tokens: list[str], digits: str, rest: str) -> str:
    """Digits from the right into the places of the whole part, what is left over before the first of them."""
    slots = []
    for token in tokens:
        slots += list(token) if PLACES.match(token) else [token]
    point = slots.index(".") if "." in slots else len(slots)
    left = [at for at in range(point) if PLACES.fullmatch(slots[at])]
    out = ["" if PLACES.fullmatch(slot) or slot in (",", ".") else _literal(slot) for slot in slots]
    grouped = "," in digits
    for at in [left[-1]] if grouped and left else reversed(left):
        take = digits if grouped or at == left[0] else digits[-1:]
        digits = digits[:len(digits) - len(take)]
        out[at] = take
    if not left:
        out.insert(0, digits)
    right = [at for at in range(point, len(slots)) if PLACES.fullmatch(slots[at])]
    for at, digit in zip(right, rest, strict=False):
        out[at] = digit
    if rest:
        out[point] = "."
    return "".join(out)


def shown_moment(moment: datetime.datetime, code: str) -> str | None:
    """A day or moment as the spreadsheet shows it."""
    section = _sections(code)[0]
    tokens = _tokens(section)
    if any(token.upper().startswith("[DBNUM") or re.fullmatch(r"\[[hms]+\]", token.lower()) for token in tokens):
        return None
    half = any(token in ("AM/PM", "A/P", "上午/下午") for token in tokens)
    out, last = [], ""
    for at, token in enumerate(tokens):
        kind = token[0].lower()
        if token.lower().startswith("m") and kind == "m":
            following = next((later[0].lower() for later in tokens[at + 1:] if later[0].lower() in "ymdhs" and later != "\\"), "")
            kind = "minute" if last == "h" or following == "s" else "m"
        out.append(_part(moment, token, kind, half))
        last = kind if kind in ("y", "m", "d", "h", "s", "minute") else last
    return "".join(out).strip()


def _part(moment: datetime.datetime, token: str, kind: str, half: bool) -> str:
    size = len(token)
    if token in ("AM/PM", "A/P", "上午/下午"):
        return token.split("/")[moment.hour >= 12]
    if kind == "y":
        return f"{moment.year:04d}" if size > 2 else f"{moment.year % 100:02d}"
    if kind == "m":
        return _month(moment.month, size)
    if kind == "d":
        if size > 2:
            return DAYS[moment.weekday()][:3 if size == 3 else None]
        return str(moment.day) if size == 1 else f"{moment.day:02d}"
    if kind == "a" and size >= 3:
        return ("星期" if size == 4 else "") + CHINESE_DAYS[moment.weekday()]
    if kind in ("h", "minute", "s"):
        hour = (moment.hour % 12 or 12) if half else moment.hour
        number = {"h": hour, "minute": moment.minute, "s": moment.second}[kind]
        return str(number) if size == 1 else f"{number:02d}"
    return _literal(token)


def _month(month: int, size: int) -> str:
    if size <= 2:
        return str(month) if size == 1 else f"{month:02d}"
    return MONTHS[month - 1][:{3: 3, 5: 1}.get(size)]
