"""What is about text, whatever its language."""
