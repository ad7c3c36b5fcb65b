"""What of a sensitive value may be seen by all."""

from __future__ import annotations

from app.core.base.masks import mask_address, mask_id_number, mask_phone


def test_masks_keep_only_what_tells_people_apart() -> None:
    assert mask_id_number("420303199001011234") == "420303************"
    assert mask_id_number("12345") == "*****" and mask_id_number("E12345678") == "*********", "a passport tells too much by its half"
    assert mask_phone("13212348920") == "132****8920" and mask_phone("0719-8000413") == "0719-****413"
    assert mask_address("王湾小区10栋3单元401室") == "王湾小区***"
    assert mask_address("石桥村") == "石桥村***"
