"""Finds plans and the prices that bound them. `solve` leads, in this order:

`rounding` a first plan; `conflict` the rules to relax where there is none; `transport`, `equilibrium`, `envelope` the
pooled problem and its prices; `master`, `patterns`, `dive` the prices of households and whole patterns, for few
households; `cooling`, `anneal`, `soft` the local search; `neighbourhood` parts filled anew. `repair` leads over it.
"""
