import { execa } from 'execa'
import { join } from 'node:path'
import { expect, it } from 'vitest'

it('opens plain files beneath a declared folder and nothing that leads out of it', async () => {
  const { stdout } = await execa('python3', [join(import.meta.dirname, 'beneath.py')])
  const { names, race } = JSON.parse(stdout)
  const { plain, ...others } = names
  expect(plain).toBe('plain')
  expect(Object.values(others).filter((came) => !/^(\w*Error)$/.test(String(came)))).toEqual([])
  expect(race.opened).toBeGreaterThan(100)
  expect(race.leaked).toBe(0)
})
