"""Generators of the practice firm's base rows, one function a table. Writing them to a file is base.py's business."""
