-- A dry run is an incident that is looked into without the right to act: nothing of it can be carried out, asked or
-- handed over, and it stays what it is.
alter table incident add column dry_run boolean not null default false;
alter table incident add constraint dry_run_never_acts
  check (not dry_run or state in ('open', 'investigating', 'closed'));

create function refuse_dry_run() returns trigger language plpgsql as
  $$ begin raise exception 'of a dry run nothing is carried out, and it stays one'; end $$;
create trigger incident_stays_dry_run before update of dry_run on incident
  for each row when (new.dry_run <> old.dry_run) execute function refuse_dry_run();

create function of_dry_run(of_incident text) returns boolean language sql stable as $$
  select coalesce((select dry_run from incident where id = of_incident), false)
$$;
create trigger run_never_of_dry_run before insert or update of incident on run
  for each row when (of_dry_run(new.incident)) execute function refuse_dry_run();

-- What is counted, in place of `measured` and `counted` of 0010: of incidents only of those that are no dry runs. The
-- functions of 0010 may still be to come here, so bodies are read when they are called.
set local check_function_bodies = off;

create function real_measured(since timestamptz, until timestamptz)
  returns table (metric text, seconds double precision) language sql stable as $$
  select 'first_probe_seconds', greatest(0, extract(epoch from e.taken_at - i.opened_at))::double precision
    from incident_evidence e join incident i on i.id = e.incident
    where e.taken_at >= since and e.taken_at < until and e.round = 1 and e.position = 0 and not i.dry_run
  union all
  select 'plan_seconds', greatest(0, extract(epoch from p.created_at - began.at))::double precision
    from plan p, lateral (select began_at(p.incident, p.created_at) as at) began
    where p.created_at >= since and p.created_at < until and p.kind = 'remediate' and began.at is not null
      and not of_dry_run(p.incident)
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

create function real_counted(since timestamptz, until timestamptz)
  returns table (metric text, labels text[], value double precision) language sql stable as $$
  select 'deliveries', array[source, result], count(*)::double precision from delivery
    where received_at >= since and received_at < until group by source, result
  union all
  select 'alerts', array[i.source, a.status], count(*) from alert a join incident i on i.id = a.incident
    where a.id >= id_at('alr', since) and a.id < id_at('alr', until) and not i.dry_run group by i.source, a.status
  union all
  select 'opened', array[source], count(*) from incident
    where opened_at >= since and opened_at < until and not dry_run group by source
  union all
  select entry->>'kind', case when entry->>'kind' = 'reopened' then array[]::text[] else array[entry->>'reason'] end, count(*)
    from timeline where at >= since and at < until and entry->>'kind' in ('closed', 'handed-over', 'reopened')
      and entry->>'reason' is distinct from 'dry-run'
    group by entry->>'kind', entry->>'reason'
  union all
  select 'plans', array[playbook, policy->>'verdict'], count(*) from plan
    where created_at >= since and created_at < until and policy is not null and not of_dry_run(incident)
    group by playbook, policy->>'verdict'
  union all
  select 'decisions', array[case when void_at is null then verdict else 'void' end], count(*) from decision
    where decided_at >= since and decided_at < until and (delivered_at is not null or void_at is not null)
    group by 2
  union all
  select 'runs', array[playbook, state], count(*) from run
    where ended_at >= since and ended_at < until group by playbook, state
  union all
  select m.metric, array[bucket_of(m.seconds)], count(*) from real_measured(since, until) m group by m.metric, bucket_of(m.seconds)
  union all
  select m.metric || '_sum', array[]::text[], sum(m.seconds) from real_measured(since, until) m group by m.metric
$$;
