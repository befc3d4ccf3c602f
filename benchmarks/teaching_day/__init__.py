"""A teaching day of one faculty, replayed through the real server: once with the cache, once without.

`script` says who does what and when, `faculty` makes the rows, `prepare` signs everybody in, `server` is the product
with its queries counted, `browsers` and `replay` send the requests and judge the answers, `comparison` makes the rows.

How time passes
---------------
The day lasts fourteen hours and its replay a minute or two. Entries live five to twenty minutes, so a day that is only
sent faster would find everything still there and flatter the cache. Here time is an input: `passing` holds the moment
of the day in a file that all processes share, the replay moves it on to the moment of each request, and the server
reads it wherever the product reads the clock: `attendance.clock`, and the age of entries, copies and readers. So there
is no factor by which lifetimes would have to be divided: all are those of the product, lectures start and end at their
hours, and a slow machine changes none of it. What guards against faults (fence, rounds, locks, breaker) is in real
seconds, as it does not depend on what people do.
"""
