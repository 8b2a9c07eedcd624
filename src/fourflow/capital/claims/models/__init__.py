"""Tables of claims. What is used of a claim or payable is kept by the database from the uses (migration 0002)."""

from fourflow.capital.claims.models.claim import Claim, ClaimLink, ClaimUse, documents_of, fingerprints
from fourflow.capital.claims.models.payable import Payable
from fourflow.capital.claims.models.registration import Exchange, Registration, RegistrationClaim

__all__ = [
    "Claim",
    "ClaimLink",
    "ClaimUse",
    "Exchange",
    "Payable",
    "Registration",
    "RegistrationClaim",
    "documents_of",
    "fingerprints",
]
