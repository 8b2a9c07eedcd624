"""Words for the closed vocabularies of the modules, so that each reads the same on every page."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from fourflow.interfaces.web.components.shell import Words

SCHEMES: dict[str, Words] = {
    "contract": _("Contract"),
    "order": _("Order"),
    "po_line": _("Order line"),
    "po_asn": _("Delivery"),
    "invoice_cn": _("Invoice"),
    "invoice": _("Invoice"),
    "waybill": _("Waybill"),
}
DOCUMENTS: dict[str, Words] = {
    "contract": _("Contract"),
    "order": _("Order"),
    "delivery": _("Delivery"),
    "invoice": _("Invoice"),
    "waybill": _("Waybill"),
}
PURPOSES: dict[str, Words] = {
    "financing_proceeds": _("Financing paid out"),
    "voucher_redemption": _("Voucher redeemed"),
    "loan_repayment": _("Loan repaid"),
    "recourse": _("Recourse"),
    "trade_payment": _("Trade payment"),
    "funder_fee": _("Bank's fee"),
    "platform_fee": _("Platform's fee"),
    "platform_bill": _("Platform's bill"),
    "return": _("Returned payment"),
}
COSTS: dict[str, Words] = {
    "interest": _("Interest"),
    "funder_fee": _("Bank's fee"),
    "platform_fee": _("Platform's fee"),
}
PAYEES: dict[str, Words] = {"funder": _("to the bank"), "platform": _("to the platform")}
BASES: dict[str, Words] = {
    "instruction": _("Our own payment order"),
    "reference": _("Reference in the remittance text"),
    "amount_and_party": _("Amount and payer fit"),
    "amount_set": _("Several expectations add up to it"),
    "person": _("Decided by a person"),
}
EXCEPTIONS: dict[str, Words] = {
    "contradictory_answer": _("The bank contradicts its own answer"),
    "amount_differs": _("The amount differs"),
    "instruction_unknown_here": _("The bank names a payment that is not ours"),
    "never_sent_but_answered": _("Answered, though it was never sent"),
    "reference_reused": _("The bank's reference stands twice"),
    "returned": _("The payment came back"),
    "unreadable_message": _("The message cannot be read"),
}
DIFFERENCES: dict[str, Words] = {
    "only_at_bank": _("Booked at the bank, unknown to us"),
    "only_here": _("Booked with us, unknown to the bank"),
    "amount_differs": _("The amount differs"),
    "direction_differs": _("In on one side, out on the other"),
    "balance_does_not_follow": _("The balance does not follow from the day before"),
    "not_booked_in_ledger": _("Not booked in the ledger"),
    "not_at_bank_but_settled": _("Settled with us, not stated by the bank"),
}
ANSWERS: dict[str, Words] = {
    "instructed": _("Instructed"),
    "sent": _("Sent to the bank"),
    "accepted": _("Accepted by the bank"),
    "pending": _("The bank is working on it"),
    "settled": _("Settled"),
    "rejected": _("Rejected by the bank"),
}
VERDICTS: dict[str, Words] = {
    "applied": _("applied"),
    "repeated": _("said before, changed nothing"),
    "parked": _("contradicts, waits for a person"),
}
LICENCES: dict[str, Words] = {
    "banking": _("Banking licence"),
    "factoring": _("Factoring licence"),
    "financing_guarantee": _("Financing-guarantee licence"),
    "insurance": _("Insurance licence"),
    "network_freight": _("Network-freight licence"),
    "road_transport": _("Road-transport licence"),
    "warehousing": _("Warehousing licence"),
    "icp": _("ICP licence"),
    "edi": _("EDI licence"),
    "pci_dss": _("PCI DSS certificate"),
    "blockchain_filing": _("Blockchain service filing"),
    "security_grade": _("Security certification (graded protection)"),
    "exchange_filing": _("Exchange's registration with the joint conference"),
}
#: what a change of a firm is about
CHANGES: dict[str, Words] = {
    "role": _("Role"),
    "licence": _("Licence"),
    "member": _("Colleague"),
    "mandate": _("Mandate"),
    "relation": _("Group relation"),
}
FUNCTIONS: dict[str, Words] = {
    "maker": _("Maker"),
    "checker": _("Checker"),
    "signer": _("Signer"),
    "viewer": _("Viewer"),
    "admin": _("Administrator"),
}
BARRED: dict[str, Words] = {
    "everything": _("everything"),
    "issue": _("issuing"),
    "transfer": _("transferring"),
    "finance": _("financing"),
}
SOURCES: dict[str, Words] = {
    "overdue": _("Overdue"),
    "bill_overdue": _("A bill is overdue"),
    "bond_default": _("A bond is in default"),
    "court": _("A court's order"),
    "operator": _("The operator"),
    "sanctions": _("A list of sanctions"),
}
SIZES: dict[str, Words] = {
    "large": _("Large"),
    "medium": _("Medium"),
    "small": _("Small"),
    "micro": _("Micro"),
    "unknown": _("Not stated"),
}
RECOVERIES: dict[str, Words] = {
    "asked": _("Waits for a second person"),
    "approved": _("Let in: both halves are out"),
    "rejected": _("Refused"),
    "used": _("Back in"),
    "expired": pgettext_lazy("state", "Expired"),
}
BINDING: dict[str, Words] = {
    "claim.confirm": _("Confirm payables"),
    "voucher.check": _("Check and sign vouchers"),
    "voucher.accept": _("Accept vouchers"),
    "voucher.transfer": _("Pass vouchers on"),
    "financing.request": _("Ask for financing"),
    "financing.consent": _("Consent to a price"),
    "financing.decide": _("Decide on financing"),
    "financing.check": _("Check financing decisions"),
    "limit.check": _("Publish credit lines"),
    "payment.release": _("Release payments"),
}
#: what an applicant hands in
PAPERS: dict[str, Words] = {
    "registration": _("Proof of registration"),
    "identity": _("Proof of identity"),
    "licence": _("Licence"),
    "other": _("Other document"),
}
BOOKS: dict[str, Words] = {
    "money": _("Money"),
    "mirror": _("As proposed to your accounting"),
    "memo": _("Off balance: credit lines"),
}
#: the first parts of the addresses of both doors, as the log of reads keeps them
READ_WHAT: dict[str, Words] = {
    "home,search": _("Overview and search"),
    "inbox,outbox,approvals": _("Requests for approval"),
    "vouchers,issue,offers": _("Vouchers"),
    "holdings": _("Holdings"),
    "overlays": _("Disputes and freezes"),
    "payables,claims": _("Payables"),
    "orders,deliveries,invoices,contracts,papers,imports,party-names": _("Orders, deliveries and documents"),
    "financing,financings,quotes": _("Financing"),
    "limits": _("Limits"),
    "payments,messages,bank-messages,bank-accounts,exceptions,reconciliations": _("Payments and bank messages"),
    "unmatched,unmatched-cash,expected-cash,placed,returned-cash": _("Unmatched cash"),
    "overdue,alerts,promises": _("Overdue and alerts"),
    "complaints": _("Complaints"),
    "parties,licences,restrictions,consents,party-numbers": _("Firms"),
    "people,changes": _("People: names and functions"),
    "applications": _("Applications"),
    "clients,client-proposals,webhooks,webhook-deliveries": _("API clients and webhooks"),
    "events,audit": _("Event log"),
    "ledger,books": _("Books"),
    "requests,evidence-requests": _("Evidence requests"),
    "statistics": _("Statistics"),
    "schedules,reports": _("Files of reports"),
    "recoveries,emergencies": _("Recoveries and emergencies"),
}
READ_CLASSES: dict[str, Words] = {"restricted": _("restricted"), "core": _("core")}
READ_PURPOSES: dict[str, Words] = {
    "operation": _("Operating the platform"),
    "supervision": _("Supervision"),
    "emergency": _("Emergency"),
    "consent": _("By consent"),
}


def read_what(what: str) -> Words:
    """What a line of the log of reads is about; its own word where there is none."""
    return next((words for parts, words in READ_WHAT.items() if what in parts.split(",")), what)
