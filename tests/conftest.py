"""One Hypothesis profile for all tests: no deadline, because machines are busy, and failures that can be replayed."""

from hypothesis import settings

settings.register_profile("policy-ir", deadline=None, print_blob=True)
settings.load_profile("policy-ir")
