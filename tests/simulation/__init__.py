"""A department's year, simulated: `python -m tests.simulation --share 0.01`."""
