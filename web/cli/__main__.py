"""`python -m web.cli`, as the server starts its watchers."""

from web.cli import main

main()
