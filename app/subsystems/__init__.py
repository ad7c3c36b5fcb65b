"""The plan's table of contents: a folder for each of its parts, each with its clause, lead and place in the menu."""
