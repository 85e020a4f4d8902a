// A loop that works while there is work, sleeps while there is none, and can be woken.
export type WorkLoop = {
  /** There may be work: look now. */
  readonly wake: () => void
  /** Lets the step under way end, then settles. */
  readonly stop: () => Promise<void>
}

export type WorkLoopOptions = {
  /** Does what is due; true: there may be more at once. */
  readonly work: (signal: AbortSignal) => Promise<boolean>
  /** How long it sleeps when nobody wakes it, milliseconds. */
  readonly idle: number
  /** How long it sleeps after an error, milliseconds. */
  readonly pause: number
  readonly failed: (error: unknown) => void
}

export function startWorkLoop({ work, idle, pause, failed }: WorkLoopOptions): WorkLoop {
  const end = new AbortController()
  let woken = false
  let rouse: () => void = () => undefined

  const sleep = (milliseconds: number): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds)
      rouse = () => {
        clearTimeout(timer)
        resolve()
      }
      if (woken) rouse()
    })
  const run = async (): Promise<void> => {
    while (!end.signal.aborted) {
      woken = false
      try {
        if (!(await work(end.signal))) await sleep(idle)
      } catch (error) {
        failed(error)
        woken = end.signal.aborted
        await sleep(pause)
      }
    }
  }
  const wake = (): void => {
    woken = true
    rouse()
  }
  const done = run()
  const stop = async (): Promise<void> => {
    end.abort()
    wake()
    await done
  }
  return { wake, stop }
}
