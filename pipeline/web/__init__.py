"""What is served by HTTP, beside the metrics port: the console, and the door for articles. An extra, `web`."""
