"""Each op in terms, joins and stages, one file for each kind of op."""
