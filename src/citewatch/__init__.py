"""citewatch keeps a publication list honest."""

__version__ = "0.1.0"
