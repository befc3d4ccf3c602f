"""Storing a plan as it is: the way of an import without a file, for what we make up ourselves."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db import transaction

from attendance.importers.plans import record_of_person, records_of_plan
from attendance.importers.records import Kind, Place, Reading
from attendance.models import ImportRow, Organisation, Term, User
from attendance.services.importing.applying import carry_out
from attendance.services.importing.comparison import compare
from attendance.services.importing.institutions import found_institution
from attendance.services.refusals import Refusal
from attendance.timetable.plan import Plan, PlannedPerson


@dataclass(frozen=True)
class StoredPlan:
    """Where a plan was stored, and by kind of row how many are `new` and how many were the `same` before."""

    organisation: Organisation
    term: Term
    counts: Mapping[str, Mapping[str, int]]

    @property
    def made(self) -> int:
        """How many rows were made in all."""
        return sum(counts.get("new", 0) for counts in self.counts.values())


def store_plan(*, plan: Plan) -> StoredPlan:
    """Store what the plan has and the database has not, in one transaction; what is there already stays as it is.

    People get addresses for mail that reach nobody (RFC 2606, section 3).

    Raises:
        Refusal: the institution cannot be made so, or a row is refused; nothing is stored then.
    """
    with transaction.atomic():
        organisation = Organisation.objects.select_for_update(no_key=True).filter(slug=plan.slug).first()
        if organisation is None:
            organisation = found_institution(slug=plan.slug, name=plan.name, time_zone=plan.time_zone)
        counts = _store(organisation, records_of_plan(plan, plan.slug, mail_domain=f"{plan.slug}.example"))
    return StoredPlan(organisation, Term.objects.get(organisation=organisation, name=plan.term.name), counts)


def store_people(*, organisation: Organisation, people: Iterable[PlannedPerson], role: User.Role) -> None:
    """Store those of these people whose number nobody in the institution has.

    Raises:
        Refusal: as `store_plan`.
    """
    place = Place(organisation.slug, 0)
    domain = f"{organisation.slug}.example"
    records = [record_of_person(person, role.value, place, mail_domain=domain) for person in people]
    with transaction.atomic():
        _store(organisation, Reading(records=tuple(records)))


def _store(organisation: Organisation, reading: Reading) -> Mapping[str, Mapping[str, int]]:
    comparison = compare(organisation=organisation, reading=reading)
    rows: dict[Kind, list[ImportRow]] = {}
    for row in comparison.rows():
        if row is None:
            continue
        if row.action == ImportRow.Action.REFUSED:
            raise Refusal(f"{' '.join(row.key)}: {row.reason}")
        rows.setdefault(Kind(row.kind), []).append(row)
    carry_out(organisation, rows)
    return {str(kind): dict(counts) for kind, counts in comparison.counts.items()}
