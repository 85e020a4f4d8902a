// The workflow types, by their names.
export { dryRun } from './dry-run.ts'
export { host } from './host.ts'
export { incident } from './incident.ts'
