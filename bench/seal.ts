// What sealing costs: what one incident hands to Temporal and gets back, through the data converter with the codec, and
// without it.
import { randomBytes } from 'node:crypto'
import { defaultPayloadConverter, type PayloadCodec, type SerializationContext } from '@temporalio/common'
import { newId } from '../runtime/ids.ts'
import { payloadKeyBytes, sealedWith } from '../runtime/payload-codec.ts'
import { alternately, median, note, print } from './measuring/result.ts'

const rounds = Number(process.env['BENCH_ROUNDS'] ?? 12)
/** About as many payloads as a repair goes through, and twenty of them, so that a clock's tick does not count. */
const payloads = 120 * 20
const bytes = [200, 1_000, 4_000] as const

const context: SerializationContext = { type: 'workflow', namespace: 'bench', workflowId: `incident/${newId('inc')}` }
const [codec] = sealedWith(randomBytes(payloadKeyBytes)).payloadCodecs ?? []
if (codec === undefined) throw new Error('Nothing seals.')

const values = Array.from({ length: payloads }, (_, at) => ({
  incident: newId('inc'),
  text: randomBytes((bytes[at % bytes.length] ?? 0) / 2).toString('hex'),
}))

const { ours, control } = await alternately(
  rounds,
  () => roundTrip(codec),
  () => roundTrip(null),
)
note(`${payloads} payloads of ${bytes.join(', ')} bytes, there and back`)
print({
  name: 'seal and open, a payload',
  value: (median(ours) * 1_000) / payloads,
  unit: 'µs',
  control: (median(control) * 1_000) / payloads,
  against: 'the same payloads converted and not sealed',
})

async function roundTrip(through: PayloadCodec | null): Promise<void> {
  const plain = values.map((value) => defaultPayloadConverter.toPayload(value))
  const sealed = through === null ? plain : await through.encode(plain, context)
  const opened = through === null ? sealed : await through.decode(sealed, context)
  for (const payload of opened) defaultPayloadConverter.fromPayload(payload)
}
