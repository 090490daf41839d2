"""Answers as text: tables for people, JSON, CSV and Markdown for programs.

Everything goes to a stream or console that is passed in. Titles and notes come from
sources and are hostile until `words.clean` has seen them.
"""
