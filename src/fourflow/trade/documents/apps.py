from django.apps import AppConfig


class DocumentsConfig(AppConfig):
    name = "fourflow.trade.documents"
    label = "documents"
    verbose_name = "Trade documents"
