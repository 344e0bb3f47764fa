"""The commands. Each file holds those of one noun; `output` says how they speak."""

from pipeline.cli.main import main

__all__ = ["main"]
