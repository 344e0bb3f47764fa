"""Which story is new, and which is a copy, an update or a revision of an earlier one."""
