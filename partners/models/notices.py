"""How a person wants to be told: by which channels, when not, and on which devices."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from leadhub.core.ids import new_id
from partners.models.accounts import User


class Topic(models.TextChoices):
    """What notices are about; people choose channels for each."""

    OFFERS = "OFFERS", _("New offers")
    CHANGES = "CHANGES", _("Offers that are taken or withdrawn")
    WORK = "WORK", _("Leads in your hands")
    ALARMS = "ALARMS", _("Leads that need somebody")
    DIGEST = "DIGEST", _("The day at a glance")


class NoticeSettings(models.Model):
    """What a person has chosen; without a row everything is as it is for everybody.

    :ivar phone: in E.164, for text messages; empty if they gave none.
    :ivar time_zone: an IANA zone; empty is that of the manufacturer whose message it is.
    :ivar quiet_from: the local time at which quiet hours of their own begin; ``None`` without any:
        then it is quiet while their partner is closed, if it has said when it is open.
    :ivar rings_anytime: there are no quiet hours, whenever their partner is open.
    :ivar offers_anytime: new offers come in quiet hours too.
    :ivar digest_hour: the local hour from which on the day is summed up.
    :ivar channels: topic -> channels, for topics that were chosen for.
    """

    user = models.OneToOneField(
        User, on_delete=models.CASCADE, primary_key=True, related_name="notice_settings"
    )
    phone = models.CharField(max_length=20, default="", blank=True)
    time_zone = models.CharField(max_length=40, default="", blank=True)
    quiet_from = models.TimeField(null=True)
    quiet_until = models.TimeField(null=True)
    rings_anytime = models.BooleanField(default=False)
    offers_anytime = models.BooleanField(default=False)
    digest_hour = models.PositiveSmallIntegerField(default=7)
    channels = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(quiet_from__isnull=True, quiet_until__isnull=True)
                | (
                    Q(quiet_from__isnull=False, quiet_until__isnull=False)
                    & ~Q(quiet_from=F("quiet_until"))
                ),
                name="quiet_hours_have_two_ends",
            ),
            models.CheckConstraint(
                condition=Q(rings_anytime=False) | Q(quiet_from__isnull=True),
                name="quiet_or_at_any_hour",
            ),
            models.CheckConstraint(condition=Q(digest_hour__lte=23), name="hour_of_a_day"),
        ]

    def __str__(self) -> str:
        return f"notices of {self.user_id}"


class PushDevice(models.Model):
    """A browser that lets its person be told: where its push service is, and its keys.

    :ivar endpoint: an address that a browser named, and so as hostile as any.
    :ivar endpoint_digest: SHA-256 of it: one browser belongs to whoever logged in last.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="push_devices")
    endpoint = models.TextField()
    endpoint_digest = models.BinaryField(max_length=32, unique=True)
    public_key = models.CharField(max_length=100)
    secret = models.CharField(max_length=40)
    name = models.CharField(max_length=120, default="")
    added_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"device of {self.user_id}"
