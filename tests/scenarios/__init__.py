"""The stories of a department, each told in its own words, by the public surface alone."""
