-- Who has opened what waits for a person, so that two on call do not both work on it.
create table looked (
  incident text not null references incident (id) on delete cascade,
  person text not null,
  at timestamptz not null,
  primary key (incident, person)
);
