"""Password hashing that stays affordable at nine o'clock: Argon2id, a bounded number at a time."""

import os
import threading

from django.contrib.auth.hashers import Argon2PasswordHasher

# More hashes than cores at a time would not finish sooner, only take memory from each other.
_SLOTS = threading.BoundedSemaphore(os.cpu_count() or 1)


class BoundedArgon2PasswordHasher(Argon2PasswordHasher):
    """Argon2id with the second of the equal settings in the OWASP Password Storage Cheat Sheet: 19 MiB, 2 passes.

    As many run at a time as the machine has cores; a burst of sign-ins waits its turn instead of using up memory.
    """

    time_cost = 2
    memory_cost = 19 * 1024
    parallelism = 1

    def encode(self, password: str, salt: str) -> str:
        """Return the encoded hash of a password, once a slot is free."""
        with _SLOTS:
            return super().encode(password, salt)

    def verify(self, password: str, encoded: str) -> bool:
        """Say whether the password belongs to the encoded hash, once a slot is free."""
        with _SLOTS:
            return super().verify(password, encoded)
