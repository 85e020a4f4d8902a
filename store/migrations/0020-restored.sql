-- When somebody said that this database was restored from a backup: from then on no lease has this fence or a lower one.
create table restored (
  at timestamptz not null,
  fence bigint not null
);
