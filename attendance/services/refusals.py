"""Why a service did not do what it was asked."""


class Refusal(Exception):
    """A request that cannot be granted; its text is a sentence for the person who asked, and nothing was stored."""
