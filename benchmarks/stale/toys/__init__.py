"""Two small tables, a few hundred rows: what all three caches are compared on."""
