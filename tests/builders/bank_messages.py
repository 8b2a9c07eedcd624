"""Messages as a bank would write them, for tests of reading; checked against their schemas where those are at hand."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from lxml import etree

ISO = next(
    (p / "shared/data/iso20022" for p in Path(__file__).resolve().parents if (p / "shared/data/iso20022").is_dir()),
    None,
)


@cache
def _schema(kind: str) -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(str(ISO / "xsd" / f"{kind}.xsd")))


def validate(body: bytes, kind: str) -> None:
    """Fail unless the body follows the published schema; skip where the schemas are not at hand."""
    if ISO is None:
        pytest.skip("ISO 20022 schemas are not at ../shared/data/iso20022")

    _schema(kind).assertValid(etree.fromstring(body))


def sample(name: str) -> bytes:
    """A published sample message; skip where the samples are not at hand."""
    if ISO is None:
        pytest.skip("ISO 20022 samples are not at ../shared/data/iso20022")
    return (ISO / "samples" / name).read_bytes()


def status_report(*transactions: str, group: str = "") -> bytes:
    """A pain.002.001.10 around the given ``TxInfAndSts`` elements."""
    block = f"<OrgnlPmtInfAndSts><OrgnlPmtInfId>m1-1</OrgnlPmtInfId>{''.join(transactions)}</OrgnlPmtInfAndSts>"
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.10"><CstmrPmtStsRpt>'
        "<GrpHdr><MsgId>bank-1</MsgId><CreDtTm>2014-03-03T09:00:00Z</CreDtTm></GrpHdr>"
        f"<OrgnlGrpInfAndSts><OrgnlMsgId>m1</OrgnlMsgId><OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId>{group}"
        f"</OrgnlGrpInfAndSts>{block if transactions else ''}</CstmrPmtStsRpt></Document>"
    ).encode()


def transaction(end_to_end_id: str, status: str, reference: str = "", reason: str = "") -> str:
    """One ``TxInfAndSts``."""
    why = f"<StsRsnInf><Rsn><Cd>{reason}</Cd></Rsn><AddtlInf>so said the bank</AddtlInf></StsRsnInf>" if reason else ""
    ref = f"<AcctSvcrRef>{reference}</AcctSvcrRef>" if reference else ""
    what = f"<OrgnlEndToEndId>{end_to_end_id}</OrgnlEndToEndId><TxSts>{status}</TxSts>"
    return f"<TxInfAndSts>{what}{why}{ref}</TxInfAndSts>"


def entry(amount: str, side: str, reference: str, *details: str, status: str = "BOOK") -> str:
    """One booked ``Ntry`` of 3 March 2014."""
    inside = f"<NtryDtls>{''.join(details)}</NtryDtls>" if details else ""
    return (
        f'<Ntry><Amt Ccy="USD">{amount}</Amt><CdtDbtInd>{side}</CdtDbtInd><Sts><Cd>{status}</Cd></Sts>'
        f"<BookgDt><Dt>2014-03-03</Dt></BookgDt><ValDt><Dt>2014-03-03</Dt></ValDt><AcctSvcrRef>{reference}</AcctSvcrRef>"
        f"<BkTxCd><Prtry><Cd>TRF</Cd></Prtry></BkTxCd>{inside}</Ntry>"
    )


def details(reference: str, end_to_end_id: str, amount: str, text: str = "") -> str:
    """One ``TxDtls`` with the payer's name and account."""
    remittance = f"<RmtInf><Ustrd>{text}</Ustrd></RmtInf>" if text else ""
    return (
        f"<TxDtls><Refs><AcctSvcrRef>{reference}</AcctSvcrRef><EndToEndId>{end_to_end_id}</EndToEndId></Refs>"
        f'<Amt Ccy="USD">{amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd>'
        "<RltdPties><Dbtr><Pty><Nm>Programme</Nm></Pty></Dbtr>"
        f"<DbtrAcct><Id><Othr><Id>100</Id></Othr></Id></DbtrAcct></RltdPties>{remittance}</TxDtls>"
    )


ACCOUNT = "<Acct><Id><Othr><Id>200</Id></Othr></Id><Ccy>USD</Ccy></Acct>"


def notification(*entries: str) -> bytes:
    """A camt.054.001.08 on account 200."""
    return (
        '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.054.001.08"><BkToCstmrDbtCdtNtfctn>'
        "<GrpHdr><MsgId>n1</MsgId><CreDtTm>2014-03-03T09:00:00Z</CreDtTm></GrpHdr>"
        f"<Ntfctn><Id>n1</Id>{ACCOUNT}{''.join(entries)}</Ntfctn></BkToCstmrDbtCdtNtfctn></Document>"
    ).encode()


def _balance(code: str, amount: str, side: str) -> str:
    return (
        f'<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy="USD">{amount}</Amt>'
        f"<CdtDbtInd>{side}</CdtDbtInd><Dt><Dt>2014-03-03</Dt></Dt></Bal>"
    )


def statement(opening: str, closing: str, *entries: str, closing_side: str = "CRDT") -> bytes:
    """A camt.053.001.08 on account 200."""
    balances = _balance("OPBD", opening, "CRDT") + _balance("CLBD", closing, closing_side)
    return (
        '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt>'
        "<GrpHdr><MsgId>s1</MsgId><CreDtTm>2014-03-03T23:00:00Z</CreDtTm></GrpHdr>"
        f"<Stmt><Id>s1</Id>{ACCOUNT}{balances}{''.join(entries)}</Stmt></BkToCstmrStmt></Document>"
    ).encode()
