-- Whom a one-time code logs in; who hands it out decides that.
alter table login_code
  add column person text not null default 'admin',
  add column role text not null default 'admin' check (role in ('viewer', 'approver', 'admin')),
  add column team text not null default 'default';
