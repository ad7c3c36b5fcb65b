"""Who signs in, how often he may try, and which rows and rights are his."""
