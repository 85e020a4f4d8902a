// Prints what a host must know to answer this version's probes. onboard-host installs it as schema.json.
import { loadProbes } from './load.ts'

const { schema } = await loadProbes()
process.stdout.write(JSON.stringify(schema, null, 1))
