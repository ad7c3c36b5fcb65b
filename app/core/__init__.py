"""The low-code engine: what a record declares once becomes its screens, sheets, rights and history."""
