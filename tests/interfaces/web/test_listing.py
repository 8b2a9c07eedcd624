"""The address is the state of a list; whatever it says, the page answers."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from hypothesis import given
from hypothesis import strategies as st

from fourflow.interfaces.web.components.listing import Choice, Column, Filter, Listing, ListState
from fourflow.interfaces.web.components.shell import MenuItem, MenuSection, visible_menu

COLUMNS = (
    Column("holder", "Holder", lead=True),
    Column("amount", "Amount", kind="money"),
    Column("due", "Due", kind="date"),
    Column("waiting", "Waiting for", sortable=False),
    Column("tier", "Tier", shown=False),
)
FILTERS = (Filter("status", "State", choices=(Choice("ACTIVE", "Held"),)), Filter("due[lte]", "Due until", "date"))


def parse(query: dict[str, list[str]]) -> ListState:
    return ListState.parse("/vouchers", query, columns=COLUMNS, filters=FILTERS, default_sort="due")


@given(st.dictionaries(st.sampled_from(["sort", "cursor", "limit", "q", "columns", "status", "due[lte]", "x"]),
                       st.lists(st.text(max_size=300), max_size=3)))  # fmt: skip
def test_any_query_is_read_and_its_own_address_reads_back_the_same(query: dict[str, list[str]]) -> None:
    state = parse(query)
    again = parse(parse_qs(urlsplit(state.url(cursor=state.cursor)).query))
    assert again == state


def test_what_cannot_be_sorted_or_is_unknown_falls_back() -> None:
    assert parse({"sort": ["waiting"]}).sort == "due"
    assert parse({"sort": ["-amount"]}).sort == "-amount"
    assert parse({"limit": ["100000"]}).limit == 50
    assert parse({"limit": ["²"]}).limit == 50
    assert parse({"columns": ["tier", "password"]}).columns == ("tier",)


def test_a_new_order_or_filter_goes_back_to_the_first_page() -> None:
    state = parse({"cursor": ["abc"], "status": ["ACTIVE"], "sort": ["due"]})
    assert "cursor" not in state.url(sort="-due")
    assert "cursor" not in state.without_filter("status") and "status" not in state.without_filter("status")
    assert "cursor" not in state.export_url() and "format=xlsx" in state.export_url()


def test_heads_offer_the_other_direction_and_amounts_start_with_the_largest() -> None:
    listing = Listing("l", "List", COLUMNS, (), parse({"sort": ["due"]}))
    heads = {head.column.key: head for head in listing.head}
    assert "sort=-due" in heads["due"].href and heads["due"].aria_sort == "ascending"
    assert "sort=-amount" in heads["amount"].href
    assert heads["waiting"].href == ""
    assert "tier" not in heads


def test_the_leading_column_cannot_be_hidden() -> None:
    listing = Listing("l", "List", COLUMNS, (), parse({"columns": ["tier"]}))
    assert [column.key for column in listing.shown] == ["holder", "tier"]


def test_menus_show_what_the_person_may_open_and_where_they_are() -> None:
    sections = [
        MenuSection("", (MenuItem("Home", "/", "home"),)),
        MenuSection(
            "A", (MenuItem("Vouchers", "/vouchers", "voucher", "see"), MenuItem("New", "/vouchers/new", "plus"))
        ),
        MenuSection("B", (MenuItem("Audit", "/audit", "audit", "audit"),)),
    ]
    menu = visible_menu(sections, {"see"}, "/vouchers/new")
    assert [section.label for section in menu] == ["", "A"]
    assert [item.href for section in menu for item in section.items if item.current] == ["/vouchers/new"]
    assert [i.href for s in visible_menu(sections, {"see"}, "/vouchers/vch_1") for i in s.items if i.current] == [
        "/vouchers"
    ]
