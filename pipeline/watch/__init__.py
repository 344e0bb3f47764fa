"""Watching: metrics, health, the metrics port, the exporter, the log, status and checks."""
