"""What the rules of people and houses want beyond their declaration."""

EXAMPLES = {
    "House": {"address": lambda number: f"示例小区{number}栋1单元101室"},
    "Organization": {"credit_code": None},  # optional, and carries a check digit of its own
    "Resident": {"sex": "1", "birth_on": None, "no_document_reason": None, "kind": "floating"},
    # sex and birth are as the ID number says, and who is registered elsewhere is floating
}
