"""What keeps an installation whole: its schema, its backups, its self-check."""
