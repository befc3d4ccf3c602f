"""First passwords: links by mail, codes on paper, and using them."""

import hashlib
import logging
import re
from datetime import timedelta

import pytest
from django.core import mail
from django.db.models import QuerySet
from pytest_django import Settings
from time_machine import TimeMachineFixture

from attendance.models import Activation, LoginSession, Throttle, User
from attendance.queries.activations import (
    ActivationState,
    Choice,
    Progress,
    activation_of,
    activation_of_code,
    code_hash,
    people_waiting,
    progress_of,
    proof_of,
    state_of,
)
from attendance.services import accounts, activations
from attendance.services.activation_mail import PER_LINE, outgoing
from attendance.services.refusals import Refusal
from tests.cast import PASSWORD, Campus, person
from tests.servers.mail_server import running_mail_server
from tests.servers.processes import free_port
from tests.sign_in.acts import at_once, wait, with_password

HOME = "192.0.2.7"


def those(*people: User) -> QuerySet[User]:
    return User.objects.filter(pk__in=[each.pk for each in people])


def send(campus: Campus, *people: User) -> activations.Sending:
    """Send links and wait until what became of the mails is written down."""
    sending = activations.send_links(
        people=those(*people), actor=campus.admin, link_to=lambda token: f"https://attendance.example/activate/{token}/"
    )
    outgoing.submit(int).result()  # Letters go one after the other, so the earlier ones are gone now.
    return sending


def token_in(message: mail.EmailMessage) -> str:
    return str(message.body).split("https://attendance.example/activate/")[1].split("/")[0]


def link_of(campus: Campus, someone: User) -> Activation:
    """Make a link without sending it: the mail waits for a commit that does not come."""
    activations.send_links(people=those(someone), actor=campus.admin, link_to=str)
    return Activation.objects.get(user=someone, used_at=None, revoked_at=None)


def printed(campus: Campus, someone: User) -> str:
    [slip] = activations.print_codes(people=those(someone), actor=campus.admin)
    return slip.code


def now(activation: Activation) -> ActivationState:
    return state_of(Activation.objects.select_related("user").get(pk=activation.pk))


# --- Links ------------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_the_mail_brings_a_link_of_which_only_the_hash_is_stored(campus: Campus) -> None:
    assert send(campus, campus.amira) == activations.Sending(1, 0)
    [message] = mail.outbox
    assert message.to == [campus.amira.email]
    token = token_in(message)
    assert len(token) == 43
    row = Activation.objects.values().get()
    assert token not in map(str, row.values())
    assert row["secret_hash"] == hashlib.sha256(token.encode()).hexdigest()
    assert row["sent_at"] is not None
    activation = activation_of(token)
    assert activation is not None
    assert (activation.user, activation.kind) == (campus.amira, "link")
    assert activation.expires_at - activation.created_at == timedelta(days=7)
    assert activation_of(token[:-1]) is None
    assert "user name amira" in str(message.body)
    assert token in str(message.alternatives[0].content)


@pytest.mark.django_db(transaction=True)
def test_a_mail_is_in_the_language_of_its_reader(campus: Campus) -> None:
    User.objects.filter(pk=campus.amira.pk).update(language="ar")
    send(campus, campus.amira, campus.bilal)
    arabic, english = sorted(mail.outbox, key=lambda message: message.to)
    assert 'dir="rtl"' in str(arabic.alternatives[0].content)
    assert 'dir="ltr"' in str(english.alternatives[0].content)


@pytest.mark.django_db(transaction=True)
def test_many_get_theirs_over_several_lines_to_the_server(campus: Campus) -> None:
    crowd = [person(campus.organisation, f"s{n}", "student", f"Student N{n}") for n in range(PER_LINE * 2 + 3)]
    User.objects.filter(pk=crowd[0].pk).update(email="")
    assert send(campus, *crowd) == activations.Sending(len(crowd) - 1, 1)
    assert len({token_in(message) for message in mail.outbox}) == len(crowd) - 1
    assert Activation.objects.filter(sent_at=None).count() == 0


@pytest.mark.django_db(transaction=True)
def test_a_mail_that_cannot_be_sent_is_logged_and_shown(
    campus: Campus, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
    with caplog.at_level(logging.ERROR, "lumina_learn"):
        send(campus, campus.amira, campus.bilal)
    assert "2 activation links could not be sent: ConnectionRefusedError" in caplog.text
    assert campus.amira.email not in caplog.text
    assert progress_of(campus.amira) == Progress.FAILED
    waiting = people_waiting([campus.organisation.pk], Choice(progress="failed"))
    assert {each.username for each in waiting} == {"amira", "bilal"}


@pytest.mark.django_db(transaction=True)
def test_an_address_no_mail_can_carry_fails_alone(campus: Campus) -> None:
    User.objects.filter(pk=campus.amira.pk).update(email="amira at\naldermoor")
    send(campus, campus.amira, campus.bilal)
    assert progress_of(campus.amira) == Progress.FAILED
    assert progress_of(campus.bilal) == Progress.SENT
    assert [message.to for message in mail.outbox] == [[campus.bilal.email]]


@pytest.mark.django_db(transaction=True)
def test_a_refused_mail_and_a_cut_line_fail_alone(campus: Campus, settings: Settings) -> None:
    crowd = [person(campus.organisation, f"s{n}", "student", f"Student N{n}") for n in range(PER_LINE + 5)]
    User.objects.filter(pk=crowd[1].pk).update(email="refused@aldermoor.example")
    User.objects.filter(pk=crowd[3].pk).update(email="cut@aldermoor.example")
    with running_mail_server() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS = "127.0.0.1", server.port, False
        send(campus, *crowd)
    failed = Activation.objects.exclude(failed_at=None).values_list("user__username", flat=True)
    assert set(failed) == {"s1", "s3"}
    assert len(server.taken) == Activation.objects.exclude(sent_at=None).count() == len(crowd) - 2


def test_nothing_is_mailed_before_the_rows_are_committed(campus: Campus) -> None:
    link_of(campus, campus.amira)
    outgoing.submit(int).result()
    assert mail.outbox == []
    assert progress_of(campus.amira) == Progress.SENDING


# --- Who gets one -----------------------------------------------------------------------------------------------


def test_who_has_a_password_is_refused_with_a_sentence(campus: Campus) -> None:
    with_password(campus.amira)
    for make in (link_of, printed):
        with pytest.raises(Refusal, match="Amira Haddad has a password already"):
            make(campus, campus.amira)
    assert not Activation.objects.exists()


def test_who_may_not_log_in_is_refused(campus: Campus) -> None:
    User.objects.filter(pk=campus.amira.pk).update(is_active=False)
    with pytest.raises(Refusal, match="cannot log in"):
        printed(campus, campus.amira)


def test_who_has_no_address_gets_no_link(campus: Campus) -> None:
    User.objects.filter(pk=campus.amira.pk).update(email="")
    with pytest.raises(Refusal, match="has no e-mail address"):
        link_of(campus, campus.amira)
    assert printed(campus, campus.amira)


def test_an_operators_account_is_out_of_an_administrators_reach(campus: Campus) -> None:
    User.objects.filter(pk=campus.bilal.pk).update(is_superuser=True)
    with pytest.raises(Refusal, match="is an operator"):
        printed(campus, campus.bilal)
    User.objects.filter(pk=campus.admin.pk).update(is_superuser=True)
    campus.admin.refresh_from_db()
    assert printed(campus, campus.bilal)


def test_of_many_those_who_cannot_use_one_are_passed_over(campus: Campus) -> None:
    with_password(campus.amira)
    slips = activations.print_codes(people=those(campus.amira, campus.bilal, campus.outsider), actor=campus.admin)
    assert [slip.person.username for slip in slips] == ["bilal", "omar"]


def test_nobody_at_all_is_refused(campus: Campus) -> None:
    with pytest.raises(Refusal, match="Nobody here waits"):
        activations.print_codes(people=User.objects.none(), actor=campus.admin)


def test_too_many_for_one_sheet_are_refused(campus: Campus, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(activations, "MOST_SLIPS", 1)
    with pytest.raises(Refusal, match="2 codes are too many for one sheet"):
        activations.print_codes(people=those(campus.amira, campus.bilal), actor=campus.admin)
    assert not Activation.objects.exists()


def test_a_new_one_ends_those_before_of_the_same_person_only(campus: Campus) -> None:
    first, others = link_of(campus, campus.amira), link_of(campus, campus.bilal)
    printed(campus, campus.amira)
    assert (now(first), now(others)) == (ActivationState.REVOKED, ActivationState.OPEN)
    last = link_of(campus, campus.amira)
    assert Activation.objects.filter(user=campus.amira, revoked_at=None).get() == last


@pytest.mark.django_db(transaction=True)
def test_of_several_sheets_at_once_one_code_of_each_person_stays_open(campus: Campus) -> None:
    def print_both(_each: int) -> list[str]:
        both = those(campus.amira, campus.bilal)
        return [slip.code for slip in activations.print_codes(people=both, actor=campus.admin)]

    sheets = at_once(4, print_both)
    open_ones = Activation.objects.filter(revoked_at=None).select_related("user")
    assert sorted(each.user.username for each in open_ones) == ["amira", "bilal"]
    found = [activation_of_code("bilal", codes[0]) for codes in sheets]
    assert [state_of(each) for each in found if each].count(ActivationState.OPEN) == 1


# --- Progress ---------------------------------------------------------------------------------------------------


def test_the_list_of_those_who_wait_follows_what_happens(campus: Campus, time_machine: TimeMachineFixture) -> None:
    def waiting(**choice: str) -> set[str]:
        return {each.username for each in people_waiting([campus.organisation.pk], Choice(**choice))}

    everybody = {"bilal", "omar", "ines", "amira", "bruno", "tomas", "greta", "kwame"}
    assert waiting() == waiting(progress="new") == everybody
    assert waiting(role="student") == {"bilal", "omar", "amira"}
    assert waiting(search="had") == {"amira"}
    with_password(campus.ines)
    User.objects.filter(pk=campus.kwame.pk).update(last_login=campus.kwame.date_joined)
    User.objects.filter(pk=campus.other_teacher.pk).update(is_active=False)
    assert waiting() == everybody - {"ines", "kwame", "bruno"}
    printed(campus, campus.bilal)
    activations.activate(activation=link_of(campus, campus.amira), password=PASSWORD)
    assert waiting() == {"bilal", "omar", "tomas", "greta"}
    assert waiting(progress="printed") == {"bilal"}
    assert [progress_of(each) for each in (campus.amira, campus.ines)] == [Progress.ACTIVATED, ""]
    wait(time_machine, timedelta(days=30))
    assert waiting(progress="ended") == {"bilal"}


# --- Codes ------------------------------------------------------------------------------------------------------


def test_a_code_is_readable_and_only_a_keyed_hash_of_it_is_stored(campus: Campus) -> None:
    code = printed(campus, campus.amira)
    assert re.fullmatch("[2-9A-HJKMNP-TV-Z]{5}-[2-9A-HJKMNP-TV-Z]{5}", code)
    row = Activation.objects.values().get()
    assert row["expires_at"] - row["created_at"] == timedelta(days=30)
    bare = {hashlib.sha256(spelling.encode()).hexdigest() for spelling in (code, code.replace("-", ""))}
    assert row["secret_hash"] not in bare
    assert code not in map(str, row.values())
    assert code_hash(campus.amira.pk, code) == row["secret_hash"] != code_hash(campus.bilal.pk, code)


def test_without_the_key_of_the_installation_a_stored_hash_fits_no_code(campus: Campus, settings: Settings) -> None:
    code = printed(campus, campus.amira)
    assert activation_of_code("amira", code) is not None
    settings.SECRET_KEY = "another key " * 6
    assert activation_of_code("amira", code) is None


@pytest.mark.parametrize("name", ["amira", "AMIRA", " Amira@aldermoor.example "])
def test_a_person_is_named_as_at_the_login_and_spelling_does_not_matter(campus: Campus, name: str) -> None:
    code = printed(campus, campus.amira)
    for typed in (code, code.lower(), code.replace("-", " "), f" {code} "):
        activation = activation_of_code(name, typed)
        assert activation is not None
        assert activation.user == campus.amira


def test_a_code_is_for_its_person_only(campus: Campus) -> None:
    code = printed(campus, campus.amira)
    printed(campus, campus.bilal)
    assert [activation_of_code(name, code) for name in ("bilal", "nobody", "")] == [None] * 3


def test_people_of_two_institutions_may_share_a_number(campus: Campus) -> None:
    twin = person(campus.foreign_admin.organisation, "amira2", "student", "Amira Malik")
    User.objects.filter(pk__in=[twin.pk, campus.amira.pk]).update(number="1001")
    codes = {each.pk: printed(campus, each) for each in (twin, campus.amira)}
    found = {pk: activation_of_code("1001", code) for pk, code in codes.items()}
    assert all(activation is not None and activation.user_id == pk for pk, activation in found.items())


def test_a_link_is_no_code_and_a_code_is_no_link(campus: Campus) -> None:
    code = printed(campus, campus.amira)
    assert activation_of(code) is None
    link = link_of(campus, campus.bilal)
    assert activation_of_code("bilal", link.secret_hash) is None


def test_wrong_codes_are_counted_as_wrong_passwords_are(campus: Campus) -> None:
    code = printed(campus, campus.amira)
    for left in (4, 3, 2, 1, 0):
        found, attempt = activations.try_code(identifier="amira", code="AAAAA-AAAAA", address=HOME)
        assert (found, attempt.admitted, attempt.left) == (None, True, left)
    found, attempt = activations.try_code(identifier="AMIRA@aldermoor.example", code=code, address=HOME)
    assert (found, attempt.admitted) == (None, False)
    found, attempt = activations.try_code(identifier="amira", code=code, address="198.51.100.9")
    assert found is not None


def test_a_right_code_forgets_the_wrong_ones(campus: Campus) -> None:
    code = printed(campus, campus.amira)
    activations.try_code(identifier="amira", code="wrong", address=HOME)
    activations.try_code(identifier="amira", code=code, address=HOME)
    assert not Throttle.objects.filter(purpose="activate").exists()


def test_a_proof_stands_in_for_a_code_for_a_quarter_of_an_hour(
    campus: Campus, time_machine: TimeMachineFixture
) -> None:
    activation = activation_of_code("amira", printed(campus, campus.amira))
    assert activation is not None
    proof = proof_of(activation)
    assert activation_of(proof) == activation
    assert activation_of(proof[:-1]) is None
    wait(time_machine, timedelta(minutes=15, seconds=2))
    assert activation_of(proof) is None


# --- Using one --------------------------------------------------------------------------------------------------


def test_activating_sets_the_password_once(campus: Campus, caplog: pytest.LogCaptureFixture) -> None:
    activation = link_of(campus, campus.amira)
    with caplog.at_level(logging.INFO, "lumina_learn"):
        amira = activations.activate(activation=activation, password=PASSWORD)
    assert amira.check_password(PASSWORD)
    assert now(activation) is ActivationState.USED
    assert f"User {amira.pk} set a first password by activation {activation.pk}" in caplog.text
    with pytest.raises(Refusal, match="not open any more"):
        activations.activate(activation=activation, password="another quiet horse")
    assert User.objects.get(pk=amira.pk).check_password(PASSWORD)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_use_one_link_at_once_one_gets_in(campus: Campus) -> None:
    activation = link_of(campus, campus.amira)

    def use(each: int) -> str:
        try:
            activations.activate(activation=activation, password=f"{PASSWORD} {each}")
        except Refusal:
            return "refused"
        return f"{PASSWORD} {each}"

    results = at_once(4, use)
    assert results.count("refused") == 3
    [password] = [each for each in results if each != "refused"]
    assert User.objects.get(pk=campus.amira.pk).check_password(password)


@pytest.mark.parametrize(
    ("what", "state"),
    [
        ("expired", ActivationState.EXPIRED),
        ("revoked", ActivationState.REVOKED),
        ("closed", ActivationState.CLOSED),
        ("not needed", ActivationState.NOT_NEEDED),
    ],
)
def test_what_is_not_open_any_more_opens_nothing(
    campus: Campus, time_machine: TimeMachineFixture, what: str, state: ActivationState
) -> None:
    activation = link_of(campus, campus.amira)
    acts = {
        "expired": lambda: wait(time_machine, timedelta(days=7)),
        "revoked": lambda: activations.revoke(person=campus.amira, actor=campus.admin),
        "closed": lambda: accounts.deactivate(person=campus.amira, actor=campus.admin),
        "not needed": lambda: with_password(campus.amira),
    }
    acts[what]()
    before = User.objects.values().get(pk=campus.amira.pk)
    assert now(activation) is state
    with pytest.raises(Refusal, match="not open any more"):
        activations.activate(activation=activation, password="another quiet horse")
    assert User.objects.values().get(pk=campus.amira.pk) == before
    assert not LoginSession.objects.exists()


def test_a_link_lives_for_seven_days(campus: Campus, time_machine: TimeMachineFixture) -> None:
    activation = link_of(campus, campus.amira)
    wait(time_machine, timedelta(days=6, hours=23))
    assert now(activation) is ActivationState.OPEN


def test_what_is_used_or_gone_cannot_be_taken_back(campus: Campus) -> None:
    assert not activations.revoke(person=campus.amira, actor=campus.admin)
    activations.activate(activation=link_of(campus, campus.amira), password=PASSWORD)
    assert not activations.revoke(person=campus.amira, actor=campus.admin)


def test_a_first_password_forgets_failed_logins(campus: Campus) -> None:
    Throttle.objects.create(
        purpose="login", account=f"id:{campus.amira.pk}", address=HOME, since=campus.amira.date_joined, failures=5
    )
    activations.activate(activation=link_of(campus, campus.amira), password=PASSWORD)
    assert not Throttle.objects.exists()
