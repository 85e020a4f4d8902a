-- Every row that people or policy may ask about carries team and environment. Times are UTC.

create table delivery (
  id text primary key,
  source text not null,
  team text not null,
  environment text not null,
  received_at timestamptz not null,
  -- SHA-256 of the raw body: a replay of the same bytes is recognised by it.
  body_digest text not null,
  result text not null check (result in ('opened', 'merged', 'reopened', 'ignored', 'test', 'rejected')),
  says text not null,
  -- Redacted, cut at 64 KiB.
  body text not null,
  truncated_alerts integer not null default 0
);
create index delivery_by_source on delivery (source, received_at desc);

create table incident (
  id text primary key,
  number bigint generated always as identity unique,
  team text not null,
  environment text not null,
  source text not null,
  group_key text not null,
  group_id text not null,
  -- hash(source, group key, target or 'unresolved'); unique among incidents that are not closed.
  identity text not null,
  host text,
  storm boolean not null default false,
  title text not null,
  severity text,
  state text not null check (state in
    ('open', 'investigating', 'awaiting-approval', 'remediating', 'verifying', 'handed-over', 'closed')),
  reason text,
  closed_reason text,
  source_status text not null check (source_status in ('firing', 'resolved')),
  attempt integer not null default 0,
  -- The last timeline sequence.
  sequence integer not null default 0,
  -- Counts re-openings; part of the workflow's run, not of its id.
  opened_at timestamptz not null,
  updated_at timestamptz not null,
  last_seen_at timestamptz not null,
  closed_at timestamptz,
  traceparent text
);
create unique index incident_identity_open on incident (identity) where state <> 'closed';
create index incident_by_state on incident (state, updated_at desc);
create index incident_by_group on incident (group_id, opened_at desc);
create index incident_by_identity on incident (identity, closed_at desc);

create table alert (
  id text primary key,
  delivery text not null references delivery (id) on delete cascade,
  incident text not null references incident (id) on delete cascade,
  fingerprint text not null,
  status text not null check (status in ('firing', 'resolved')),
  name text not null,
  labels jsonb not null,
  annotations jsonb not null,
  subjects jsonb not null,
  starts_at timestamptz not null,
  ends_at timestamptz,
  link text,
  received_at timestamptz not null
);
create index alert_by_incident on alert (incident, received_at);

-- What the gateway still has to tell Temporal.
create table dispatch (
  id bigint generated always as identity primary key,
  incident text not null references incident (id) on delete cascade,
  kind text not null check (kind in ('start', 'changed')),
  created_at timestamptz not null,
  next_at timestamptz not null,
  tries integer not null default 0,
  error text,
  done_at timestamptz
);
create index dispatch_open on dispatch (next_at) where done_at is null;

create table timeline (
  incident text not null references incident (id) on delete cascade,
  sequence integer not null,
  at timestamptz not null,
  state text,
  entry jsonb not null,
  primary key (incident, sequence)
);

create table evidence (
  id text primary key,
  probe text not null,
  params jsonb not null,
  outcome jsonb not null,
  host_clock timestamptz,
  host_digest text,
  bytes integer not null
);

create table incident_evidence (
  incident text not null references incident (id) on delete cascade,
  round integer not null,
  position integer not null,
  evidence text not null references evidence (id),
  host text not null,
  taken_at timestamptz not null,
  primary key (incident, round, position)
);

create table plan (
  id text primary key,
  incident text not null references incident (id),
  team text not null,
  environment text not null,
  host text not null,
  playbook text not null,
  attempt integer not null,
  kind text not null check (kind in ('remediate', 'undo')),
  digest text not null unique,
  body jsonb not null,
  -- The alerts' identity that attempts are counted for.
  identity text not null,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  policy jsonb,
  unique (incident, attempt, kind, digest)
);

create table decision (
  id text primary key,
  plan_digest text not null,
  incident text not null references incident (id),
  team text not null,
  environment text not null,
  person text not null,
  role text not null,
  verdict text not null check (verdict in ('approve', 'reject', 'take-over')),
  reason text not null,
  decided_at timestamptz not null,
  valid_until timestamptz not null,
  delivered_at timestamptz,
  void_at timestamptz,
  used_at timestamptz,
  used_by text
);
create index decision_by_plan on decision (plan_digest);

create table run (
  id text primary key,
  incident text not null references incident (id),
  plan text not null unique references plan (id),
  plan_digest text not null,
  team text not null,
  environment text not null,
  host text not null,
  playbook text not null,
  decision text references decision (id),
  fence bigint,
  state text not null check (state in
    ('planned', 'leased', 'started', 'succeeded', 'failed', 'unknown', 'refused')),
  outcome jsonb,
  created_at timestamptz not null,
  deadline timestamptz not null,
  started_at timestamptz,
  -- When nothing of it can be alive any more on the host.
  hard_deadline timestamptz,
  ended_at timestamptz
);
create index run_by_host on run (host, created_at desc);

create table run_event (
  run text not null references run (id) on delete cascade,
  sequence integer not null,
  at timestamptz not null,
  event jsonb not null,
  primary key (run, sequence)
);

-- One row per host: the lease and its fence. The fence only grows.
create table host_lease (
  host text primary key,
  fence bigint not null default 0,
  run text,
  until timestamptz,
  last_change_at timestamptz,
  quarantined_at timestamptz,
  quarantined_because text
);

-- One row; unreadable counts as stopped.
create table kill_switch (
  one boolean primary key default true check (one),
  stopped boolean not null,
  by text not null,
  says text not null,
  at timestamptz not null
);
insert into kill_switch (stopped, by, says, at) values (false, 'millwright', 'first start', now());

create table outbox (
  id bigint generated always as identity primary key,
  notifier text not null,
  key text not null,
  incident text not null references incident (id) on delete cascade,
  body jsonb not null,
  created_at timestamptz not null,
  next_at timestamptz not null,
  tries integer not null default 0,
  error text,
  sent_at timestamptz,
  given_up_at timestamptz,
  unique (notifier, key)
);
create index outbox_open on outbox (next_at) where sent_at is null and given_up_at is null;

-- Insert-only, by one writer at a time; the hash chain comes over the same rows.
create table audit_event (
  seq bigint generated always as identity primary key,
  at timestamptz not null,
  team text not null,
  environment text not null,
  actor text not null check (actor <> ''),
  act text not null check (act <> ''),
  subject text not null check (subject <> ''),
  digests jsonb not null,
  detail jsonb not null
);
create function refuse_change() returns trigger language plpgsql as
  $$ begin raise exception 'audit_event is append-only'; end $$;
create trigger audit_event_append_only before update or delete or truncate on audit_event
  for each statement execute function refuse_change();

create table person (
  name text primary key,
  role text not null check (role in ('viewer', 'approver', 'admin')),
  team text not null,
  created_at timestamptz not null
);

create table session (
  -- SHA-256 of the token.
  id text primary key,
  person text not null references person (name) on delete cascade,
  kind text not null check (kind in ('cookie', 'cli')),
  created_at timestamptz not null,
  expires_at timestamptz not null
);

create table login_code (
  -- SHA-256 of the one-time code.
  id text primary key,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  used_at timestamptz
);
