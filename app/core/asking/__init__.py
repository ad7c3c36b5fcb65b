"""How a question becomes SQL: search, filters, order, links, charts."""
