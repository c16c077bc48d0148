"""Pages of the report, and what a study is made of."""
