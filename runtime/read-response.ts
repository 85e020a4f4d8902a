import { Failure } from '../domain/failure.ts'

/** The body of an answer as text, at most `limit` bytes of it. Throws `upstream.rejected` when it is longer. */
export async function readResponse(
  response: { readonly body: AsyncIterable<Uint8Array> | null },
  limit: number,
): Promise<string> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of response.body ?? []) {
    length += chunk.byteLength
    if (length > limit) {
      throw new Failure({ code: 'upstream.rejected', message: `An answer is longer than ${limit} bytes.` })
    }
    chunks.push(chunk)
  }
  return new TextDecoder().decode(Buffer.concat(chunks))
}
