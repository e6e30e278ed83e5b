"""The evaluation store: one DuckDB file that jobs write and pages read."""
