"""Sources: datasets, messages and mappings → news about procedures, with provenance. Nothing here knows rules."""
