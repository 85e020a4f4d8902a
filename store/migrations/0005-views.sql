-- What came today is counted for people. Rows come in the order of time, so a block-range index is enough and costs ingest nothing.
create index alert_by_time on alert using brin (received_at) with (pages_per_range = 32, autosummarize = on);
create index delivery_by_time on delivery using brin (received_at) with (pages_per_range = 32, autosummarize = on);
