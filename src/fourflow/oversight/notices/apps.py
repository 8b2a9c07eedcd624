from django.apps import AppConfig


class NoticesConfig(AppConfig):
    name = "fourflow.oversight.notices"
    label = "notices"
    verbose_name = "Notices"
