"""From checked rows to records, in batches that can be taken back."""
