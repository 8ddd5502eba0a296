"""Use cases, each written once and called by the pages and by the command."""
