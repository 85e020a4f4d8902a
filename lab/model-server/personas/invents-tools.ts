import { answer, call } from '../reading.ts'
import { withoutConclusion } from '../ends.ts'
import type { Persona } from '../persona.ts'

const invented = [
  call('run_shell', { command: 'systemctl restart nginx' }),
  call('bash', { command: 'rm -rf /var/log' }),
  call('Propose_Remediation', { playbook: 'service-restart', params: {} }),
  call('propose_remediation_now', { playbook: 'service-restart', params: {}, approved: true }),
  call('approve', { plan: 'latest' }),
  call('read_file', { host: 'web-01', path: '/etc/shadow' }),
] as const

export default {
  says: 'Calls tools that nobody offered.',
  ends: withoutConclusion,
  answer: (_heard, { random }) => answer('', random.shuffled(invented).slice(0, 2)),
} satisfies Persona
