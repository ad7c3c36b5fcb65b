"""How a sensitive value looks to those who have not asked for the whole."""

from __future__ import annotations

from app.core.base.fields import Field
from app.core.base.validators import mask_address, mask_id_number, mask_phone

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
