// What may stand in a text in another way of writing: each way, and each way within another, read back.
const deepest = 2

const readings: readonly ((text: string) => string)[] = [
  // A value that is written in JSON in JSON has more backslashes than one that is not.
  (text) => text.replaceAll(/\\+/g, '\\').replaceAll('""', '"'),
  (text) => text.replaceAll(/%([0-9a-f]{2})/gi, (_, digits: string) => letter(digits)),
  (text) => text.replaceAll(/\\+(?:u00|x)([0-9a-f]{2})/gi, (_, digits: string) => letter(digits)),
  (text) =>
    text.replaceAll(/&#x?([0-9a-f]{2,3});/gi, (whole: string, digits: string) =>
      letter(whole.includes('x') ? digits : Number(digits).toString(16)),
    ),
  (text) => found(text, /[A-Za-z0-9+/_-]{16,}/g, 'base64'),
  (text) => found(text, /(?:[0-9a-f]{2}){8,}/gi, 'hex'),
]

/** The text itself, and behind it whatever else can be read in it. */
export function formsOf(text: string, depth = deepest): string {
  const others = new Set(readings.map((reading) => reading(text)).filter((one) => one !== '' && one !== text))
  return [text, ...[...others].map((one) => (depth === 1 ? one : formsOf(one, depth - 1)))].join('\n')
}

const letter = (digits: string): string => String.fromCharCode(Number.parseInt(digits, 16))

/** What is text inside; a hash is not. */
function found(text: string, blobs: RegExp, encoding: 'base64' | 'hex'): string {
  return [...text.matchAll(blobs)]
    .map(([blob]) => Buffer.from(blob, encoding).toString('latin1'))
    .filter((inside) => /^[\t\n\r\x20-\x7E]{8}/.test(inside))
    .join('\n')
}
