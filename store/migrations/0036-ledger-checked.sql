-- What the process that asks models writes is checked by the database, too: no sum takes back what others used, and of
-- a conversation it writes what a model answered (1) and what its reader read (2), never what a model is told (0).
alter table model_call add constraint model_call_counts_up check (
  attempts > 0 and tokens >= 0 and dollars >= 0 and milliseconds >= 0 and lifted >= 0 and sent_bytes >= 0
  and coalesce(least(input, cache_read, cache_write, output), 0) >= 0);

-- The owner of the table is not held by it.
alter table investigation_message enable row level security;
create policy investigation_message_read on investigation_message for select using (true);
create policy investigation_message_answer on investigation_message for insert with check (position in (1, 2));
