"""The demo street: real divisions, invented people, loaded in seconds at the first start."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

PASSWORD = "Gewu#2026"
STREET = "420303002"
WANGWAN, YANGOU = f"{STREET}001", f"{STREET}003"
ACCOUNTS = (
    ("admin", "系统管理员", STREET, _("Everything, users and dictionaries too")),
    ("street", "街道管理员", STREET, _("The whole street, to keep its records")),
    ("wangwan", "社区书记/社区管理员", WANGWAN, _("Only 王湾社区")),
    ("wangwan01", "网格员", f"{WANGWAN}001", _("Only the first grid of 王湾社区")),
    ("yangou", "社区书记/社区管理员", YANGOU, _("Only 燕沟社区")),
    ("inspector", "督查考核员", STREET, _("The whole street, to check and export")),
    ("leader", "领导(只读)", STREET, _("The whole street, to read")),
)
NAMES = {"admin": "系统管理员", "street": "红卫管理员", "wangwan": "王湾书记", "wangwan01": "王湾网格员",
         "yangou": "燕沟书记", "inspector": "督查员", "leader": "街道领导"}
