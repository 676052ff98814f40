"""What all tests share: hypothesis looks for counterexamples, not at the clock."""

from hypothesis import settings

settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")
