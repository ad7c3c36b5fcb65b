"""What the rules of daily work want beyond their declaration."""

EXAMPLES: dict[str, dict[str, object]] = {"Event": {"class_code": "0101"}}
