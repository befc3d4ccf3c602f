"""The same pages of the product behind a real server with two processes: this cache, others, and none.

`prepare` makes the data, `load` sends the requests, `comparison` puts the figures into rows.
"""
