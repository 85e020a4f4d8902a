-- When a message that was sent is sent again, until the matter is handled.
alter table outbox add column again_at timestamptz;
create index outbox_again on outbox (again_at) where again_at is not null;
create index outbox_by_incident on outbox (incident, notifier, id);

create function outbox_says_so() returns trigger language plpgsql as
  $$ begin perform pg_notify('millwright_outbox', ''); return null; end $$;
create trigger outbox_notifies after insert on outbox for each statement execute function outbox_says_so();
