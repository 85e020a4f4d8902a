// Where base64 could stand in a text, in one pass: all that the exact expression would look at, and a little more.

const least = 16
const backslash = 0x5c
const letters = Uint8Array.from({ length: 128 }, (_, code) => Number(/[A-Za-z0-9+/_-]/.test(String.fromCharCode(code))))

/**
 * Every longest run of at least 16 letters of base64. After a backslash the first letter may be the end of a line break
 * that JSON writes as two letters: then the run stands here without it, too.
 */
export function base64Runs(text: string): readonly string[] {
  const runs: string[] = []
  for (let from = 0, at = 0; at <= text.length; at += 1) {
    if (at < text.length && letters[text.charCodeAt(at)] === 1) continue
    if (at - from >= least) {
      runs.push(text.slice(from, at))
      if (text.charCodeAt(from - 1) === backslash) runs.push(text.slice(from + 1, at))
    }
    from = at + 1
  }
  return runs
}
