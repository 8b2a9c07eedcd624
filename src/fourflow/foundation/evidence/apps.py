from django.apps import AppConfig


class EvidenceConfig(AppConfig):
    name = "fourflow.foundation.evidence"
    label = "evidence"
    verbose_name = "Evidence"
