"""Who and what is named, each under one name."""

from pipeline.stages.entities.key import entity_key
from pipeline.stages.entities.stage import EntityStage, require_model

__all__ = ["EntityStage", "entity_key", "require_model"]
