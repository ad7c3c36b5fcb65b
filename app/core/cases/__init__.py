"""Everything residents and grids report: one engine of steps, limits, lights and supervision (plan 机制二, 机制四)."""
