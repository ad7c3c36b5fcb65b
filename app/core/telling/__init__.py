"""How a value is told to people: its words from a code list, its place, its mask."""
