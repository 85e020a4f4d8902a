// What an investigation of a test works with.
import type { Harness } from '../../domain/model.ts'

export const paperHarness: Harness = {
  prompt: 'p',
  tools: 't',
  probes: 'p',
  catalogue: 'c',
  policies: 'p',
  model: 'paper-1',
  effort: null,
  reader: null,
  turns: 6,
}
