-- When the workflow took it; null: whoever wrote it was lost before, or is telling it just now.
alter table budget_lift add column told_at timestamptz;
