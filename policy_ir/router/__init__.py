"""The reference router: an OpenAI-compatible endpoint that runs the policy sent with a call.

It needs the extra `policy-ir[router]`. Every decision is the core's; what is here derives facts, calls providers,
follows the failure plan, and writes the trace.
"""
