import { join } from 'node:path'
import { execa } from 'execa'
import { describe, expect, test } from 'vitest'
import { tracesOf } from './traces.ts'
import { requireState } from '../../lab/state.ts'

const millwright = join(import.meta.dirname, '../../cli/main.ts')
const name = `command-${String(process.pid)}`

/** The command line as `npx millwright lab …` starts it, after the set-up. */
function lab(...words: readonly string[]) {
  const start = `import { main } from ${JSON.stringify(millwright)}; process.exitCode = await main(process.argv.slice(1))`
  return execa(process.execPath, ['--input-type=module', '-e', start, 'lab', ...words], { reject: false })
}

describe('millwright lab', () => {
  test('boots, breaks, judges, heals, reaches and stops a host, with its data alone on stdout', async () => {
    const up = await lab('up', '--hosts', '1', '--name', name, '--no-monitoring', '-o', 'json')
    expect(JSON.parse(up.stdout)).toMatchObject({ name, hosts: [{ name: 'web-01' }], durationFactor: 60 })
    const state = requireState(name)
    try {
      expect((await lab('ssh', '--name', name, 'web-01', '--', 'hostname')).stdout).toBe('web-01')
      expect((await lab('ssh', '--name', name, 'web-01', '--', 'exit 7')).exitCode).toBe(7)
      await lab('break', '--name', name, 'service-crashed', 'web-01')
      expect(JSON.parse((await lab('judge', '--name', name, 'service-crashed', 'web-01')).stdout)).toMatchObject({
        healthy: false,
      })
      await lab('heal', '--name', name, 'web-01')
      expect(JSON.parse((await lab('judge', '--name', name, 'service-crashed', 'web-01')).stdout)).toMatchObject({
        healthy: true,
      })
      const elsewhere = await lab('ssh', '--name', 'no-such-lab', 'web-01')
      expect(elsewhere.stderr).toMatch(new RegExp(`Running: .*${name}.*--name NAME`))
      const again = await lab('up', '--name', name, '--no-monitoring', '-o', 'json')
      expect(again.exitCode).toBe(2)
      expect(JSON.parse(again.stdout)).toMatchObject({ error: { code: 'input.usage' } })
    } finally {
      expect(JSON.parse((await lab('down', '--name', name, '-o', 'json')).stdout)).toEqual({ stopped: [name] })
    }
    expect(await tracesOf(state)).toEqual([])
  })

  test('says what it knows when it is asked for something else', async () => {
    const fault = await lab('break', 'service-crashed', 'web-01', '--name', 'no-such-lab')
    expect(fault).toMatchObject({ exitCode: 2, stdout: '' })
    expect(fault.stderr).toContain('millwright lab up')
    expect((await lab('frobnicate')).exitCode).toBe(2)
  })
})
