"""Who and what is named, each under one name."""

from pipeline.stages.entities.key import entity_key

__all__ = ["entity_key"]
