"""Benchmarks: ours beside its floor in one run, as ratios. `make bench` writes docs/performance.md."""
