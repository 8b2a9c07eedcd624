from django.apps import AppConfig


class AccessConfig(AppConfig):
    name = "fourflow.foundation.access"
    label = "access"
    verbose_name = "Access"
