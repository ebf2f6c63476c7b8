"""Benchmarks: they print what things take on this machine and assert no times."""
