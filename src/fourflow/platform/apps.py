from django.apps import AppConfig


class PlatformConfig(AppConfig):
    name = "fourflow.platform"
    label = "platform"
