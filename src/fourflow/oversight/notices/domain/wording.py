"""What notices say: one sentence a fact and language, with a link. No amounts, and of personal data the name alone.

Texts are fixed: nothing of the fact is put into them, so nothing of it can leave the house by e-mail.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from fourflow.oversight.notices.types import Language


class Words(NamedTuple):
    """A subject that says what happened, and what the reader can do."""

    subject: str
    text: str


TEXTS: dict[str, dict[Language, Words]] = {
    "approval.requested": {
        "zh": Words("有一项待您复核", "同事提交了一项申请，等待您复核。"),
        "en": Words("Something waits for your decision", "A colleague has put something up for your approval."),
    },
    "approval.decided": {
        "zh": Words("您的申请未通过复核", "您提交的申请未通过复核。请查看原因；如仍需要，请修改后重新提交。"),
        "en": Words(
            "Your request was rejected",
            "What you put up for approval was rejected. Look at the reason; if it is still wanted, put it up anew.",
        ),
    },
    "approval.closed": {
        "zh": Words("您的申请逾期未复核", "您提交的申请在截止日前无人复核，已失效。如仍需要，请重新提交。"),
        "en": Words(
            "Nobody decided your request in time",
            "What you put up for approval has expired. If it is still wanted, put it up again.",
        ),
    },
    "payable.expired": {
        "zh": Words("应付账款逾期未确认", "您提交的应付账款在截止日前无人确认，已失效。如仍需要，请重新提交。"),
        "en": Words(
            "Nobody confirmed your payable in time",
            "The payable that you proposed has expired. If it is still wanted, propose it again.",
        ),
    },
    "cash.proposal_expired": {
        "zh": Words(
            "您对未匹配款项的提议逾期未复核", "您的提议在截止日前无人复核，已失效；款项仍未匹配。如仍需要，请重新提议。"
        ),
        "en": Words(
            "Nobody decided your proposal for unmatched cash in time",
            "It has expired, and the money is unmatched as before. If it is still wanted, propose it again.",
        ),
    },
    "payable.proposed": {
        "zh": Words("有一笔应付账款待您确认", "同事提交了一笔应付账款，请在截止日前签名确认。"),
        "en": Words("A payable waits for your signature", "A colleague has proposed a payable. Confirm it in time."),
    },
    "payment.rejected": {
        "zh": Words("您准备的付款逾期未放行", "您准备的付款在截止日前无人放行，已失效，未付款。如仍需要，请重新准备。"),
        "en": Words(
            "Nobody released your payment in time",
            "The payment that you prepared has expired; nothing was paid. If it is still wanted, prepare it again.",
        ),
    },
    "party.application_changed": {
        "zh": Words("准入申请已失效", "您的准入申请长期无人继续办理，已失效，材料已删除。如仍需要，请重新申请。"),
        "en": Words(
            "An application of yours has expired",
            "Nobody went on with it for long; its documents were removed. If it is still wanted, begin a new one.",
        ),
    },
    "voucher.cancel_asked": {
        "zh": Words(
            "开立方请求作废一张数信", "开立方已签署作废贵公司持有的一张数信，等待贵公司同意。请在截止日前答复。"
        ),
        "en": Words(
            "The issuer asks to cancel a voucher",
            "It has signed that a voucher which your firm holds shall be cancelled. Agree in time, or let it stand.",
        ),
    },
    "voucher.cancel_ended": {
        "zh": Words(
            "作废数信的请求未完成",
            "持有人在截止日前未同意，或数信已另行转让、融资、红冲或到期。数信继续有效；如仍需要且可行，请重新签署。",
        ),
        "en": Words(
            "The cancellation of a voucher came to nothing",
            "Its holder did not agree in time, or it was passed on, financed, credited or due before. "
            "If it is still to be cancelled and can be, sign for it again.",
        ),
    },
    "financing.requested": {
        "zh": Words("有一笔融资申请待决定", "供应商提交了融资申请，等待贵行决定。"),
        "en": Words("A financing waits for a decision", "A supplier has asked for a financing; your bank decides."),
    },
    "voucher.offered": {
        "zh": Words("收到一张数信，请签收", "核心企业向贵公司开立了数信。请在截止日前签收或拒绝。"),
        "en": Words(
            "A voucher is offered to you",
            "A core enterprise has issued a voucher to your firm. Accept or reject it in time.",
        ),
    },
    "holding.transfer_offered": {
        "zh": Words("收到一笔数信转让，请签收", "客户向贵公司转让了数信。请在截止日前签收或拒绝。"),
        "en": Words(
            "A part of a voucher is offered to you",
            "A customer passes a part of a voucher on to your firm. Accept or reject it in time.",
        ),
    },
    "holding.transfer_ended": {
        "zh": Words(
            "一笔数信转让未完成",
            "与贵公司有关的一笔数信转让已被拒绝、撤回或逾期未签收，数信仍由原持有人持有。",
        ),
        "en": Words(
            "An offered part of a voucher was not passed on",
            "A transfer from or to your firm was rejected, withdrawn or not accepted in time. The part stays its holder's.",
        ),
    },
    "financing.decided": {
        "zh": Words("融资申请已有结果", "资金方已对贵公司的融资申请作出决定。"),
        "en": Words("Your financing was decided", "The bank has decided on your firm's request."),
    },
    "financing.disbursed": {
        "zh": Words("融资已放款", "银行已放款，请查收。"),
        "en": Words("Your financing was paid out", "The bank has paid; look at your account."),
    },
    "financing.recourse_called": {
        "zh": Words("资金方行使追索权", "核心企业未按期付款，资金方按约定向贵公司追索。"),
        "en": Words("The bank takes recourse", "The debtor has not paid; the bank takes its money back as was agreed."),
    },
    "voucher.maturing": {
        "zh": Words("数信到期", "贵公司开立的一张数信已到期，请确认付款。"),
        "en": Words("A voucher falls due", "A voucher of your firm is due; see that it is paid."),
    },
    "voucher.paid": {
        "zh": Words("数信已兑付", "贵公司持有的数信已收到付款。"),
        "en": Words("A voucher was paid", "What your firm holds of a voucher was paid."),
    },
    "voucher.overdue": {
        "zh": Words("数信逾期", "一张与贵公司有关的数信到期未付。"),
        "en": Words("A voucher is overdue", "A voucher that concerns your firm was not paid when it fell due."),
    },
    "voucher.promised": {
        "zh": Words("付款承诺", "核心企业说明了一张数信的付款日期及延迟原因。数信仍按逾期处理，请查看。"),
        "en": Words(
            "An issuer promises to pay",
            "The issuer of a voucher that concerns your firm says by when it pays, and why so late. What is overdue stays so.",
        ),
    },
    "voucher.overlay_opened": {
        "zh": Words("数信有争议或被冻结", "一张与贵公司有关的数信被提出争议或冻结。请查看事由，及时处理。"),
        "en": Words(
            "A voucher is disputed or frozen",
            "A voucher that concerns your firm was disputed or frozen. Look at the case, and deal with it in time.",
        ),
    },
    "voucher.complaint_answered": {
        "zh": Words("投诉已答复", "贵公司就一张数信提出的投诉已由平台答复，请查看。"),
        "en": Words(
            "Your complaint was answered", "The operator has answered what your firm complained of. Read the answer."
        ),
    },
    "party.restricted": {
        "zh": Words("贵公司被列入限制名单", "贵公司的部分业务已被限制。请查看事由，及时处理。"),
        "en": Words(
            "Your firm was put on the stop list",
            "Some of its business is barred. Look at the reason, and deal with it in time.",
        ),
    },
    "financing.overdue": {
        "zh": Words("融资逾期", "贵行的一笔融资到期未收回。"),
        "en": Words("A financing is overdue", "A financing of your bank was not paid when it fell due."),
    },
    "webhook.changed": {
        "zh": Words("Webhook 已停用", "一个 Webhook 地址多次接收失败，已停用。修复后请重新启用。"),
        "en": Words(
            "A webhook was disabled", "An endpoint failed too often and was disabled. Mend it, then enable it again."
        ),
    },
    "document.import_progressed": {
        "zh": Words("您提交的文件已处理完毕", "您离开后，文件已处理完毕。请登录查看已导入的内容，以及有误的行。"),
        "en": Words(
            "A file of yours is done with",
            "It came to its end while you were elsewhere. See what was taken over, and which rows were not.",
        ),
    },
    "report.made": {
        "zh": Words("您订阅的报表已生成", "报表文件已生成，请登录后下载。"),
        "en": Words("A report of yours lies ready", "The file that you subscribed to was made; sign in to take it."),
    },
    "report.failed": {
        "zh": Words("您订阅的报表未能生成", "多次尝试后报表仍未能生成，将在下一日期再次生成。"),
        "en": Words(
            "A report of yours could not be made", "It failed again and again; the next one is made on its own day."
        ),
    },
    "report.schedule_changed": {
        "zh": Words("您订阅的报表已停止", "您已无权查看该报表，订阅已停止。恢复权限后可重新启用。"),
        "en": Words(
            "A report of yours has stopped",
            "You may not see it any more. When you may again, resume it on its page.",
        ),
    },
    "access.recovery": {
        "zh": Words("有人申请恢复您的登录", "您的登录正在恢复，或恢复已有进展。若非您本人申请，请立即联系管理员。"),
        "en": Words(
            "A recovery of your sign-in",
            "Somebody asked to let you in again, or it went a step on. If it was not you, tell your administrator now.",
        ),
    },
    "access.glass_broken": {
        "zh": Words("应急权限已启用", "运营方人员启用了应急权限。请核对原因并在事后复核。"),
        "en": Words(
            "Emergency permissions were taken",
            "A person of the operator broke the glass. Look at the reason and review it.",
        ),
    },
    "access.locked": {
        "zh": Words("登录已被临时锁定", "您的登录因多次失败被临时锁定。若非您本人，请修改密码。"),
        "en": Words(
            "Your sign-in was locked for a while",
            "There were too many attempts. If they were not yours, change your password.",
        ),
    },
    "access.password_changed": {
        "zh": Words("密码已修改", "您的密码已被修改。若非您本人，请立即联系管理员。"),
        "en": Words("Your password was changed", "If it was not you, tell your administrator now."),
    },
    "access.factor_changed": {
        "zh": Words(
            "登录验证方式有变化", "您的第二验证方式被添加或移除，或有人使用了恢复码。若非您本人，请立即联系管理员。"
        ),
        "en": Words(
            "Your second factor was changed",
            "It was added, removed, or a recovery code was used. If it was not you, tell your administrator now.",
        ),
    },
    "access.passkey_copied": {
        "zh": Words("通行密钥可能被复制", "您的一个通行密钥出现异常，可能有副本。请移除它。"),
        "en": Words("A passkey of yours may have been copied", "Its counter went backwards. Remove it."),
    },
}

_FRAME: dict[Language, tuple[str, str, str]] = {
    "zh": ("{name}，您好：", "打开查看：{link}", "您可在此选择通知方式：{settings}"),
    "en": ("Dear {name},", "Open it: {link}", "Choose how you are told: {settings}"),
}
_TOGETHER: dict[Language, str] = {"zh": "今日通知（{count} 条）", "en": "Today's notices ({count})"}
_SANDBOX: dict[Language, str] = {"zh": "[沙盒] ", "en": "[SANDBOX] "}


def subject(events: Sequence[str], language: Language, *, sandbox: bool) -> str:
    """One fact by its own subject, several by their number."""
    if len(events) == 1:
        said = TEXTS[events[0]][language].subject
    else:
        said = _TOGETHER[language].format(count=len(events))
    return f"{_SANDBOX[language] if sandbox else ''}{said}"


def body(
    facts: Sequence[tuple[str, str]], language: Language, *, name: str, organisations: Sequence[str], settings: str
) -> str:
    """The whole text: each fact (its kind and its link), and for which of the reader's firms."""
    greeting, open_it, choose = _FRAME[language]
    lines = [greeting.format(name=name), ""]
    for (event, link), organisation in zip(facts, organisations, strict=True):
        lines += [TEXTS[event][language].text, *([organisation] if organisation else []), open_it.format(link=link), ""]
    return "\n".join([*lines, "--", "Fourflow 四流", choose.format(settings=settings), ""])
