from django.apps import AppConfig


class PartiesConfig(AppConfig):
    name = "fourflow.foundation.parties"
    label = "parties"
    verbose_name = "Parties"
