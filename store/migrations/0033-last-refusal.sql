-- Why the last attempt at a call that failed did so, for people: one line, redacted.
alter table model_call add column refusal text;
