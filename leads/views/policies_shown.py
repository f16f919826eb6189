"""A routing policy as pages show it: its name, its rounds, and who is asked first."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from leads.policies import WaveRule, name_of_policy, wave_rule
from leads.policy_forms import CLOCKS, OWN, STRATEGIES, WEIGHTS

WHO_IS_FIRST = dict([*STRATEGIES, (OWN, _("By weights of your own"))])
CLOCK_WORDS = dict(CLOCKS)


def in_words(policy: Any) -> dict[str, Any]:
    """Prepare what every page says of a policy."""
    waves: list[WaveRule] = [wave_rule(policy, step) for step in range(len(policy.waves))]
    whole = sum(policy.weights.values())
    return {
        "policy": policy,
        "name": name_of_policy(policy),
        "waves": waves,
        "first": WHO_IS_FIRST[OWN if policy.weights else policy.strategy],
        "weights": [
            {"name": WEIGHTS.get(term, term), "share": weight / whole}
            for term, weight in sorted(policy.weights.items(), key=lambda item: -item[1])
            if weight
        ],
        "clock": CLOCK_WORDS[policy.clock],
    }
