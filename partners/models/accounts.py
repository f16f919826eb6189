"""People and programs, and what they may act for."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from leadhub.core.ids import new_id
from leadhub.core.tenancy.models import TenantModel, tenant_foreign_key


class UserManager(BaseUserManager["User"]):
    """Makes people; e-mail addresses are compared in lower case."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Make a person with a password, or with none that can be used."""
        user = self.model(email=email.lower(), **fields)
        user.set_password(password)
        user.save(using=self._db, force_insert=True)
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        """Find a person by e-mail address, whatever its case."""
        return self.get(email=(username or "").lower())


class User(AbstractBaseUser):
    """A person, by one e-mail address, over all manufacturers they work with.

    :ivar proofs_from: links and known devices from before count no more.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120)
    language = models.CharField(max_length=2, default="de")
    is_active = models.BooleanField(default=True)
    proofs_from = models.DateTimeField(null=True)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(email=Lower("email")),
                name="email_in_lower_case",
            )
        ]

    def __str__(self) -> str:
        return self.name


class Role(models.TextChoices):
    """What a membership lets a person do."""

    ADMIN = "ADMIN", _("Administrator")
    DISPATCHER = "DISPATCHER", _("Dispatcher")
    ANALYST = "ANALYST", _("Analyst")
    PARTNER_MANAGER = "PARTNER_MANAGER", _("Partner manager")
    PARTNER_REP = "PARTNER_REP", _("Partner representative")


PARTNER_ROLES = (Role.PARTNER_MANAGER, Role.PARTNER_REP)


class Membership(TenantModel):
    """A person's right to act: for the manufacturer, or for one of its partners."""

    Role = Role

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    partner = tenant_foreign_key("partners.Partner", null=True)
    role = models.CharField(max_length=20, choices=Role.choices)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["manufacturer", "user", "partner"],
                name="one_membership_per_person_and_side",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=models.Q(role__in=PARTNER_ROLES, partner__isnull=False)
                | (~models.Q(role__in=PARTNER_ROLES) & models.Q(partner__isnull=True)),
                name="partner_roles_have_a_partner",
            ),
        ]
        indexes = [
            # Whom a message for this partner, or for the manufacturer's staff, goes to.
            models.Index(fields=["manufacturer", "partner"], name="membership_of_partner")
        ]

    def __str__(self) -> str:
        return f"{self.role} {self.user_id}"


class Invitation(TenantModel):
    """An address whose owner may become a member. The token in the mail is not kept."""

    email = models.EmailField()
    language = models.CharField(max_length=2, default="de")
    partner = tenant_foreign_key("partners.Partner", null=True)
    role = models.CharField(max_length=20, choices=Role.choices)
    token_digest = models.BinaryField(max_length=32, unique=True)
    invited_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    invited_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    accepted_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    accepted_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["manufacturer", "email", "partner"],
                condition=models.Q(accepted_at=None, withdrawn_at=None),
                name="one_open_invitation_per_address_and_side",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=models.Q(role__in=PARTNER_ROLES, partner__isnull=False)
                | (~models.Q(role__in=PARTNER_ROLES) & models.Q(partner__isnull=True)),
                name="invited_partner_roles_have_a_partner",
            ),
            models.CheckConstraint(
                condition=models.Q(email=Lower("email")), name="invited_in_lower_case"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.role} {self.id}"


class SingleSignOn(TenantModel):
    """The provider by which a manufacturer's people log in; its secret is kept sealed."""

    issuer = models.CharField(max_length=300)
    client_id = models.CharField(max_length=200)
    secret_sealed = models.TextField()
    domain = models.CharField(max_length=200)
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["manufacturer"], name="one_provider_per_manufacturer")
        ]
        indexes = [
            # Which companies answer for the address that somebody types.
            models.Index(fields=["domain"], name="single_sign_on_of_domain")
        ]

    def __str__(self) -> str:
        return self.issuer


class ApiKeyQuerySet(models.QuerySet["ApiKey"]):
    """Named conditions on keys."""

    def live(self, at: datetime) -> "ApiKeyQuerySet":
        """Neither revoked nor expired: whoever presents one of them is let in."""
        return self.filter(revoked_at__isnull=True).exclude(expires_at__lte=at)

    def alike(self, *, name: str, partner_id: UUID | None) -> "ApiKeyQuerySet":
        """For the same purpose: of one name, and acting for the same side."""
        return self.filter(name=name, partner=partner_id)


class ApiKey(TenantModel):
    """A program's right to act for a manufacturer, or for one partner. The secret is not kept."""

    partner = tenant_foreign_key("partners.Partner", null=True)
    name = models.CharField(max_length=120)
    prefix = models.CharField(max_length=16, unique=True)
    secret_digest = models.BinaryField(max_length=32)
    scopes = ArrayField(models.CharField(max_length=30))
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)

    objects = ApiKeyQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name

    def is_live(self, at: datetime) -> bool:
        """Tell whether whoever presents it is let in."""
        return self.revoked_at is None and (self.expires_at is None or self.expires_at > at)
