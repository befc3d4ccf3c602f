"""Why a login at the institution's OpenID provider let nobody in, with what the page about it says."""

from enum import Enum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Failure(Enum):
    """A closed list; the value stands in the address of the page."""

    UNREACHABLE = "unreachable"
    BROKEN = "broken"
    DENIED = "denied"
    UNTRUSTED = "untrusted"
    STRAY = "stray"
    UNKNOWN = "unknown"
    CLOSED = "closed"
    OPERATOR = "operator"
    TAKEN = "taken"

    @property
    def status(self) -> int:
        """The status of the page."""
        return _PAGES[self][0]

    @property
    def title(self) -> Promise:
        """What happened."""
        return _PAGES[self][1]

    @property
    def sentence(self) -> Promise:
        """What to do."""
        return _PAGES[self][2]


_NOT_IN = _("You are not logged in")
_PAGES: dict[Failure, tuple[int, Promise, Promise]] = {
    Failure.UNREACHABLE: (
        503,
        _("The login of your institution does not answer"),
        _("Try again in a few minutes. Whoever has a password here can log in with it meanwhile."),
    ),
    Failure.BROKEN: (
        502,
        _("The login of your institution gave an answer without sense"),
        _("Nobody was logged in. Try again; if it stays so, tell the administration of your institution."),
    ),
    Failure.DENIED: (
        403,
        _("Your institution did not log you in"),
        _("You stopped it there, or your account there may not be used here. Begin again, or ask your institution."),
    ),
    Failure.UNTRUSTED: (
        502,
        _("The answer of your institution’s login cannot be trusted"),
        _("It does not belong to this login, so nobody got in. Begin again; if it stays so, tell the administration."),
    ),
    Failure.STRAY: (
        400,
        _("This login did not begin here"),
        _("A login ends once, within 10 minutes, in the browser in which it began. Begin again."),
    ),
    Failure.UNKNOWN: (
        403,
        _NOT_IN,
        _("Your institution knows you, but nobody here has your number. Ask the administration to add you."),
    ),
    Failure.CLOSED: (403, _NOT_IN, _("Your account here is closed. Ask the administration of your institution.")),
    Failure.OPERATOR: (403, _NOT_IN, _("This is an operator’s account, which opens with its password only.")),
    Failure.TAKEN: (
        403,
        _NOT_IN,
        _("The account with your number belongs to another login of your institution. Ask the administration."),
    ),
}


class OpenIdError(Exception):
    """Nobody is let in; the text is for the log and holds no code, token or secret."""

    def __init__(self, failure: Failure, detail: str = "") -> None:
        super().__init__(f"{failure.value} {detail}".strip())
        self.failure = failure
