"""A streaming pipeline on Kafka that turns news articles into records a newsroom can query."""

from importlib.metadata import version

__version__ = version("news-pipeline")
