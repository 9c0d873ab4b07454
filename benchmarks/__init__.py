"""Figures of speed and memory, each beside a peer or a physical limit, in one run, as ratios."""
