// How the demo speaks: sentences for who watches, with the seconds since its first fault; with JSON on stdout they go
// to stderr.

export type Telling = {
  readonly line: (text: string) => void
  /** Starts the clock that stands before each line. */
  readonly begin: () => void
  readonly seconds: () => number
}

export function telling(stream: NodeJS.WritableStream): Telling {
  let from: number | null = null
  const seconds = (): number => (from === null ? 0 : (performance.now() - from) / 1_000)
  return {
    begin: () => (from = performance.now()),
    seconds,
    line: (text) => {
      const clock = from === null || text === '' ? '' : `${seconds().toFixed(1).padStart(6)} s  `
      stream.write(`${clock}${text}\n`)
    },
  }
}
