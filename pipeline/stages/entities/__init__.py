"""Who and what is named, each under one name."""
