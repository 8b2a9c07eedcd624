from django.apps import AppConfig


class FinancingConfig(AppConfig):
    name = "fourflow.capital.financing"
    label = "financing"
