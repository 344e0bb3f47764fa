"""What is served by HTTP: the console, where people look at the stream and search."""
