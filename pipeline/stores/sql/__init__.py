"""Where the records are stored: the only place that knows the database."""
