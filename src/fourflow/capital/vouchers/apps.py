from django.apps import AppConfig


class VouchersConfig(AppConfig):
    name = "fourflow.capital.vouchers"
    label = "vouchers"
