"""The ways out of the house; handing over twice is the same as once."""
