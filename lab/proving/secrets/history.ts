// What Temporal keeps of our workflows, opened with our key: without it nothing could be found there by construction.
import { readFileSync } from 'node:fs'
import { Client, Connection } from '@temporalio/client'
import type { Payload, SerializationContext } from '@temporalio/common'
import { defaultPayloadConverter } from '@temporalio/common'
import { isForged } from '../../../domain/forged.ts'
import { payloadKey, sealedWith } from '../../../runtime/payload-codec.ts'
import { temporalAddressOf } from '../../temporal-address.ts'
import type { Crew } from '../crew.ts'

export type Histories = {
  /** All events of these workflows, and what was sealed in them, as text. Throws where something does not open. */
  readonly read: (workflows: readonly string[]) => Promise<string>
  readonly stop: () => Promise<void>
}

const namespace = 'default'
const mostActivities = 400

export async function openHistories(crew: Crew): Promise<Histories> {
  const connection = await Connection.connect({ address: temporalAddressOf(crew.pids('temporal')[0]) })
  const dataConverter = sealedWith(payloadKey(readFileSync(crew.folder.payloadKey, 'utf8').trim()))
  const client = new Client({ connection, namespace, dataConverter })
  return {
    read: async (workflows) => (await Promise.all(workflows.map((id) => historyOf(client, id, workflows)))).join('\n'),
    stop: () => connection.close(),
  }
}

async function historyOf(client: Client, workflowId: string, workflows: readonly string[]): Promise<string> {
  const { events } = await client.workflow.getHandle(workflowId).fetchHistory()
  const text = JSON.stringify(events ?? [])
  const payloads = payloadsIn(events ?? [])
  const contexts = contextsOf(workflowId, workflows)
  const opened = await Promise.all(payloads.map((one) => opening(client, one, contexts)))
  if (opened.length === 0) throw new Error(`nothing is sealed in the history of ${workflowId}`)
  return [text, ...opened].join('\n')
}

/** Whom a payload of this history may belong to: itself, one that it tells something, an activity. */
function contextsOf(workflowId: string, workflows: readonly string[]): readonly SerializationContext[] {
  const others = workflows.filter((one) => one !== workflowId)
  const activities = Array.from({ length: mostActivities }, (_, at) => String(at)).flatMap((activityId) =>
    [false, true].map((isLocal) => ({ type: 'activity', namespace, workflowId, activityId, isLocal }) as const),
  )
  return [
    ...[workflowId, ...others].map((id) => ({ type: 'workflow', namespace, workflowId: id }) as const),
    ...activities,
  ]
}

async function opening(client: Client, payload: Payload, contexts: readonly SerializationContext[]): Promise<string> {
  const [codec] = client.options.loadedDataConverter.payloadCodecs
  for (const context of contexts) {
    const [opened] = (await codec?.decode([payload], context)) ?? []
    if (opened === undefined || isForged(defaultPayloadConverter.fromPayload(opened))) continue
    return Buffer.from(opened.data ?? []).toString('utf8')
  }
  throw new Error('what Temporal keeps could not be opened, so nobody has searched it')
}

function payloadsIn(value: unknown): readonly Payload[] {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return []
  if (isSealed(value)) return [value]
  return Object.values(value).flatMap(payloadsIn)
}

function isSealed(value: object): value is Payload {
  if (!('metadata' in value) || typeof value.metadata !== 'object' || value.metadata === null) return false
  return 'key-id' in value.metadata
}
