"""A simulated day at the fitting rooms: what happens, what cameras report, what screens show."""
