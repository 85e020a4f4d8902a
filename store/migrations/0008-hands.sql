-- Who let somebody in or changed them, and who had let those in: [{"by": name, "at": moment}], the newest first.
alter table login_code add column hands jsonb not null default '[]';
alter table person add column hands jsonb not null default '[]';
alter table session
  add column hands jsonb not null default '[]',
  add column seen_at timestamptz;
alter table session
  drop constraint session_kind_check,
  add constraint session_kind_check check (kind in ('cookie', 'cli', 'local'));
-- Tokens of the command line lived for seven days.
delete from session where kind = 'cli';
-- The names that stood behind the person when they decided, from the moment on when the plan was made.
alter table decision add column hands jsonb not null default '[]';
-- Whose stop it is.
alter table kill_switch add column team text not null default 'default';
-- A person's name, or `millwright`.
alter table host_lease add column quarantined_by text;
