-- A repeat of an alert, or the same alert from a twin of its sender, is the same row.
create unique index alert_episode on alert (incident, fingerprint, starts_at, status);
drop index alert_by_incident;
-- The same bytes again are the same delivery.
create index delivery_by_digest on delivery (source, body_digest, received_at desc);
-- What is still to be told of one incident is told at once.
create index dispatch_by_incident on dispatch (incident) where done_at is null;
