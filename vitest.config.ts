import { defineConfig } from 'vitest/config'

/** Tests that need PostgreSQL or Temporal. */
const service = [
  ...['store', 'gateway', 'workflows', 'activities', 'faults', 'replay', 'workers'].map(below),
  'test/runtime/supervisor.test.ts',
  'test/cli/commands.test.ts',
]
/** Tests that boot machines; they share bridges and control groups, so they run one after another. */
const lab = ['lab', 'e2e', 'hostile', 'playbooks'].map(below)
const browser = ['browser'].map(below)

/** Starts the run's one PostgreSQL server; `testStore()` makes a database on it. */
const postgres = 'test/support/postgres-server.ts'

/** Starts the run's one Temporal server and bundles the workflows; `testTemporal()` makes a namespace on it. */
const temporal = 'test/support/temporal-server.ts'

const minute = 60_000

function below(folder: string): string {
  return `test/${folder}/**/*.test.ts`
}

export default defineConfig({
  test: {
    // The Temporal bridge crashes in worker threads.
    pool: 'forks',
    maxWorkers: 2,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: [...service, ...lab, ...browser],
          // Some start a real program, and the machine may be busy.
          testTimeout: minute / 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'service',
          include: service,
          globalSetup: [postgres, temporal],
          // What is awaited comes at once, or late on a busy machine.
          expect: { poll: { timeout: minute / 2 } },
          testTimeout: minute,
          hookTimeout: minute,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'lab',
          include: lab,
          globalSetup: [postgres],
          maxWorkers: 1,
          fileParallelism: false,
          testTimeout: 5 * minute,
          hookTimeout: 5 * minute,
          sequence: { groupOrder: 2 },
        },
      },
      {
        extends: true,
        test: {
          name: 'browser',
          include: browser,
          globalSetup: [postgres],
          maxWorkers: 1,
          fileParallelism: false,
          testTimeout: 2 * minute,
          hookTimeout: 5 * minute,
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
})
