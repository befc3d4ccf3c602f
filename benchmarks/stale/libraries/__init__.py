"""How each cache is read and written through: modules with `read`, `update` and `after_raw_sql`."""
