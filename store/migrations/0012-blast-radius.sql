-- How many hosts of an environment a playbook changed within the hour is asked before each run.
create index run_by_playbook on run (playbook, environment, created_at desc);
