// One span per activity, per exchange with a host, and per Ansible task; what is inside is added where it is put
// together.
import { Context } from '@temporalio/activity'
import type { ActivityInboundCallsInterceptor } from '@temporalio/worker'
import type { AskHost } from '../activities/ask-host.ts'
import type { Launch, RunEvent } from '../runtime/ansible/launcher.ts'
import { traceparentOf } from '../runtime/temporal-trace.ts'
import { inSpan, spanOf } from '../runtime/trace.ts'

export function traceInterceptor(): ActivityInboundCallsInterceptor {
  return {
    execute: (input, next) => {
      const { activityType, attempt, workflowExecution, isLocal } = Context.current().info
      const attributes = {
        'millwright.of': workflowExecution?.workflowId ?? 'unknown',
        'millwright.attempt': attempt,
        'millwright.local': isLocal,
      }
      return inSpan(activityType, { parent: traceparentOf(input.headers), attributes }, () => next(input))
    },
  }
}

/** How many questions, and how many of them could not be answered; never what was answered. */
export function tracedAskHost(askHost: AskHost): AskHost {
  return (host, requests, signal) => {
    const probes = [...new Set(requests.map((request) => request.probe))]
    const attributes = {
      'millwright.host': host.id,
      'millwright.probes': probes,
      'millwright.questions': requests.length,
    }
    return inSpan('exchange with a host', { attributes }, () => askHost(host, requests, signal))
  }
}

/** Ansible's own events, as spans beside each other below the run. */
export function tracedLaunch(launch: Launch): Launch {
  return (request) => {
    let since = new Date()
    const onEvent = (event: RunEvent): void => {
      if (event.kind === 'task') since = new Date()
      if (isEnd(event)) {
        const attributes = { 'millwright.outcome': event.kind, 'millwright.changed': event.changed }
        spanOf(
          `${request.check ? 'check' : 'task'}: ${event.task}`,
          since,
          attributes,
          broke.has(event.kind) ? `task.${event.kind}` : null,
        )
      }
      request.onEvent(event)
    }
    return launch({ ...request, onEvent })
  }
}

const broke = new Set<RunEvent['kind']>(['failed', 'unreachable'])

function isEnd(event: RunEvent): event is Extract<RunEvent, { changed: boolean }> {
  return 'changed' in event
}
