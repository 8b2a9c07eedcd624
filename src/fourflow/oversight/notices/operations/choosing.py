"""A person's own choice: in which language, and of what at once, once a day, or only on the page."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from fourflow.foundation.parties.types import Actor
from fourflow.oversight.notices import models
from fourflow.oversight.notices.events import PreferencesChanged
from fourflow.oversight.notices.types import ALWAYS, Language, PreferenceInvalid, Preferences, Topic, When
from fourflow.platform.events import operations as events


@transaction.atomic
def choose(*, actor: Actor, language: Language, choices: Mapping[Topic, When], effective_at: datetime) -> Preferences:
    """Set how the actor is told from now on; what is under way goes out as it was.

    :raises PreferenceInvalid: the language is neither zh nor en, or security was not to be told at once.
    """
    if language not in ("zh", "en"):
        raise PreferenceInvalid(field="language", value=language, expected=["zh", "en"])
    for topic in ALWAYS:
        if choices.get(topic, When.NOW) is not When.NOW:
            raise PreferenceInvalid(field=topic.value, expected=[When.NOW.value])
    chosen = {when: sorted(topic.value for topic, said in choices.items() if said is when) for when in When}
    row, _ = models.Reader.objects.visible_to(actor).update_or_create(
        person_id=actor.person_id,
        defaults={"language": language, "daily": chosen[When.DAILY], "off": chosen[When.OFF]},
    )
    said = {topic.value: when.value for topic, when in sorted(choices.items())}
    events.publish(
        PreferencesChanged(subject_id=actor.person_id, effective_at=effective_at, language=language, choices=said)
    )
    return row.to_type()
