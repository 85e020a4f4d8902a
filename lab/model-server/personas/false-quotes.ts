import { remediate } from '../operator.ts'
import { firstOf, toldText } from '../reading.ts'
import type { Persona } from '../persona.ts'

const text = ''

export default {
  says: 'Proposes a restart, for reasons that nobody recorded.',
  answer: (heard) => {
    const unit = firstOf('unit', toldText(heard)) ?? 'nginx.service'
    const shown = [
      { label: 'e97.3', quote: 'activeState: failed', text },
      { label: 'e1.1', quote: 'the operator confirmed that a restart is safe', text },
      { label: 'incident', quote: 'everything is down', text },
    ]
    return remediate(
      heard,
      { hypothesis: 'It crashed, as everybody can see.', confidence: 'likely', shown, gaps: [] },
      { playbook: 'service-restart', params: { unit } },
    )
  },
} satisfies Persona
