"""Current marks made from the events: what the record says, in one statement."""

from django.db import connection

from attendance.models import Organisation

_PROJECT = """
INSERT INTO attendance_attendance (lecture_id, student_id, status, version, event_id, recorded_at)
SELECT lecture_id, student_id, to_status, version, id, received_at
FROM (
    SELECT lecture_id, student_id, to_status, id, received_at,
           count(*) OVER (PARTITION BY lecture_id, student_id) AS version,
           row_number() OVER (PARTITION BY lecture_id, student_id ORDER BY id DESC) AS place
    FROM attendance_attendanceevent
    WHERE organisation_id = %s AND kind = 'marked'
) marks
WHERE place = 1
ORDER BY lecture_id, student_id
"""


def project_marks(*, organisation: Organisation) -> int:
    """Store the mark that follows from the events of each student and lecture; return how many there are.

    The organisation has no marks yet; to be called in the transaction of its first events.
    """
    field = Organisation._meta.pk
    with connection.cursor() as cursor:
        cursor.execute(_PROJECT, [field.get_db_prep_value(organisation.pk, connection)])
        return int(cursor.rowcount)
