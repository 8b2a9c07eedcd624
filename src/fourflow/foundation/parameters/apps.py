from django.apps import AppConfig


class ParametersConfig(AppConfig):
    name = "fourflow.foundation.parameters"
    label = "parameters"
    verbose_name = "Parameters"
