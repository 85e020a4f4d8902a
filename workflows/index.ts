// The workflow types, by their names.
export { host } from './host.ts'
export { incident } from './incident.ts'
