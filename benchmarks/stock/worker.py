"""A process that answers requests for the constant page and tells what CPU time they took."""

import json
import sys

import django

django.setup()

from django.contrib.auth.models import User  # noqa: E402 -- needs the settings

from benchmarks.requests import Browser  # noqa: E402
from benchmarks.stock.members import signed_in  # noqa: E402


def main() -> None:
    """Log somebody in, then answer each line, a pair of size and number of requests, with the CPU seconds taken."""
    user = User.objects.create_user("reader", password=None)
    browser = Browser(f"sessionid={signed_in(user)}")
    for line in sys.stdin:
        size, number = json.loads(line)
        path = f"/constant/{size}/"
        if len(browser.get(path).body) != size:
            raise RuntimeError("The constant page is not what it should be.")
        sys.stdout.write(json.dumps(browser.cpu_seconds(path, number)) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
