"""The edge: what other systems call the same things. The core never imports this package."""
