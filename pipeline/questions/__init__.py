"""Standing questions: searches that are kept, and asked of each article as it flows by. Pure: no store, no broker."""
