"""The services that are asked: one file a source, one line in the registry.

``http`` is the one polite client and the only module that knows httpx.
"""
