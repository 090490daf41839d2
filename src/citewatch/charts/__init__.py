"""Charts of our own: SVG for pages and files, PNG, and characters for terminals.

They hold no opinion about citations: they draw what a report says. Whatever shows a
chart (a command, a page) takes it from here.
"""
