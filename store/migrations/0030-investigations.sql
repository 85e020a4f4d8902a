-- Step 8: what a model was asked, what it said, and what it cost. The process that asks models may touch no other
-- tables than these, see `store/mind-role.ts`.

-- One story of an incident may be investigated once; one that is reopened, again.
create table investigation (
  incident text not null references incident (id) on delete cascade,
  number int not null,
  -- Of the transition that began it: asked twice, it is the same investigation.
  sequence int not null,
  team text not null,
  environment text not null,
  -- What the budget of a service counts: the unit or endpoint that the alert is about, on its host.
  service text not null,
  -- Digests of prompt, tools, probe schema, catalogue and policy; model and effort.
  harness jsonb not null,
  -- System prompt and tools: `json`, for it is to be the same bytes in every turn.
  head json not null,
  began_at timestamptz not null default now(),
  primary key (incident, number),
  unique (incident, sequence)
);

-- The conversation, in its order. `turn` is the one that a message is said in: 1 begins with the evidence pack.
create table investigation_message (
  incident text not null,
  number int not null,
  turn int not null,
  -- 0: what is said to the model; 1: what it answered; 2: what is said, with the reader's facts in place of raw text.
  position int not null check (position in (0, 1, 2)),
  message json not null,
  primary key (incident, number, turn, position),
  foreign key (incident, number) references investigation on delete cascade
);

-- What code made of each answer: asked twice, it is the same judgement.
create table investigation_turn (
  incident text not null,
  number int not null,
  turn int not null,
  judged jsonb not null,
  -- The questions that this turn may ask hosts and stores.
  asks jsonb not null default '[]',
  primary key (incident, number, turn),
  foreign key (incident, number) references investigation on delete cascade
);

-- The ledger: a row before each call, with the worst that it may cost; settled after it. Calls outlive their incident.
create table model_call (
  incident text not null,
  number int not null,
  turn int not null,
  tier text not null check (tier in ('planner', 'reader')),
  team text not null,
  environment text not null,
  service text not null,
  agent text not null,
  model text not null,
  state text not null check (state in ('reserved', 'answered', 'failed')),
  -- A call whose outcome nobody knows is asked again, and its worst stays counted.
  attempts int not null default 1,
  -- What counts: of every attempt what was used, or its worst case while or where that is not known.
  tokens bigint not null,
  dollars numeric(14, 8) not null,
  milliseconds bigint not null,
  -- Of the answer.
  input int,
  cache_read int,
  cache_write int,
  output int,
  stop text,
  -- Of the question in canonical JSON, as it was sent.
  sent_bytes int not null,
  sent_digest text not null,
  -- Whom it was sent to; empty: nobody outside.
  sent_to text not null,
  -- Day of the price list, or `config`.
  priced_by text not null,
  -- Budgets that this call brought to four fifths, in words.
  warns text,
  reserved_at timestamptz not null default now(),
  settled_at timestamptz,
  primary key (incident, number, turn, tier)
);
create index model_call_reserved_at on model_call (reserved_at);

-- What a person let it have beyond a budget, with their name. `id`: the form's nonce.
create table budget_lift (
  id text primary key,
  incident text not null references incident (id) on delete cascade,
  person text not null,
  dollars numeric(14, 8) not null check (dollars > 0),
  says text not null,
  at timestamptz not null default now()
);
create index budget_lift_incident on budget_lift (incident);
