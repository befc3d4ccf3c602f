"""Counting failures: exactly, per account and address, and never against a whole campus."""

import threading

import pytest
from time_machine import TimeMachineFixture

from attendance import clock
from attendance.models import Throttle
from attendance.services import throttle
from attendance.services.throttle import CROWD, LIMITS, Subject, begin_attempt, failures_from, subject_named
from tests.cast import Campus
from tests.sign_in.acts import at_once, wait

LOGIN = Throttle.Purpose.LOGIN
ENROLMENT = Throttle.Purpose.ENROLMENT_CODE
CAMPUS_NETWORK = "192.0.2.7"
HOME = "198.51.100.20"


def fail(account: str, times: int, address: str = CAMPUS_NETWORK) -> None:
    for _time in range(times):
        begin_attempt(purpose=LOGIN, subject=Subject(account, address))


@pytest.mark.parametrize(("purpose", "failures"), [("login", 5), ("reset", 5), ("enrol", 10)])
def test_as_many_attempts_are_admitted_as_the_limit_says(db: None, purpose: str, failures: int) -> None:
    subject = Subject("id:1", HOME)
    attempts = [begin_attempt(purpose=Throttle.Purpose(purpose), subject=subject) for _time in range(failures + 2)]
    assert [attempt.admitted for attempt in attempts] == [True] * failures + [False, False]
    assert [attempt.left for attempt in attempts] == [*range(failures - 1, -1, -1), 0, 0]


def test_the_window_runs_from_the_first_failure_and_knocking_does_not_prolong_it(
    db: None, time_machine: TimeMachineFixture
) -> None:
    time_machine.move_to("2026-11-19 09:00:00+00:00", tick=False)
    fail("id:1", 1)
    time_machine.move_to("2026-11-19 09:10:00+00:00", tick=False)
    fail("id:1", 6)
    knock = begin_attempt(purpose=LOGIN, subject=Subject("id:1", CAMPUS_NETWORK))
    assert not knock.admitted
    assert f"{knock.opens_at:%H:%M:%S}" == "09:15:00"

    time_machine.move_to("2026-11-19 09:15:00+00:00", tick=False)
    assert begin_attempt(purpose=LOGIN, subject=Subject("id:1", CAMPUS_NETWORK)).admitted


def test_another_address_another_account_and_another_purpose_have_counters_of_their_own(db: None) -> None:
    fail("id:1", 6)
    assert begin_attempt(purpose=LOGIN, subject=Subject("id:1", HOME)).left == 4
    assert begin_attempt(purpose=LOGIN, subject=Subject("id:2", CAMPUS_NETWORK)).left == 4
    assert begin_attempt(purpose=ENROLMENT, subject=Subject("id:1", CAMPUS_NETWORK)).left == 9


def test_all_names_of_an_account_share_a_counter(campus: Campus) -> None:
    amira = campus.amira
    names = [amira.username, amira.number.lower(), amira.email.upper(), f" {amira.username} "]
    assert {subject_named(name, HOME) for name in names} == {Subject(f"id:{amira.pk}", HOME)}


def test_a_name_that_nobody_has_is_counted_however_it_is_written(campus: Campus) -> None:
    assert subject_named("Nobody@aldermoor.example ", HOME) == subject_named("nobody@ALDERMOOR.example", HOME)
    fail("name:nobody", 5)
    assert not begin_attempt(purpose=LOGIN, subject=subject_named("Nobody", CAMPUS_NETWORK)).admitted


def test_a_name_of_any_length_fits_into_the_table(campus: Campus) -> None:
    assert begin_attempt(purpose=LOGIN, subject=subject_named("İ" * 254, HOME)).admitted


@pytest.mark.parametrize(
    ("address", "counted_as"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:aaaa::1", "2001:db8:1:2::"),
        ("2001:db8:1:2:bbbb::9", "2001:db8:1:2::"),
        ("2001:db8:1:3::1", "2001:db8:1:3::"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
    ],
)
def test_an_ipv6_network_counts_as_one_address(campus: Campus, address: str, counted_as: str) -> None:
    assert throttle.subject_of(campus.amira, address).address == counted_as


def test_success_forgets_one_counter_and_a_new_password_all_of_them(campus: Campus) -> None:
    here, there = (throttle.subject_of(campus.amira, address) for address in (CAMPUS_NETWORK, HOME))
    classmate = throttle.subject_of(campus.bilal, CAMPUS_NETWORK)
    for subject in (here, there, classmate):
        begin_attempt(purpose=LOGIN, subject=subject)

    throttle.forget(purpose=LOGIN, subject=here)
    assert begin_attempt(purpose=LOGIN, subject=here).left == 4
    assert begin_attempt(purpose=LOGIN, subject=there).left == 3

    throttle.forget_everywhere(purpose=LOGIN, account=campus.amira)
    assert begin_attempt(purpose=LOGIN, subject=there).left == 4
    assert begin_attempt(purpose=LOGIN, subject=classmate).left == 3


def test_forgiving_takes_back_one_failure_and_never_more_than_there_were(db: None) -> None:
    subject = Subject("id:1", HOME)
    for _time in range(3):
        begin_attempt(purpose=ENROLMENT, subject=subject)
    throttle.forgive(purpose=ENROLMENT, subject=subject)
    assert begin_attempt(purpose=ENROLMENT, subject=subject).left == 7

    for _time in range(5):
        throttle.forgive(purpose=ENROLMENT, subject=subject)
    assert begin_attempt(purpose=ENROLMENT, subject=subject).left == 9


def test_counters_that_ended_leave_the_table(db: None, time_machine: TimeMachineFixture) -> None:
    for number in range(20):
        fail(f"name:{number}", 1)
    wait(time_machine, LIMITS[LOGIN].window)
    fail("name:latest", 1)
    assert [counter.account for counter in Throttle.objects.all()] == ["name:latest"]


@pytest.mark.django_db(transaction=True)
def test_twenty_failures_at_once_count_as_twenty() -> None:
    attempts = at_once(20, lambda each: begin_attempt(purpose=LOGIN, subject=Subject(f"id:{each % 4}", CAMPUS_NETWORK)))
    assert all(attempt.admitted for attempt in attempts)
    assert sorted(attempt.left for attempt in attempts) == sorted([0, 1, 2, 3, 4] * 4)
    assert failures_from(purpose=LOGIN, address=CAMPUS_NETWORK) == 20


@pytest.mark.django_db(transaction=True)
def test_of_twenty_guesses_at_once_five_are_looked_at() -> None:
    attempts = at_once(20, lambda _each: begin_attempt(purpose=LOGIN, subject=Subject("id:1", HOME)))
    assert sum(attempt.admitted for attempt in attempts) == 5
    assert failures_from(purpose=LOGIN, address=HOME) == 5


@pytest.mark.django_db(transaction=True)
def test_of_twenty_guesses_at_once_after_a_window_ended_five_are_looked_at(time_machine: TimeMachineFixture) -> None:
    fail("id:1", 5, HOME)
    wait(time_machine, LIMITS[LOGIN].window)
    attempts = at_once(20, lambda _each: begin_attempt(purpose=LOGIN, subject=Subject("id:1", HOME)))
    assert sum(attempt.admitted for attempt in attempts) == 5


def test_failures_of_an_address_are_summed_over_accounts_within_the_window(
    db: None, time_machine: TimeMachineFixture
) -> None:
    fail("id:1", 5)
    fail("name:x", 3)
    fail("id:1", 2, HOME)
    assert failures_from(purpose=LOGIN, address=CAMPUS_NETWORK) == 8
    assert failures_from(purpose=ENROLMENT, address=CAMPUS_NETWORK) == 0
    wait(time_machine, LIMITS[LOGIN].window)
    assert failures_from(purpose=LOGIN, address=CAMPUS_NETWORK) == 0


def failed_from(address: str, failures: int) -> None:
    Throttle.objects.create(purpose=LOGIN, account="name:x", address=address, since=clock.now(), failures=failures)


def most_inside_at_once(address: str, patience: float) -> int:
    """Let two threads check a password from that address and return how many were inside together."""
    both_inside = threading.Barrier(2)

    def check(_each: int) -> bool:
        with throttle.turn(purpose=LOGIN, address=address):
            try:
                both_inside.wait(timeout=patience)
            except threading.BrokenBarrierError:
                return False
            return True

    return 2 if all(at_once(2, check)) else 1


@pytest.mark.django_db(transaction=True)
def test_attempts_of_an_ordinary_address_run_side_by_side() -> None:
    failed_from(CAMPUS_NETWORK, CROWD)
    assert most_inside_at_once(CAMPUS_NETWORK, patience=30) == 2


@pytest.mark.django_db(transaction=True)
def test_attempts_of_a_crowded_address_take_turns_and_none_is_refused() -> None:
    failed_from(CAMPUS_NETWORK, CROWD + 1)
    assert most_inside_at_once(CAMPUS_NETWORK, patience=0.5) == 1
    assert most_inside_at_once(HOME, patience=30) == 2
    assert begin_attempt(purpose=LOGIN, subject=Subject("id:9", CAMPUS_NETWORK)).admitted
