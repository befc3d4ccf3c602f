"""A process that looks at the list of teachers whenever it is told to: `python -m tests.faults.page_reader PERSON`.

For each line it reads it prints one of JSON: the status of the page, how many queries it took, whether the list on the
page holds the name Changed, and whether the list that scripts read does.
"""

import json
import sys

import django

django.setup()

from django.db import connection  # noqa: E402 -- models need the setup
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402

from attendance.models import User  # noqa: E402
from attendance.queries.directories import teacher_list  # noqa: E402


def main() -> None:
    reader, browser = User.objects.get(pk=int(sys.argv[1])), Client(headers={"host": "localhost"})
    browser.force_login(reader)
    for _line in sys.stdin:
        with CaptureQueriesContext(connection) as queries:
            page = browser.get("/teachers/")
            rows = teacher_list(organisation=reader.organisation_id.hex)
        answer = {
            "status": page.status_code,
            "queries": len(queries),
            "page": "Changed" in page.content.decode(),
            "rows": "Changed" in str(rows),
        }
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
