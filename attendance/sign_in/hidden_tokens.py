"""Keeps the tokens of mailed links out of the logs: Django logs the path of each request that was refused."""

import logging
import re

_TOKENS = re.compile(r"(/invitations/|/activate/|/password/reset/[^/\s]+/)[^/\s\"']+")


class HideTokens(logging.Filter):
    """Writes `…` where a log line would spell the token of an invitation, an activation or a password reset."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record pass, its line without tokens."""
        line = record.getMessage()
        hidden = _TOKENS.sub(r"\1…", line)
        if hidden != line:
            record.msg, record.args = hidden, ()
        return True
