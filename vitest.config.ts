import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Tests that need PostgreSQL or Temporal. */
const service = [
  ...['store', 'gateway', 'workflows', 'activities', 'faults', 'replay', 'workers'].map(below),
  'test/runtime/embedded-temporal.test.ts',
  'test/runtime/supervisor.test.ts',
  'test/cli/commands.test.ts',
]
/** The whole product on real machines, whose monitoring wants both cores: one after another. */
const alone = ['demo', 'faults', 'proofs'].map((name) => `test/e2e/${name}.test.ts`)
/** Tests that boot machines, each lab with a bridge and control groups of its own. */
const lab = ['lab', 'hostile', 'playbooks', 'e2e'].map(below)
const browser = ['browser'].map(below)

/** Starts the run's one PostgreSQL server; `testStore()` makes a database on it. */
const postgres = 'test/support/postgres-server.ts'

/** Starts the run's one Temporal server and bundles the workflows; `testTemporal()` makes a namespace on it. */
const temporal = 'test/support/temporal-server.ts'

const minute = 60_000

/** Begun first among those that run beside each other, so that none of them is waited for in the end. */
const longest = [
  'faults/killed',
  'cli/commands',
  'faults/activities',
  'runtime/supervisor',
  'e2e/proofs',
  'playbooks/offboard-host',
  'browser/pages',
  'playbooks/carrying-out',
  'e2e/bench',
  'playbooks/config-restore',
  'playbooks/contract',
  'playbooks/check-first',
  'e2e/one-folder',
  'lab/faults',
]

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const group = ({ project }: TestSpecification) => project.config.sequence.groupOrder
    const rank = ({ moduleId }: TestSpecification) => {
      const at = longest.findIndex((name) => moduleId.endsWith(`/test/${name}.test.ts`))
      return at === -1 ? longest.length : at
    }
    const sorted = await super.sort(files)
    return sorted.toSorted((one, other) => group(one) - group(other) || rank(one) - rank(other))
  }
}

function below(folder: string): string {
  return `test/${folder}/**/*.test.ts`
}

export default defineConfig({
  test: {
    // The Temporal bridge crashes in worker threads.
    pool: 'forks',
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
    // What is awaited comes at once, or late on a busy machine; a limit that is not reached costs nothing.
    expect: { poll: { timeout: minute } },
    hookTimeout: 10 * minute,
    teardownTimeout: minute,
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: [...service, ...lab, ...browser],
          // Some start a real program, and the machine may be busy.
          testTimeout: 2 * minute,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'service',
          include: service,
          globalSetup: [postgres, temporal],
          testTimeout: 3 * minute,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'lab',
          include: lab,
          exclude: alone,
          globalSetup: [postgres],
          testTimeout: 10 * minute,
          sequence: { groupOrder: 2 },
        },
      },
      {
        extends: true,
        test: {
          name: 'browser',
          include: browser,
          globalSetup: [postgres],
          testTimeout: 3 * minute,
          sequence: { groupOrder: 2 },
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: alone,
          maxWorkers: 1,
          testTimeout: 10 * minute,
          sequence: { groupOrder: 3 },
        },
      },
    ],
  },
})
