"""Lists of arrivals: their layout, their rows, their mistakes, and what they change."""
