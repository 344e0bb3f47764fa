"""The read side: one file a question."""
