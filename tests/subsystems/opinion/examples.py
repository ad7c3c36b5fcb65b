"""What the rules of opinions and letter boxes want beyond their declaration."""

EXAMPLES = {
    "Opinion": {"is_anonymous": None},  # an anonymous one has no name and no phone
    "BoxOpening": {"is_finished": None},  # finished when every letter is registered
}
