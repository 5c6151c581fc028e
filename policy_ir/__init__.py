"""policy-ir: a formally specified policy language for choosing an LLM at run time."""
