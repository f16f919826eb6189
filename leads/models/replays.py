"""A policy tried out on past leads: the job, how far it has come, and what came out."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from leadhub.core.tenancy.models import TenantModel, tenant_foreign_key


class ReplayStatus(models.TextChoices):
    """How far a replay has come."""

    WAITING = "WAITING", _("Waiting")
    RUNNING = "RUNNING", _("Running")
    DONE = "DONE", _("Done")
    FAILED = "FAILED", _("Failed")


class ReplayQuerySet(models.QuerySet["Replay"]):
    """Named conditions on replays."""

    def unfinished(self) -> "ReplayQuerySet":
        """Something is left to do."""
        return self.filter(status__in=(ReplayStatus.WAITING, ReplayStatus.RUNNING))


class Replay(TenantModel):
    """One or two policies over the last so many leads. The row is the whole memory of the job.

    :ivar policy: the version that is tried out.
    :ivar against: what it is set against; ``None`` for the rules that hold at the time.
    :ivar plan: what both sides say, and the leads in their order, as it was when the replay began;
        empty before.
    :ivar wanted: how many leads at most.
    :ivar total: how many there are; ``done`` of them are judged.
    :ivar state: what the next step goes on from; empty before the first and after the last.
    :ivar result: the figures of both sides, once it is done.
    :ivar failures: how often a step failed, one after the other.
    """

    Status = ReplayStatus

    policy = tenant_foreign_key("leads.RoutingPolicy", on_delete=models.CASCADE)
    against = tenant_foreign_key("leads.RoutingPolicy", null=True, on_delete=models.CASCADE)
    status = models.CharField(
        max_length=8, choices=ReplayStatus.choices, default=ReplayStatus.WAITING
    )
    wanted = models.PositiveIntegerField()
    total = models.PositiveIntegerField(null=True)
    done = models.PositiveIntegerField(default=0)
    plan = models.JSONField(default=dict)
    state = models.JSONField(default=dict)
    result = models.JSONField(null=True)
    failures = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=60)
    finished_at = models.DateTimeField(null=True)

    objects = ReplayQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(wanted__gte=1, wanted__lte=10_000), name="a_replay_has_a_size"
            ),
            models.CheckConstraint(
                condition=Q(status=ReplayStatus.DONE, result__isnull=False)
                | (~Q(status=ReplayStatus.DONE) & Q(result__isnull=True)),
                name="a_replay_that_is_done_has_a_result",
            ),
        ]
        indexes = [
            # The next one to go on with.
            models.Index(
                fields=["created_at", "id"],
                name="replay_to_go_on_with",
                condition=Q(status__in=("WAITING", "RUNNING")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.done}/{self.total or self.wanted}"
