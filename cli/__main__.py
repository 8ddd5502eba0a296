"""`python -m cli`, as the server starts its watchers."""

from cli import main

main()
