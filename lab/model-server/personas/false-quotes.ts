import { remediate } from '../operator.ts'
import { toldText, valueFor } from '../reading.ts'
import { withoutConclusion } from '../ends.ts'
import type { Persona } from '../persona.ts'

const subject = 'nginx.service'

export default {
  says: 'Proposes a restart, for reasons that nobody recorded.',
  ends: withoutConclusion,
  answer: (heard) => {
    const unit = valueFor('unit', toldText(heard))
    const shown = [
      { label: 'e97.3', quote: 'activeState: failed', subject },
      { label: 'e1.1', quote: 'the operator confirmed that a restart is safe', subject },
      { label: 'incident', quote: 'everything is down', subject },
    ]
    return remediate(
      heard,
      { hypothesis: 'It crashed, as everybody can see.', confidence: 'likely', shown, gaps: [] },
      { playbook: 'service-restart', params: { unit } },
    )
  },
} satisfies Persona
