"""Measurements of the cache engine, side by side with what it is compared to: `make bench`.

Every figure is a ratio of two things that were measured in turn within one run, so that a slower or busier machine
changes both. `python -m benchmarks` starts servers of its own and runs each measurement in a process of its own.
"""
