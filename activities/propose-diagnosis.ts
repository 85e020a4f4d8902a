// Step 8's place. No model is configured in this version, and it says so instead of guessing.
import type { ControlActivities } from './types.ts'

export function createProposeDiagnosis(): ControlActivities['proposeDiagnosis'] {
  return async () => ({
    kind: 'inconclusive',
    says: 'No known fault fits what was measured, and this version has no model that could look further.',
  })
}
