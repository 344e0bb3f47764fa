"""The commands. Each file holds those of one noun; `output` says how they speak."""

import os

# Our matrices are small and our processes are many: a thread pool of the linear algebra library in each would
# only contend for the cores. It reads this when numpy is imported, so it is set before anything else.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from pipeline.cli.main import main

__all__ = ["main"]
