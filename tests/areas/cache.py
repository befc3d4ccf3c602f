"""The cache's statistics, and clearing and warming it."""

from tests.cast import Campus

#   address                method  anonymous outsider inside other owner assistant auditor admin foreign admin
MATRIX = """
    cache_stats              GET     login   404     404     404     404     404     404     200     200
    cache_stats_live         GET     login   404     404     404     404     404     404     200     200
    cache_clear              GET     login   404     404     404     404     404     404     200     200
    cache_clear              POST    login   404     404     404     404     404     404     go      go
    cache_warm               POST    login   404     404     404     404     404     404     go      go
"""

PAGES = {"admin": ["cache_stats"]}


def body_for(campus: Campus, name: str) -> dict[str, object]:
    """What is posted, and asked about before."""
    return {"cache_clear": {"resource": "student_list"}, "cache_warm": {"resource": "student_rows"}}.get(name, {})
