"""What the router costs beside the call itself: measured against nothing, a bare pass-through, and LiteLLM's proxy."""
