"""How a sensitive value looks to those who have not asked for the whole."""

from __future__ import annotations

import re

from app.core.base.fields import Field


def mask_id_number(text: str) -> str:
    """The division code stays; the date of birth stands beside it, so the end would give all away."""
    return f"{text[:6]}{'*' * (len(text) - 6)}" if len(text) > 10 else "*" * len(text)


def mask_phone(text: str) -> str:
    """The first three and the last four digits of a mobile number stay."""
    if "-" in text:
        area, _sep, local = text.partition("-")
        return f"{area}-****{local[-3:]}"
    return f"{text[:3]}****{text[-4:]}" if len(text) >= 10 else f"****{text[-3:]}"


def mask_address(text: str) -> str:
    """The road or estate stays; what leads to the door is hidden."""
    return re.sub(r"\d.*", "***", text, count=1) if re.search(r"\d", text) else f"{text[:3]}***"


MASKS = {
    "id_number": mask_id_number,
    "phone": mask_phone,
    "address": mask_address,
    "name": lambda text: text[:1] + "**",
    "categories": lambda text: "***",
}


def masked(words: Field, text: str) -> str:
    """A sensitive text as those see it who have not asked for the whole."""
    return MASKS[words.mask](text) if words.mask and text else text
