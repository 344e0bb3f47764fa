"""`pipeline replay`: in which order, how fast, how often, and how far it has come."""
