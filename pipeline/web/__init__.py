"""What answers HTTP, beside the metrics port: an extra, `web`."""
