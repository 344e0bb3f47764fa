"""Who said what: quotations, the words that report them, and the speakers by full name."""

from pipeline.stages.quotes.stage import Explanation, QuoteStage

__all__ = ["Explanation", "QuoteStage"]
