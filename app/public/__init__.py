"""The public door: residents report, follow, rate and find their grid without signing in (plan 机制四, 六(四)5)."""
