from django.apps import AppConfig


class ReportsConfig(AppConfig):
    name = "fourflow.oversight.reports"
    label = "reports"
    verbose_name = "Reports"
