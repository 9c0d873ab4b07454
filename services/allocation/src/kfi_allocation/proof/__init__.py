"""What is proven about a plan, in whole numbers, recomputed without the optimiser and without a solver."""
