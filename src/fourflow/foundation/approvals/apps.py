from django.apps import AppConfig


class ApprovalsConfig(AppConfig):
    name = "fourflow.foundation.approvals"
    label = "approvals"
    verbose_name = "Approvals"
