from django.apps import AppConfig


class PlatformConfig(AppConfig):
    name = "fourflow.platform"
    label = "platform"

    def ready(self) -> None:
        from fourflow.platform.db import vocabulary  # noqa: F401  it registers its lookups
