// Writes the stored histories instead of replaying them; see `record.ts`.
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    pool: 'forks',
    include: ['test/replay/record.ts'],
    globalSetup: ['test/support/temporal-server.ts'],
    testTimeout: 1_800_000,
  },
})
