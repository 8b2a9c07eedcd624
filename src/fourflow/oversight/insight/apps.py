from django.apps import AppConfig


class InsightConfig(AppConfig):
    name = "fourflow.oversight.insight"
    label = "insight"
    verbose_name = "Insight"
