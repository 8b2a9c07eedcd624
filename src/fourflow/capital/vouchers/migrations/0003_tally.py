"""Totals that are kept: who sees how many vouchers of what state, term and due date, and the sums of them."""

from django.db import migrations

from fourflow.platform.db import rls

# The bands of types.TermBand. PostgreSQL takes the month's last day where there is no such day, as domain.rules.add_months.
BAND = """
create function vouchers_term_band(issued date, due date) returns text language sql immutable parallel safe as $f$
  select case when due <= (issued + interval '3 months')::date then 'to3'
              when due <= (issued + interval '6 months')::date then 'to6'
              when due <= (issued + interval '12 months')::date then 'to12'
              else 'over12' end
$f$
"""
SUMS = "sum({sign}), sum({sign} * face_minor), sum({sign} * redeemed_minor), sum({sign} * cancelled_minor)"
COLUMNS = (
    "id, state, currency, vouchers_term_band(issued_on, due_on) as term, due_on, "
    "face_minor, redeemed_minor, cancelled_minor"
)
KEY = "organisation_id, state, currency, term, due_on"
INTO = f"insert into vouchers_tally ({KEY}, vouchers, face_minor, redeemed_minor, cancelled_minor)"
# Everybody who sees a voucher has it in his totals, and so has the whole platform (the nil UUID, models.WHOLE).
SEEN_BY = (
    "cross join lateral (select v.organisation_id from platform_visibility v where v.object_id = c.id "
    "union all select '00000000-0000-0000-0000-000000000000'::uuid) s"
)
# The settings keep plans that were made while tables were small from reading whole tables later.
VOUCHERS = f"""
create function vouchers_tally_vouchers() returns trigger language plpgsql set enable_seqscan = off set jit = off as $f$
begin
  if tg_op = 'INSERT' then
    {INTO}
    select {KEY}, {SUMS.format(sign=1)}
      from (select {COLUMNS} from added) c {SEEN_BY} group by 1, 2, 3, 4, 5;
  else
    {INTO}
    select {KEY}, {SUMS.format(sign="sign")}
      from (select {COLUMNS}, 1 as sign from added union all select {COLUMNS}, -1 from removed) c {SEEN_BY}
      group by 1, 2, 3, 4, 5
      having sum(sign) <> 0 or sum(sign * face_minor) <> 0 or sum(sign * redeemed_minor) <> 0 or sum(sign * cancelled_minor) <> 0;
  end if;
  return null;
end $f$
"""
# A change of the voucher in another transaction and this grant must not miss each other: the lock makes one of them wait.
# Operations hold a stronger one anyway, for whoever opens a voucher has locked it.
GRANTS = f"""
create function vouchers_tally_grants() returns trigger language plpgsql set enable_seqscan = off set jit = off as $f$
begin
  {INTO}
  select {KEY}, {SUMS.format(sign=1)}
    from (select n.organisation_id, v.state, v.currency, vouchers_term_band(v.issued_on, v.due_on) as term, v.due_on,
                 v.face_minor, v.redeemed_minor, v.cancelled_minor
            from granted n join vouchers_voucher v on v.id = n.object_id order by v.id for share of v) c
    group by 1, 2, 3, 4, 5;
  return null;
end $f$
"""
TRIGGERS = [
    "create trigger tally_insert after insert on vouchers_voucher referencing new table as added "
    "for each statement execute function vouchers_tally_vouchers()",
    "create trigger tally_update after update on vouchers_voucher referencing old table as removed new table as added "
    "for each statement execute function vouchers_tally_vouchers()",
    "create trigger tally_grants after insert on platform_visibility referencing new table as granted "
    "for each statement execute function vouchers_tally_grants()",
]


class Migration(migrations.Migration):
    dependencies = [("vouchers", "0002_rules")]

    operations = [
        migrations.RunSQL(
            [
                *[(sql, None) for sql in (BAND, VOUCHERS, GRANTS)],
                *rls.run(rls.protect_own("vouchers_tally"), rls.allow_delete("vouchers_tally"), TRIGGERS),
            ]
        )
    ]
