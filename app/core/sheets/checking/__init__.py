"""From the text of cells to values of columns, and every row that is wrong with its reason."""
