"""RQ jobs of a few lines each, and the clock that sweeps what is due."""
