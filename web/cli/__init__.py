"""The command line. JSON goes to standard output, everything else to standard error."""

from web.cli.main import main

__all__ = ["main"]
