"""How records are saved, changed many at once, and compared with those already there."""
