"""KOMM-AN NRW, programme part II: lump sums for measures on site, in the building blocks (Bausteine) A to D.

The district or independent city passes the money on to third parties and checks their proofs; what is here decides what
it gets for them. The amount of the new part of A for the digitalisation of volunteering is not known, so it is no kind
of measure here.
"""
