"""The pipeline beside what people would use instead, in one run: `python -m benchmarks.peers [PATH]`."""
