"""Photos and files of records: looked at before they are kept, kept outside the web root, shown to whoever may see the record."""
