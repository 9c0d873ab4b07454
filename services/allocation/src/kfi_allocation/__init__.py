"""Allocation of households to municipalities: an exact cost, a proven plan, and a bound anyone can recompute."""
