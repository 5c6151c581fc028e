"""One Hypothesis profile for all tests: no deadline, because machines are busy, and failures that can be replayed.

Where `CI` is set the examples are the same on every run, so that a build turns red by a change only; everywhere else
each run tries new ones.
"""

import os

from hypothesis import settings

settings.register_profile("policy-ir", deadline=None, print_blob=True, derandomize=bool(os.environ.get("CI")))
settings.load_profile("policy-ir")
