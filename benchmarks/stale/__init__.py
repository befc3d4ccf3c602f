"""Stale answers of this engine, of cacheops and of cachalot under the same reads and writes.

`sequence` runs one random sequence of steps, one after the other, so the right answer is always known. `race` lets
readers and a writer run freely at the same time.
"""
