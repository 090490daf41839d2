"""What citewatch believes about papers and counts: pure values and functions.

Nothing here does I/O, reads a clock or logs. Times are whole seconds since
1970-01-01 UTC (`Instant`); names that carry one end in ``_at``.
"""
