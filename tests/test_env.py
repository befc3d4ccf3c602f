"""Variables are understood completely or the start stops with one sentence; the template lists every one of them."""

import itertools
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from dotenv import dotenv_values

from attendance_system.env import Environment
from tests.servers.environment import PROJECT, SETTINGS, variables_read
from tests.servers.product import bare_environment, run_python, settings_under

TEMPLATE = PROJECT / ".env.template"
PRODUCTION = {
    "LUMINA_ENVIRONMENT": "production",
    "ALLOWED_HOSTS": "attendance.example.org",
    "SECRET_KEY": "b8Gq2Jw7Zr5Kx9Tn3Vd6Hs1Lf4Pc0My8Qa2Ue7Wi5XoRt6Yk1Nz",
}
OPENID = {
    "OIDC_ISSUER": "https://id.example.org",
    "OIDC_CLIENT_ID": "lumina",
    "OIDC_CLIENT_SECRET": "s3cret",
    "OIDC_ORGANISATION": "aldermoor",
    "OIDC_NUMBER_CLAIM": "student_number",
}
REFUSALS = [
    ({"CACHE_TIMEOUT_COURSE_LIST": "ten minutes"}, "CACHE_TIMEOUT_COURSE_LIST is 'ten minutes'; write a whole number"),
    ({"EMAIL_USE_TLS": "perhaps"}, "EMAIL_USE_TLS is 'perhaps'; write true or false."),
    ({"LUMINA_ENVIRONMENT": "staging"}, "LUMINA_ENVIRONMENT is 'staging'; write one of development, production."),
    ({"DATABASE_URL": "mysql://localhost/lumina"}, "DATABASE_URL does not start with sqlite:// or postgresql://"),
    ({"SECRET_KEY": "short"}, "SECRET_KEY is shorter than 50 characters"),
    ({"ALLOWED_HOSTS": "attendance.example.org"}, "ALLOWED_HOSTS is for production"),
    ({**OPENID, "OIDC_CLIENT_SECRET": ""}, "OIDC_CLIENT_SECRET is missing; OIDC_ISSUER is set and needs it."),
    ({"OIDC_NUMBER_CLAIM": "number"}, "OIDC_ISSUER is missing; OIDC_NUMBER_CLAIM is set and needs it."),
    ({**OPENID, "OIDC_ISSUER": "http://id.example.org"}, "OIDC_ISSUER starts with http://; write an address that"),
    ({**PRODUCTION, **OPENID, "OIDC_ISSUER": "http://127.0.0.1:9000"}, "OIDC_ISSUER starts with http://"),
    ({**OPENID, "OIDC_ISSUER": "id.example.org"}, "OIDC_ISSUER does not start with https:// or http://"),
    ({"STELLAR_NETWORK": "futurenet"}, "STELLAR_NETWORK is 'futurenet'; write one of off, testnet, public."),
    ({"STELLAR_NETWORK": "testnet"}, "STELLAR_SECRET_KEY_FILE is missing; STELLAR_NETWORK is set and needs it."),
    (
        {"STELLAR_NETWORK": "testnet", "STELLAR_SECRET_KEY_FILE": "/no/such/file"},
        "STELLAR_SECRET_KEY_FILE is '/no/such/file'; name the file of the account's secret key.",
    ),
    (
        {"STELLAR_HORIZON_URL": "http://horizon.example"},
        "STELLAR_HORIZON_URL starts with http://; write an address that",
    ),
    ({**PRODUCTION, "STELLAR_HORIZON_URL": "http://127.0.0.1:8000"}, "STELLAR_HORIZON_URL starts with http://"),
    ({"LEDGER_ANCHOR_MINUTES": "0"}, "LEDGER_ANCHOR_MINUTES is '0'; write a whole number from 1 to 10080"),
    ({**PRODUCTION, "SECRET_KEY": ""}, "SECRET_KEY is missing"),
    ({**PRODUCTION, "ALLOWED_HOSTS": ""}, "ALLOWED_HOSTS is missing"),
    ({**PRODUCTION, "LEDGER_KEY_FILE": ""}, "LEDGER_KEY_FILE is missing"),
    ({**PRODUCTION, "DEBUG": "true"}, "DEBUG is on in production"),
]


# --- The readers ------------------------------------------------------------------------------------------------


def reading(value: str) -> Environment:
    return Environment({"VALUE": value})


@pytest.mark.parametrize("value", ["600", " 600 ", "600        # 10 minutes", "600 #", "+600"])
def test_a_number_may_have_a_comment_behind_it(value: str) -> None:
    assert reading(value).integer("VALUE", 5, minimum=1, maximum=1000) == 600


@pytest.mark.parametrize("value", ["", "   ", "# nothing yet", "    # nothing yet"])
def test_an_empty_variable_counts_as_unset(value: str) -> None:
    assert reading(value).integer("VALUE", 5, minimum=1, maximum=1000) == 5
    assert reading(value).text("VALUE", "unset") == "unset"


@pytest.mark.parametrize("value", ["ten", "6.5", "1_000", "0x10", "600#now", "6 0", "٦٠٠", "0", "1001", "-5"])
def test_a_bad_number_is_refused_with_an_example(value: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=r"^VALUE is .*; write a whole number from 1 to 1000, such as 5\.$"):
        reading(value).integer("VALUE", 5, minimum=1, maximum=1000)


@pytest.mark.parametrize(
    ("value", "truth"),
    [("true", True), ("Yes", True), ("ON", True), ("1 # yes", True), ("false", False), ("no", False), ("off", False)],
)
def test_truth_has_several_spellings(value: str, truth: bool) -> None:
    assert reading(value).boolean("VALUE", default=not truth) is truth


@pytest.mark.parametrize("value", ["maybe", "2", "tru", "y"])
def test_a_bad_truth_value_is_refused(value: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=r"^VALUE is .*; write true or false\.$"):
        reading(value).boolean("VALUE", default=False)


def test_an_unknown_choice_is_refused_with_the_choices() -> None:
    with pytest.raises(ImproperlyConfigured, match=r"^VALUE is 'blue'; write one of red, green\.$"):
        reading("blue").choice("VALUE", "red", ("red", "green"))


def test_words_stand_between_commas() -> None:
    assert reading(" one.example, two.example ,, # both").words("VALUE") == ["one.example", "two.example"]


def test_a_secret_keeps_its_hash_signs() -> None:
    assert reading("correct #horse # battery").secret("VALUE") == "correct #horse # battery"


def test_an_address_of_another_kind_is_refused_without_showing_its_password() -> None:
    with pytest.raises(ImproperlyConfigured, match=r"^VALUE does not start with redis:// or rediss://\.$"):
        reading("http://:swordfish@cache.example").url("VALUE", "", ("redis", "rediss"))


# --- The template -----------------------------------------------------------------------------------------------


def test_the_template_lists_what_is_read_and_nothing_else() -> None:
    read = variables_read(SETTINGS) | variables_read(PROJECT / "gunicorn.conf.py")

    assert set(dotenv_values(TEMPLATE)) == read


def test_the_template_may_be_handed_over_without_python_dotenv() -> None:
    """`docker --env-file` takes each line as it stands, comment and all."""
    lines = [line.split("=", 1) for line in TEMPLATE.read_text("utf-8").splitlines() if line and line[0] != "#"]
    key = {"SECRET_KEY": PRODUCTION["SECRET_KEY"]}

    as_they_stand = dict(lines)

    assert settings_under(**as_they_stand | key) == settings_under(**dict.fromkeys(as_they_stand, "") | key)


def test_every_variable_of_the_template_is_explained() -> None:
    lines = TEMPLATE.read_text("utf-8").splitlines()
    unexplained = [
        line
        for before, line in itertools.pairwise(lines)
        if "=" in line and not line.startswith("#") and " # " not in line and not before.startswith("# ")
    ]
    assert unexplained == []


def test_the_template_shows_the_defaults() -> None:
    key = {"SECRET_KEY": PRODUCTION["SECRET_KEY"]}
    shown = {name: value or "" for name, value in dotenv_values(TEMPLATE).items()}
    unset = dict.fromkeys(shown, "")

    assert settings_under(**shown | key) == settings_under(**unset | key)


# --- The start --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("variables", "sentence"), REFUSALS)
def test_a_bad_value_stops_a_command_with_one_sentence(variables: dict[str, str], sentence: str) -> None:
    answer = run_python("manage.py", "check", environment=bare_environment(**variables))

    assert answer.returncode != 0
    assert answer.stderr.startswith(f"Configuration: {sentence}")
    assert len(answer.stderr.splitlines()) == 1
    assert answer.stdout == ""


@pytest.fixture
def anchoring(tmp_path: Path) -> dict[str, str]:
    """Variables that switch anchoring on, and a folder of which Python reads `sitecustomize.py` at its start."""
    (tmp_path / "stellar.secret").write_text("S...")
    key_file = str(tmp_path / "stellar.secret")
    return {"STELLAR_NETWORK": "testnet", "STELLAR_SECRET_KEY_FILE": key_file, "PYTHONPATH": str(tmp_path)}


def test_anchoring_without_its_package_stops_the_start_and_says_what_to_install(
    anchoring: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "sitecustomize.py").write_text("import sys\nsys.modules['stellar_sdk'] = None\n")
    without = run_python("manage.py", "check", environment=bare_environment(**anchoring))
    assert without.stderr.startswith("Configuration: STELLAR_NETWORK is set and needs stellar-sdk; install it with pip")
    assert len(without.stderr.splitlines()) == 1 and without.returncode != 0
    # Switched off it is not needed, not even installed.
    off = run_python("manage.py", "check", environment=bare_environment(**anchoring | {"STELLAR_NETWORK": "off"}))
    assert off.returncode == 0, off.stderr


def test_anchoring_talks_to_the_public_server_of_its_network_unless_told_otherwise(anchoring: dict[str, str]) -> None:
    assert settings_under(**anchoring)["STELLAR_HORIZON_URL"] == "https://horizon-testnet.stellar.org"
    public = anchoring | {"STELLAR_NETWORK": "public"}
    assert settings_under(**public)["STELLAR_HORIZON_URL"] == "https://horizon.stellar.org"
    own = {"STELLAR_HORIZON_URL": "https://horizon.example/"}
    assert settings_under(**public, **own)["STELLAR_HORIZON_URL"] == "https://horizon.example"


@pytest.mark.parametrize("variables", [{"CACHE_TIMEOUT_COURSE_LIST": "ten"}, {"PORT": "http"}])
def test_a_bad_value_stops_the_web_server_with_one_sentence(variables: dict[str, str]) -> None:
    (name,) = variables
    answer = run_python("-m", "gunicorn", "attendance_system.wsgi", environment=bare_environment(**variables))

    assert answer.returncode != 0
    assert answer.stderr.startswith(f"Configuration: {name} is ")
    assert len(answer.stderr.splitlines()) == 1


def test_the_checks_for_production_find_nothing() -> None:
    answer = run_python(
        "manage.py", "check", "--deploy", "--fail-level=INFO", environment=bare_environment(**PRODUCTION)
    )
    assert (answer.returncode, answer.stderr) == (0, "")


@pytest.fixture
def new_project(tmp_path: Path) -> Path:
    """A copy of the code in which nothing was ever started."""
    for folder in ("attendance", "attendance_system"):
        shutil.copytree(PROJECT / folder, tmp_path / folder)
    shutil.copy(PROJECT / "manage.py", tmp_path)
    return tmp_path


def test_the_generated_key_is_private_and_stays(new_project: Path) -> None:
    environment = bare_environment(SECRET_KEY="")
    key_file = new_project / ".secret_key"

    assert run_python("manage.py", "check", project=new_project, environment=environment).returncode == 0
    key = key_file.read_text()
    assert run_python("manage.py", "check", project=new_project, environment=environment).returncode == 0

    assert len(key) >= 50
    assert key_file.read_text() == key
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
    assert (new_project / "logs").is_dir()


def test_processes_that_start_at_once_agree_on_the_key(new_project: Path) -> None:
    command = [sys.executable, "-c", "from attendance_system.settings import SECRET_KEY; print(SECRET_KEY)"]
    processes = [
        subprocess.Popen(command, cwd=new_project, env=bare_environment(SECRET_KEY=""), stdout=subprocess.PIPE)
        for _ in range(4)
    ]
    keys = {process.communicate()[0] for process in processes}

    assert len(keys) == 1
    assert [file.name for file in new_project.glob(".secret_key*")] == [".secret_key"]
