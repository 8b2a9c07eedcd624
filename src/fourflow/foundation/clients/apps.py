from django.apps import AppConfig


class ClientsConfig(AppConfig):
    name = "fourflow.foundation.clients"
    label = "clients"
    verbose_name = "API clients"
