import { expect, test } from 'vitest'
import { run } from '../../bin/run.mjs'
import { reasonOf } from '../../bin/setup-error.mjs'

test('a program that ends well gives back its standard output', async () => {
  await expect(run(process.execPath, ['-e', 'console.log("out"); console.error("err")'])).resolves.toBe('out\n')
})

test('a program that ends badly is quoted with the line that says why', async () => {
  const script =
    'console.error("reading lists"); console.error("E: Unable to fetch nftables"); console.error("bye"); process.exit(100)'
  const error = await run(process.execPath, ['-e', script]).catch((caught: unknown) => caught)
  expect(reasonOf(error)).toMatch(/ended with code 100 \(E: Unable to fetch nftables\)$/)
})

test('a program that is not there is an error like any other', async () => {
  const error = await run('/nowhere/npm', ['ci'], { label: 'npm ci', whenWeDie: 'goes on' }).catch(
    (caught: unknown) => caught,
  )
  expect(reasonOf(error)).toMatch(/^`npm ci` could not start: .*ENOENT/)
})

test('arguments reach the program as they are', async () => {
  const args = ['$(id)', '; rm -rf /', '--version', "it's"]
  const said = await run(process.execPath, ['-e', 'console.log(JSON.stringify(process.argv.slice(1)))', '--', ...args])
  expect(JSON.parse(said)).toEqual(args)
})
