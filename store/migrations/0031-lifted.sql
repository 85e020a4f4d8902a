-- What a call takes of a lift, because no budget has room for it: as the other sums, its worst until it is settled.
alter table model_call add column lifted numeric(14, 8) not null default 0;
