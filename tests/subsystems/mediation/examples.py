"""What the rules of mediation want beyond their declaration."""

EXAMPLES = {
    "DisputeParty": {"sex": "1", "birth_on": None},  # as the ID number says
    "PetitionAgency": {"result": "settled"},
}
