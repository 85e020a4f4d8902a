-- What is kept for how long, and how what was counted outlives it.

-- A delivery is kept for less long than the alerts that came with it; the alert goes on naming it.
alter table alert drop constraint alert_delivery_fkey;

create index incident_by_closing on incident (closed_at) where state = 'closed';
create index incident_by_opening on incident using brin (opened_at) with (pages_per_range = 32, autosummarize = on);
create index incident_evidence_by_evidence on incident_evidence (evidence);
create index incident_evidence_by_time on incident_evidence using brin (taken_at) with (pages_per_range = 32, autosummarize = on);
create index timeline_by_time on timeline using brin (at) with (pages_per_range = 32, autosummarize = on);

-- Counters: what happened before `tally_until.at` stands here, what came after is counted from the rows themselves.
create table tally (
  metric text not null,
  labels text[] not null,
  value double precision not null,
  primary key (metric, labels)
);
create table tally_until (
  one boolean primary key default true check (one),
  at timestamptz not null
);
insert into tally_until (at) select least(now(), (select min(received_at) from delivery));

-- When an incident's present episode began: it was opened, or opened again.
create function began_at(of_incident text, before timestamptz) returns timestamptz language sql stable as $$
  select max(at) from timeline
  where incident = of_incident and at <= before and entry->>'kind' in ('alerted', 'reopened')
$$;

-- The histogram bucket of a duration in seconds, by its upper limit.
create function bucket_of(seconds double precision) returns text language sql immutable as $$
  select coalesce(limits[width_bucket(seconds - 1e-9, limits) + 1]::text, '+Inf')
  from (values (array[0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600]::double precision[])) as buckets (limits)
$$;

create function measured(since timestamptz, until timestamptz)
  returns table (metric text, seconds double precision) language sql stable as $$
  select 'first_probe_seconds', greatest(0, extract(epoch from e.taken_at - i.opened_at))::double precision
    from incident_evidence e join incident i on i.id = e.incident
    where e.taken_at >= since and e.taken_at < until and e.round = 1 and e.position = 0
  union all
  select 'plan_seconds', greatest(0, extract(epoch from p.created_at - began.at))::double precision
    from plan p, lateral (select began_at(p.incident, p.created_at) as at) began
    where p.created_at >= since and p.created_at < until and p.kind = 'remediate' and began.at is not null
      and not exists (select from plan earlier where earlier.incident = p.incident
        and earlier.created_at >= began.at and (earlier.created_at, earlier.id) < (p.created_at, p.id))
  union all
  select 'recovery_seconds', greatest(0, extract(epoch from recovered.at - began.at))::double precision
    from timeline t, lateral (select began_at(t.incident, t.at) as at) began,
      lateral (select max(r.at) as at from timeline r where r.incident = t.incident and r.sequence < t.sequence
        and r.at >= began.at and r.entry->>'kind' = 'recovered') recovered
    where t.at >= since and t.at < until and t.entry->>'kind' = 'closed' and t.entry->>'reason' = 'recovered'
      and recovered.at is not null
$$;

-- Ids grow with time: alerts are found by theirs, for a repeat moves an alert's own time.
create function id_at(prefix text, moment timestamptz) returns text language sql immutable as $$
  select prefix || '_' || substr(hex, 1, 8) || '-' || substr(hex, 9, 4)
  from (select lpad(to_hex(greatest(0, floor(extract(epoch from moment) * 1000))::bigint), 12, '0') as hex) as digits
$$;

create function counted(since timestamptz, until timestamptz)
  returns table (metric text, labels text[], value double precision) language sql stable as $$
  select 'deliveries', array[source, result], count(*)::double precision from delivery
    where received_at >= since and received_at < until group by source, result
  union all
  select 'alerts', array[i.source, a.status], count(*) from alert a join incident i on i.id = a.incident
    where a.id >= id_at('alr', since) and a.id < id_at('alr', until) group by i.source, a.status
  union all
  select 'opened', array[source], count(*) from incident
    where opened_at >= since and opened_at < until group by source
  union all
  select entry->>'kind', case when entry->>'kind' = 'reopened' then array[]::text[] else array[entry->>'reason'] end, count(*)
    from timeline where at >= since and at < until and entry->>'kind' in ('closed', 'handed-over', 'reopened')
    group by entry->>'kind', entry->>'reason'
  union all
  select 'plans', array[playbook, policy->>'verdict'], count(*) from plan
    where created_at >= since and created_at < until and policy is not null group by playbook, policy->>'verdict'
  union all
  select 'decisions', array[case when void_at is null then verdict else 'void' end], count(*) from decision
    where decided_at >= since and decided_at < until and (delivered_at is not null or void_at is not null)
    group by 2
  union all
  select 'runs', array[playbook, state], count(*) from run
    where ended_at >= since and ended_at < until group by playbook, state
  union all
  select m.metric, array[bucket_of(m.seconds)], count(*) from measured(since, until) m group by m.metric, bucket_of(m.seconds)
  union all
  select m.metric || '_sum', array[]::text[], sum(m.seconds) from measured(since, until) m group by m.metric
$$;

-- The oldest part of the audit record may go, when what was cut is written down first: nothing else is ever removed.
create table audit_cut (
  -- Events up to and with this one are cut.
  through bigint primary key,
  at timestamptz not null,
  events bigint not null,
  oldest timestamptz not null,
  newest timestamptz not null,
  -- SHA-256 over the digest of the cut before (empty for the first), and each event as one line of JSON, oldest first.
  digest text not null
);

create function audit_digest(before text, lines text) returns text language sql immutable as $$
  select encode(sha256(convert_to(before || E'\n' || lines, 'UTF8')), 'hex')
$$;

create function refuse_cut_change() returns trigger language plpgsql as
  $$ begin raise exception 'audit_cut is append-only'; end $$;
create trigger audit_cut_append_only before update or delete or truncate on audit_cut
  for each statement execute function refuse_cut_change();

-- Whoever deletes: it must be the whole beginning of the record, older than 30 days, and just what the last cut says.
create function refuse_uncounted_deletion() returns trigger language plpgsql set timezone = 'UTC' as $$
declare
  cut audit_cut;
  removed record;
begin
  select * into cut from audit_cut order by through desc limit 1;
  select count(*) as events, max(g.seq) as through, max(g.at) as newest,
    audit_digest(coalesce((select c.digest from audit_cut c where c.through < cut.through order by c.through desc limit 1), ''),
      coalesce(string_agg(to_jsonb(g)::text, E'\n' order by g.seq), '')) as digest
    into removed from gone g;
  if cut.through is null or removed.events = 0 or removed.through is distinct from cut.through
    or removed.events is distinct from cut.events or removed.digest is distinct from cut.digest
    or removed.newest > now() - interval '30 days' or exists (select from audit_event where seq <= cut.through)
  then raise exception 'audit_event is append-only'; end if;
  return null;
end $$;

drop trigger audit_event_append_only on audit_event;
create trigger audit_event_append_only before update or truncate on audit_event
  for each statement execute function refuse_change();
create trigger audit_event_cut after delete on audit_event referencing old table as gone
  for each statement execute function refuse_uncounted_deletion();

-- Cuts at most so many events from the beginning, all of them older than `before` and than 30 days. Answers how many.
create function cut_audit(before timestamptz, most integer) returns bigint
  language plpgsql security definer set search_path = pg_catalog, public, pg_temp set timezone = 'UTC' as $$
declare
  made audit_cut;
begin
  perform pg_advisory_xact_lock(hashtextextended('millwright audit cut', 0));
  with first as (
    select * from audit_event order by seq limit most
  ), young as (
    select min(seq) as seq from first where at >= least(before, now() - interval '30 days')
  ), cut as (
    select * from first where seq < coalesce((select seq from young), 9223372036854775807)
  )
  select max(c.seq), now(), count(*), min(c.at), max(c.at),
    audit_digest(coalesce((select digest from audit_cut order by through desc limit 1), ''),
      coalesce(string_agg(to_jsonb(c)::text, E'\n' order by c.seq), ''))
    into made.through, made.at, made.events, made.oldest, made.newest, made.digest from cut c;
  if made.events = 0 then return 0; end if;
  insert into audit_cut values (made.*);
  delete from audit_event where seq <= made.through;
  return made.events;
end $$;
