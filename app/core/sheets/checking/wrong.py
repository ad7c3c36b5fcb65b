"""What can be wrong with a row, in a few words each: the choices of the filter above refused rows."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

KINDS_OF_FAULT = {
    "id_missing": _("ID number missing"), "id_length": _("ID number of the wrong length"),
    "id_characters": _("ID number with other characters"), "id_check_digit": _("ID number mistyped"),
    "id_birth": _("ID number with an impossible birthday"), "id_digits_lost": _("ID number cut off by the spreadsheet"),
    "sex_mismatch": _("Sex differs from the ID number"), "birth_mismatch": _("Birthday differs from the ID number"),
    "name_differs": _("ID number registered under another name"), "duplicate_in_file": _("Twice in the file"),
    "already_elsewhere": _("Registered in another community"), "not_registered": _("Not registered yet"),
    "required_missing": _("Required cell blank"), "choice_unknown": _("Not in the list of choices"),
    "relation_unknown": _("Points to nothing registered"), "grid_missing": _("No grid"),
    "grid_unknown": _("Grid unknown"), "grid_outside": _("Grid outside your part"), "phone": _("Phone number wrong"),
    "date_format": _("Not a date"), "date_impossible": _("Day does not exist"), "number": _("Not a number"),
    "integer": _("Not a whole number"), "bool": _("Neither yes nor no"), "too_long": _("Text too long"),
    "masked": _("Hidden by stars"), "characters": _("Characters that cannot be kept"), "rule": _("Against a rule"),
    "address_kept": _("Address leads to no house"), "house_elsewhere": _("House in another community"),
    "household_unknown": _("Household not known"), "household_head_differs": _("Another head of household"),
    "second_head": _("A second head of household"), "household_house_differs": _("Another house of the household"),
    "address_form": _("Address not as on a door plate"),
    "person_unsure": _("Perhaps a person without a document"),
    "person_documented": _("Registered with an ID number"), "json": _("Not a boundary"),
    "credit_length": _("Credit code of the wrong length"), "credit_characters": _("Credit code with other characters"),
    "credit_check_digit": _("Credit code mistyped"), "unknown_column": _("Column left out"),
    "no_heading": _("Sheet without a heading"), "total_row": _("Row of sums left out"),
    "remark_row": _("Remark left out"), "grid_from_sheet": _("Grid taken from the title or name"),
    "cell_error": _("Cell shows an error"), "formula_unknown": _("Formula without a result"),
    "quote_unclosed": _("Quotation mark never closed"), "date_part": _("Only a part of a day"),
    "became_date": _("Text that became a day"), "format_unknown": _("Shown in an unknown way"),
    "key_unsure": _("Number without its zeros: several fit"),
    "masked_left": _("Hidden values left as they are"), "nothing_above": _("Nothing above to repeat"),
    "place_differs": _("Another place than the chosen one"), "place_unknown": _("Unknown community or grid in the title"),
    "section_row": _("Titles of sections left out"), "heading_again": _("Heading passed over"),
    "empty_rows": _("Rows without a record left out"), "rows_above": _("Rows above the heading not read"),
    "another_table": _("A further table in a sheet"), "hidden_sheet": _("Hidden sheet left out"),
    "hidden_rows": _("Hidden rows come in"), "tel_zero": _("Zero put before a phone number"),
    "tel_several": _("Several phone numbers in a cell"), "tel_remark": _("Words beside a phone number"),
    "phone_left": _("No phone number in the cell"), "direction": _("Hidden marks of direction"), "value_known": _("Values read as decided before"),
}


def kind_of_fault(code: str, example: str) -> str:
    """The words for a code; a code without words is told by one of its messages."""
    return str(KINDS_OF_FAULT.get(code) or example[:24])
