"""How work is run: processes, memory, portions, signals."""
