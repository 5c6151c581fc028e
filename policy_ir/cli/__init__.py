"""The command line. `main` is its entry point, and imports as little as the verb needs."""
