"""Ways to people and programs: Apprise, a feed, a file of JSON lines, a webhook.

`citewatch.ports.Channel` for each. The only users of Apprise, and with `sources` of httpx.
"""
