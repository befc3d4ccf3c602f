"""The key that signs blocks: a file outside of database and backups, and the public half among the log's keys."""

import contextlib
import os
import secrets
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from attendance import clock
from attendance.ledger.signing import SigningKey, new_signing_key, rotation_text, signing_key_of
from attendance.ledger.verify_receipt import Unproved, encode
from attendance.models import AttendanceEvent, LedgerKey
from attendance.services.events import ActDraft, record_act
from attendance.services.refusals import Refusal

DEVELOPMENT_NAME = "luminalearn.localhost/ledger"


def signing_key() -> SigningKey:
    """Return the key in `LEDGER_KEY_FILE`; a development installation makes one at the first time.

    Raises:
        Refusal: there is none, or the file holds something else.
    """
    path = Path(settings.LEDGER_KEY_FILE)
    if not path.exists() and not settings.PRODUCTION:
        # Of processes that start at once, one writes it.
        with contextlib.suppress(FileExistsError):
            _write(new_signing_key(DEVELOPMENT_NAME), path)
    try:
        return signing_key_of(path.read_text(encoding="ascii").strip())
    except FileNotFoundError as error:
        raise Refusal(_("%(path)s is not there. Make a key: manage.py ledger_key create NAME") % _in(path)) from error
    except (OSError, UnicodeDecodeError, Unproved) as error:
        raise Refusal(_("%(path)s holds no key of a ledger, or cannot be read.") % _in(path)) from error


def create_key(*, name: str) -> SigningKey:
    """Make a key for the log of that name, keep it in `LEDGER_KEY_FILE` and return it.

    Raises:
        Refusal: there is such a file already, it cannot be written, or a log cannot have that name.
    """
    path = Path(settings.LEDGER_KEY_FILE)
    try:
        key = new_signing_key(name)
        _write(key, path)
    except Unproved as error:
        raise Refusal(
            _("A log cannot be named “%(name)s”. Write an address without https://, such as example.org/ledger.")
            % {"name": name}
        ) from error
    except FileExistsError as error:
        raise Refusal(_("%(path)s is there already. A key is never overwritten.") % _in(path)) from error
    except OSError as error:
        why = {"path": path, "why": error.strerror}
        raise Refusal(_("%(path)s cannot be written: %(why)s.") % why) from error
    return key


def rotate_key() -> SigningKey:
    """Have a new key follow the log's, by an event that the old one signed, and return it.

    The new key lies beside the old one first, under its name and `.next`. Whoever is stopped between the event and the
    exchange of the files calls this again, and only the exchange is left to do.

    Raises:
        Refusal: there is no key or not the log's, or the files cannot be written.
    """
    path = Path(settings.LEDGER_KEY_FILE)
    waiting = path.with_name(f"{path.name}.next")
    old = signing_key()
    try:
        if not waiting.exists():
            _write(new_signing_key(old.public.name), waiting)
        new = signing_key_of(waiting.read_text(encoding="ascii").strip())
        with transaction.atomic():
            if not LedgerKey.objects.filter(text=new.public.text).exists():
                _record_rotation(known_key(old), old, new)
        waiting.replace(path)
    except OSError as error:
        raise Refusal(_("%(path)s cannot be written: %(why)s.") % {"path": path, "why": error.strerror}) from error
    return new


def _record_rotation(last: LedgerKey, old: SigningKey, new: SigningKey) -> None:
    signature = encode(old.sign(rotation_text(old.public, new.public)))
    record_act(
        ActDraft(
            kind=AttendanceEvent.Kind.KEY_ROTATED,
            organisation_id=None,
            actor_id=None,
            received_at=clock.now(),
            told={"old_key": old.public.text, "new_key": new.public.text, "signature": signature},
        )
    )
    # Its number is that of one row only, so of two who do this at once, one fails.
    LedgerKey.objects.create(number=last.number + 1, text=new.public.text, added_at=clock.now())


def known_key(key: SigningKey) -> LedgerKey:
    """Return the log's own row of its key, which the first block makes; to be called in a block's transaction.

    Raises:
        Refusal: the log has another key.
    """
    last = LedgerKey.objects.order_by("-number").first()
    if last is None:
        return LedgerKey.objects.create(number=1, text=key.public.text, added_at=clock.now())
    if last.text != key.public.text:
        raise Refusal(
            _("The key file holds %(found)s, but the log is signed with %(expected)s. Put that key back.")
            % {"found": key.public.text, "expected": last.text}
        )
    return last


def _in(path: Path) -> dict[str, Path]:
    return {"path": path}


def _write(key: SigningKey, path: Path) -> None:
    """Write the key to a file that its owner alone can read; an existing one is never replaced."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        with os.fdopen(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="ascii") as file:
            file.write(key.text + "\n")
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)
    finally:
        draft.unlink(missing_ok=True)
