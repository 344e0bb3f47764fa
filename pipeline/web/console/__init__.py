"""The console: pages and an interface for programs, read-only, on the store and the broker."""
