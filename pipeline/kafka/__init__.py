"""The broker: how to connect, topics, publishing, scanning, which log an offset belongs to."""
