"""cacheops whose users also call what its documentation offers where it does not invalidate by itself."""

from benchmarks.stale.settings_cacheops import *  # noqa: F403

LIBRARY = "benchmarks.stale.libraries.cacheops_by_hand"
