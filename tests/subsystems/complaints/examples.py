"""What the rules of complaints want beyond their declaration."""

EXAMPLES = {"Complaint": {"is_anonymous": None}}  # an anonymous one has no name, phone or address
