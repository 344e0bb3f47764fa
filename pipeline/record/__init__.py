"""What flows: articles, what is found in them, dead letters; bytes to records and back."""
