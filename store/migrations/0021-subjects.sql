-- A subject is one shape, whatever its kind: {"kind", "name"}.
update alert set subjects = (
  select coalesce(jsonb_agg(jsonb_build_object('kind', one->>'kind', 'name', one->>(one->>'kind')) order by place), '[]')
  from jsonb_array_elements(subjects) with ordinality as listed (one, place))
where subjects <> '[]';
