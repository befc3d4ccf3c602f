"""How passwords are kept."""

import os
import threading

from django.contrib.auth.hashers import check_password, make_password

from attendance.sign_in import hashing
from tests.cast import PASSWORD


def test_passwords_are_kept_as_argon2id_with_their_cost() -> None:
    encoded = make_password(PASSWORD)
    assert encoded.startswith("argon2$argon2id$v=19$m=19456,t=2,p=1$")
    assert check_password(PASSWORD, encoded)
    assert not check_password(PASSWORD + " ", encoded)


def test_hashes_wait_while_all_slots_are_taken() -> None:
    taken = [hashing._SLOTS.acquire(blocking=False) for _slot in range(os.cpu_count() or 1)]
    assert all(taken)
    done = threading.Event()

    def hash_and_tell() -> None:
        make_password(PASSWORD)
        done.set()

    burst = threading.Thread(target=hash_and_tell)
    burst.start()
    assert not done.wait(timeout=0.3)
    for _slot in taken:
        hashing._SLOTS.release()
    assert done.wait(timeout=30)
    burst.join()
