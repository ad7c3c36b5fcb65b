"""What a record is: its fields, its row scope, its history, and the moments, numbers and keys all of it stands on."""
