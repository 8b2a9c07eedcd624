"""Django application of settlement."""

from django.apps import AppConfig


class SettlementConfig(AppConfig):
    name = "fourflow.capital.settlement"
    label = "settlement"
