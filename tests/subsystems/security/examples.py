"""What the rules of public security want beyond their declaration."""

EXAMPLES = {"Hazard": {"class_code": "0101", "source": "patrol"}}  # an informant's name would be refused
