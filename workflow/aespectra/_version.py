"""The version, in a file of its own: no result depends on it but by what it says of its making."""

__version__ = "0.1.0"
