"""`python -m cli`: how the server starts its watchers."""

from cli import main

# A module that Python runs by its name is not imported in the workers that multiprocessing spawns,
# a script is: without a name, this file is one, and `cli` keeps Ctrl-C from its workers.
__spec__ = None

if __name__ == "__main__":
    main()
