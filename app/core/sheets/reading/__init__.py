"""From the bytes of a workbook to the text of its cells, with a look at its size first."""
