"""Faust, which only this room knows, and the rules of delivery."""
