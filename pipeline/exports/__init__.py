"""Records out, as files that other programs open: one small module a form, records in, bytes out."""
