"""The product's own pages: sign-in, accounts, access log, news, home, settings, and the frame around all."""
