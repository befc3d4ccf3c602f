"""Anchoring: the hash of the newest block goes into a public chain, where nobody can take it back.

One anchor covers all blocks before it. A transaction is signed and stored before it is handed in, and the same one is
handed in again until a ledger has it or none can take it any more. The chain takes a transaction once, however often
it comes, so whoever is killed anywhere in this has anchored nothing twice and lost nothing. That is also why several
processes need no lock: at worst they hand in the same one. Nothing waits for this, and no transaction of the database
is open while the network is waited for.
"""

import logging
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from attendance import clock
from attendance.ledger.anchor_format import NAME, Anchored, memo_of, value_of
from attendance.models import Anchor, Checkpoint
from attendance.queries.anchors import horizon_of, latest_anchor, unfinished_anchor, waits_for_anchor
from attendance.services.refusals import Refusal
from attendance.stellar import envelopes
from attendance.stellar.horizon import Horizon, HorizonError, Taken, Trouble

log = logging.getLogger("lumina_learn.ledger")

VALID_FOR = timedelta(hours=3)
"""How long a ledger may take a transaction, on the chain's own clock."""
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=30), timedelta(hours=1)


def anchor_newest() -> Anchor | None:
    """Try to anchor the newest block now and return the anchor as it stands then; None when nothing is to be anchored.

    Raises:
        Refusal: anchoring is off.
    """
    network = settings.STELLAR_NETWORK
    if not network:
        raise Refusal(_("Anchoring is off. Set STELLAR_NETWORK and STELLAR_SECRET_KEY_FILE."))
    anchor = unfinished_anchor(network)
    if anchor:
        anchor = _tried(anchor)
        if not anchor.given_up_at:
            return anchor
    begun = _begun(network)
    return _tried(begun) if begun else anchor


def anchor_when_due() -> None:
    """Try to anchor the newest block if it is time: an hour after the last one, or for the next try of this one."""
    network = settings.STELLAR_NETWORK
    if not network:
        return
    anchor = unfinished_anchor(network)
    if anchor is None and _is_due(network):
        anchor = _begun(network)
    if anchor and anchor.next_try_at <= clock.now():
        _tried(anchor)


def _is_due(network: str) -> bool:
    last = latest_anchor(network)
    pause = timedelta(minutes=settings.LEDGER_ANCHOR_MINUTES)
    if last and last.confirmed_at and clock.now() < last.confirmed_at + pause:
        return False
    return waits_for_anchor(network)


# --- One try ----------------------------------------------------------------------------------------------------------


def _begun(network: str) -> Anchor | None:
    """Begin an anchor and return it, or the one that another process began; None when no block waits for one."""
    now, last = clock.now(), Anchor.objects.filter(network=network).last()
    # What failed in a ledger cost its fee. The next one goes on waiting from there.
    attempts = last.attempts if last and last.given_up_at and last.problem == Anchor.Problem.REFUSED else 0
    with transaction.atomic():
        anchor, is_new = Anchor.objects.get_or_create(
            network=network,
            confirmed_at=None,
            given_up_at=None,
            defaults={"begun_at": now, "attempts": attempts, "next_try_at": now + _wait(attempts)},
        )
        # Asked once the row is there: it comes after the end of the one before, which can be seen now.
        if is_new and not waits_for_anchor(network):
            transaction.set_rollback(True)
            return None
    return anchor


def _wait(attempts: int) -> timedelta:
    """Return how long to wait after so many tries."""
    return min(FIRST_WAIT * 2 ** min(attempts - 1, 10), LONGEST_WAIT) if attempts else timedelta(0)


def _unfinished(anchor: Anchor) -> QuerySet[Anchor]:
    return Anchor.objects.filter(pk=anchor.pk, confirmed_at=None, given_up_at=None)


def _tried(anchor: Anchor) -> Anchor:
    """Bring an anchor as far as it comes now, and return it as it is stored then."""
    if _claimed(anchor):
        try:
            _advance(anchor, horizon_of(anchor.network))
        except HorizonError as error:
            _note(anchor, Anchor.Problem(error.trouble), error.detail)
        except envelopes.SecretError:
            _note(anchor, Anchor.Problem.NO_KEY)
    anchor.refresh_from_db()
    return anchor


def _claimed(anchor: Anchor) -> bool:
    """Count a try, which keeps others from one until the next is due; no when another process was quicker."""
    attempts = anchor.attempts + 1
    counted = {"attempts": attempts, "next_try_at": clock.now() + _wait(attempts)}
    return bool(_unfinished(anchor).filter(attempts=anchor.attempts).update(**counted))


def _advance(anchor: Anchor, horizon: Horizon) -> None:
    if not anchor.envelope:
        _sign(anchor, horizon)
    elif _is_settled(anchor, horizon):
        return
    _unfinished(anchor).filter(submitted_at=None).update(submitted_at=clock.now())
    _end(anchor, horizon.submit(anchor.envelope))


def _sign(anchor: Anchor, horizon: Horizon) -> None:
    """Sign the transaction for the newest block and store it; one that another process has stored meanwhile stands."""
    secret = _secret()
    account = envelopes.account_of(secret)
    ends_at = horizon.tip().closed_at + VALID_FOR
    sequence = horizon.sequence_of(account)
    if sequence is None:
        raise HorizonError(Trouble.NO_ACCOUNT, account)
    block = Checkpoint.objects.latest("number")
    signed = envelopes.signed(
        secret=secret,
        network=horizon.network,
        sequence=sequence + 1,
        ends_at=int(ends_at.timestamp()),
        memo=memo_of(block.note),
        name=NAME,
        value=value_of(Anchored(block.size, bytes(block.root))),
    )
    _unfinished(anchor).filter(envelope="").update(
        account=account,
        checkpoint=block,
        envelope=signed.envelope,
        transaction_hash=signed.hash,
        sequence=sequence + 1,
        ends_at=ends_at,
        signed_at=clock.now(),
    )
    anchor.refresh_from_db()


def _secret() -> str:
    """Return the text in the file of the secret key; none is no key either, and that is what is said of it."""
    try:
        return Path(settings.STELLAR_SECRET_KEY_FILE).read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""


def _is_settled(anchor: Anchor, horizon: Horizon) -> bool:
    """Find out what became of a stored transaction, and say whether that was its end.

    The transaction is asked for last. What was known before of the time and of the account's numbers then tells for
    sure whether a ledger may still take it.
    """
    closed_at, used = horizon.tip().closed_at, horizon.sequence_of(anchor.account)
    taken = horizon.transaction(anchor.transaction_hash)
    if taken:
        _end(anchor, taken)
    elif anchor.ends_at and closed_at > anchor.ends_at:
        _give_up(anchor, Anchor.Problem.TOO_LATE)
    elif used is not None and anchor.sequence and used >= anchor.sequence:
        _give_up(anchor, Anchor.Problem.TAKEN_NUMBER)
    else:
        return False
    return True


# --- What became of it ------------------------------------------------------------------------------------------------


def _end(anchor: Anchor, taken: Taken) -> None:
    if taken.hash != anchor.transaction_hash:
        raise HorizonError(Trouble.STRANGE, "another transaction")
    if not taken.successful:
        _give_up(anchor, Anchor.Problem.REFUSED)
        return
    confirmed = {"confirmed_at": clock.now(), "ledger": taken.ledger, "problem": "", "problem_detail": ""}
    if _unfinished(anchor).update(**confirmed):
        told = (anchor.checkpoint_id, taken.ledger, anchor.network, taken.hash)
        log.info("Block %s is anchored in ledger %s of Stellar's %s network: %s", *told)


def _give_up(anchor: Anchor, why: Anchor.Problem) -> None:
    if _unfinished(anchor).update(given_up_at=clock.now(), problem=why, problem_detail=""):
        log.warning("Transaction %s anchors nothing any more. %s", anchor.transaction_hash, why.label)


def _note(anchor: Anchor, problem: Anchor.Problem, detail: str = "") -> None:
    """Store why it did not come about, and log it when it is another reason than last time."""
    if (anchor.problem, anchor.problem_detail) != (problem, detail):
        log.warning("The ledger was not anchored: %s (%s)", problem.label, detail or problem)
    _unfinished(anchor).update(problem=problem, problem_detail=detail)
