// `millwright investigate` against the Millwright that `commands.test.ts` runs.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { firing } from './commands-config.ts'

type Command = (...args: readonly string[]) => Promise<{
  readonly stdout: string
  readonly stderr: string
  readonly exitCode?: number | undefined
}>

/** `folder` is there once its tests run. */
export function describeDryRun(millwright: Command, folder: () => string): void {
  describe('a dry run', () => {
    const alert = () => {
      writeFileSync(join(folder(), 'alert.json'), JSON.stringify(firing('gone-01')))
      return join(folder(), 'alert.json')
    }

    test('tells what is done and what would follow, with the exit code that this would have', async () => {
      const args = ['investigate', alert(), '--dry-run', '--source', 'shop']
      const json = await millwright(...args, '-o', 'json')
      const table = await millwright(...args)

      const found = JSON.parse(json.stdout)
      expect([json.exitCode, table.exitCode]).toEqual([1, 1])
      expect(found).toMatchObject({
        state: 'closed',
        would: { act: 'hand-over', reason: 'unreachable' },
        plan: null,
        cost: { calls: 0, tokens: 0, dollars: 0 },
      })
      expect(json.stderr).toContain('a dry run: nothing will be carried out')
      expect(json.stderr).toContain('Dry run over')
      expect(table.stdout).toMatch(/^would +hand over$/m)
      expect(table.stdout).toMatch(/^page +http/m)
      const list = await millwright('incident', 'list')
      expect(list.stdout).toMatch(new RegExp(`INC-${found.incident} +Dry run`))
    })

    test.each([
      [['investigate', '/dev/null', '--dry-run', '--source', 'shop'], 'could not be read as JSON'],
      [['investigate', 'ALERT', '--source', 'shop'], 'Without --dry-run nothing is investigated'],
      [['investigate', 'ALERT', '--dry-run'], 'There are several sources: shop, named, signed, grafana'],
    ])('%j is refused with exit code 2', async (args, says) => {
      const { exitCode, stderr } = await millwright(...args.map((one) => (one === 'ALERT' ? alert() : one)))

      expect([exitCode, stderr]).toEqual([2, expect.stringContaining(says)])
    })
  })
}
