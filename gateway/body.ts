// Reads a request's body as bytes, never more of it than the cap.
import { Failure } from '../domain/failure.ts'

/** Alerts and forms are small; the largest senders stay below 256 KiB. */
export const bodyCap = 1024 * 1024

/**
 * The raw bytes. Throws `input.too-large` past the cap, also when the sender names no length, and
 * `input.unsupported-media-type`.
 */
export async function readBody(request: Request, types: readonly string[]): Promise<Uint8Array> {
  checkHeaders(request.headers, types)
  if (isMeasured(request.headers)) return whole(request)
  if (request.body === null) return new Uint8Array()
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of request.body) {
    length += chunk.byteLength
    if (length > bodyCap) throw tooLarge()
    chunks.push(chunk)
  }
  return chunks.length === 1 && chunks[0] !== undefined ? chunks[0] : Buffer.concat(chunks)
}

function checkHeaders(headers: Headers, types: readonly string[]): void {
  if (Number(headers.get('content-length') ?? 0) > bodyCap) throw tooLarge()
  const encoding = headers.get('content-encoding') ?? 'identity'
  const [type = '', ...parameters] = (headers.get('content-type') ?? '')
    .toLowerCase()
    .split(';')
    .map((part) => part.trim())
  const charset = parameters
    .find((part) => part.startsWith('charset='))
    ?.slice('charset='.length)
    .replaceAll('"', '')
  if (types.includes(type) && encoding === 'identity' && (charset ?? 'utf-8') === 'utf-8') return
  throw new Failure({
    code: 'input.unsupported-media-type',
    message: `Expected ${types.join(' or ')} in UTF-8, not compressed.`,
    hint: `Send it with the header Content-Type: ${types[0] ?? ''}`,
  })
}

function tooLarge(): Failure {
  return new Failure({
    code: 'input.too-large',
    message: 'The body is larger than 1 MiB, and none of it was read.',
    hint: 'Send fewer alerts at once (Alertmanager: max_alerts in webhook_configs).',
  })
}

/** Node's parser reads no more of a body than its length says, so the check of that was the check of the body. */
function isMeasured(headers: Headers): boolean {
  return headers.has('content-length') && !headers.has('transfer-encoding')
}

/** Read at once, past the web's streams, which cost a small request as much as everything else at this door. */
async function whole(request: Request): Promise<Uint8Array> {
  const body = new Uint8Array(await request.arrayBuffer())
  if (body.byteLength > bodyCap) throw tooLarge()
  return body
}
