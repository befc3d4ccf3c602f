"""People, the ways they get in, and the sessions they hold."""

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.crypto import get_random_string
from django.utils.translation import gettext_lazy as _

from attendance import clock
from attendance.models.organisation import Organisation, validate_time_zone

ERASED_NAME = "Erased person"
"""The family name of every erased account, as tables have it; pages say it in the reader's language."""


class UserManager(BaseUserManager["User"]):
    """Makes accounts; names are compared in lower case, so they are stored so."""

    use_in_migrations = True

    def create_user(self, username: str, password: str | None = None, **fields: Any) -> "User":
        """Store and return a new account; without a password nobody can log in to it until one is set."""
        user = self.model(username=username.lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        """Return the account of that user name, however it is capitalised."""
        return self.get(username=(username or "").lower())


class User(AbstractBaseUser, PermissionsMixin):
    """A person of one organisation, in one role.

    An *operator* is a user with `is_superuser`: the only one who enters Django's admin. Language and time zone are the
    person's own choice; empty means the browser's language and the organisation's zone. Who was erased (`erased_at`)
    keeps role and organisation and nothing else: see `attendance.services.erasure`.
    """

    class Role(models.TextChoices):
        """What a person is to the institution; work on one course is given by `CourseStaff`."""

        ADMIN = "admin", _("Administrator")
        TEACHER = "teacher", _("Teacher")
        STUDENT = "student", _("Student")
        AUDITOR = "auditor", _("Auditor")

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, verbose_name=_("organisation"))
    role = models.CharField(_("role"), max_length=10, choices=Role)
    username = models.CharField(_("user name"), max_length=150, unique=True, validators=[UnicodeUsernameValidator()])
    email = models.EmailField(_("e-mail"), blank=True)
    number = models.CharField(_("student or staff number"), max_length=40, blank=True)
    given_name = models.CharField(_("given name"), max_length=100, blank=True)
    family_name = models.CharField(_("family name"), max_length=100)
    department = models.ForeignKey(
        "attendance.Department", on_delete=models.PROTECT, null=True, blank=True, verbose_name=_("department")
    )
    language = models.CharField(_("language"), max_length=10, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=60, blank=True, validators=[validate_time_zone])
    is_active = models.BooleanField(_("may log in"), default=True)
    date_joined = models.DateTimeField(_("joined"), default=clock.now, editable=False)
    erased_at = models.DateTimeField(_("erased"), null=True, editable=False)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["email", "family_name"]

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        ordering = ["family_name", "given_name", "id"]
        indexes = [models.Index(fields=["organisation", "role", "family_name", "given_name"], name="user_directory")]
        constraints = [
            models.CheckConstraint(
                name="user_role_known", condition=Q(role__in=["admin", "teacher", "student", "auditor"])
            ),
            models.UniqueConstraint(
                "organisation", "number", name="user_number_once_per_organisation", condition=~Q(number="")
            ),
            models.UniqueConstraint(
                "organisation", Lower("email"), name="user_email_once_per_organisation", condition=~Q(email="")
            ),
            models.CheckConstraint(
                name="user_erased_is_nobody",
                condition=Q(erased_at__isnull=True)
                | Q(
                    is_active=False,
                    is_superuser=False,
                    given_name="",
                    family_name=ERASED_NAME,
                    email="",
                    number="",
                    department__isnull=True,
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.full_name

    @property
    def full_name(self) -> str:
        """The name as it is spoken: `Amira Haddad`."""
        if self.erased_at is not None:
            return str(_("Erased person"))
        return f"{self.given_name} {self.family_name}".strip()

    @property
    def listed_name(self) -> str:
        """The name as a register lists it: `Haddad, Amira`."""
        if self.erased_at is not None:
            return self.full_name
        return ", ".join(filter(None, [self.family_name, self.given_name]))

    @property
    def initials(self) -> str:
        """One or two letters for the round badge."""
        return (self.given_name[:1] + self.family_name[:1]).upper()

    @property
    def is_staff(self) -> bool:
        """Django's admin asks this: only operators enter it."""
        return self.is_superuser


def new_session_handle() -> str:
    """Return 16 random letters and digits that name a session without giving its key away."""
    return get_random_string(16)


class LoginSession(AbstractBaseSession):
    """One signed-in browser; `expire_date` is its absolute end, which use does not postpone."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True, related_name="login_sessions")
    handle = models.CharField(max_length=16, unique=True, default=new_session_handle, editable=False)

    class Meta:
        verbose_name = _("signed-in browser")
        verbose_name_plural = _("signed-in browsers")

    @classmethod
    def get_session_store_class(cls) -> Any:
        """Return the store that writes these rows."""
        from attendance.sign_in.sessions import SessionStore

        return SessionStore


class Invitation(models.Model):
    """A single-use link, bound to one e-mail address, role and organisation; only the hash of its token is kept."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT)
    email = models.EmailField(_("e-mail"))
    role = models.CharField(_("role"), max_length=10, choices=User.Role)
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    invited_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="invitations_sent")
    created_at = models.DateTimeField(default=clock.now, editable=False)
    expires_at = models.DateTimeField()
    accepted_by = models.OneToOneField(User, on_delete=models.PROTECT, null=True, related_name="invitation")
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                "organisation",
                Lower("email"),
                name="invitation_open_once_per_email",
                condition=Q(accepted_by__isnull=True, revoked_at__isnull=True),
            ),
            models.CheckConstraint(
                name="invitation_accepted_or_revoked",
                condition=Q(accepted_by__isnull=True) | Q(revoked_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.email} ({self.role})"


class LinkedIdentity(models.Model):
    """Whom an OpenID provider means by a subject: who was matched by number once is known by it from then on."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="identities")
    issuer = models.CharField(_("provider"), max_length=255)
    subject = models.CharField(_("subject"), max_length=255)
    linked_at = models.DateTimeField(default=clock.now, editable=False)

    class Meta:
        verbose_name = _("linked identity")
        verbose_name_plural = _("linked identities")
        constraints = [
            models.UniqueConstraint(fields=["issuer", "subject"], name="identity_subject_once_per_issuer"),
            models.UniqueConstraint(fields=["user", "issuer"], name="identity_once_per_person_and_issuer"),
        ]

    def __str__(self) -> str:
        return f"{self.issuer} {self.subject}"


class Throttle(models.Model):
    """How often something failed for one account from one address since `since`; see `services.throttle`."""

    class Purpose(models.TextChoices):
        """What is counted; each has its own limit."""

        LOGIN = "login", _("wrong password")
        PASSWORD_RESET = "reset", _("password reset")
        ENROLMENT_CODE = "enrol", _("wrong course code")
        ACTIVATION_CODE = "activate", _("wrong activation code")
        CHECK_IN_CODE = "check_in", _("wrong check-in code")

    purpose = models.CharField(max_length=10, choices=Purpose)
    account = models.CharField(max_length=254)
    address = models.GenericIPAddressField()
    since = models.DateTimeField()
    failures = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("throttle")
        verbose_name_plural = _("throttles")
        indexes = [models.Index(fields=["purpose", "address", "since"], name="throttle_by_address")]
        constraints = [
            models.UniqueConstraint(fields=["purpose", "account", "address"], name="throttle_once_per_account_address")
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.account}: {self.failures}"
