import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { expect, test } from 'vitest'

const program = join(import.meta.dirname, '..', '..', 'bin', 'foreground.mjs')

/** A launcher that runs `child` in the foreground, as the `millwright` command does. */
function launch(child: string) {
  const script = `const { runInForeground } = await import(${JSON.stringify(program)})
    process.exitCode = await runInForeground(process.execPath, ['-e', ${JSON.stringify(child)}])`
  return execa(process.execPath, ['--input-type=module', '-e', script], { reject: false })
}

/** Whether a process still does something; one whose exit code nobody has asked for does not. */
function isRunning(pid: number): boolean {
  try {
    return !/\) [ZX] /.test(readFileSync(`/proc/${String(pid)}/stat`, 'utf8'))
  } catch {
    return false
  }
}

const waits = "process.on('SIGTERM', () => process.exit(9)); setTimeout(() => {}, 60_000); console.log(process.pid)"

test('the exit code and the output of the program are kept', async () => {
  const ran = await launch("console.log('out'); console.error('err'); process.exitCode = 7")
  expect(ran).toMatchObject({ exitCode: 7, stdout: 'out', stderr: 'err' })
})

test('a program that a signal ended is reported as a shell would', async () => {
  expect(await launch("process.kill(process.pid, 'SIGKILL')")).toMatchObject({ exitCode: 137 })
})

test('a signal reaches the program, which decides how to end', async () => {
  const launcher = launch(waits)
  await once(launcher.stdout, 'data')
  launcher.kill('SIGTERM')
  expect(await launcher).toMatchObject({ exitCode: 9 })
})

test('on a terminal, an interrupt of the launcher alone reaches a program to which twice is once', async () => {
  const child =
    "process.on('SIGINT', () => process.exit(9)); setInterval(() => {}, 60_000); console.log(String(process.ppid))"
  const script = `const { runInForeground } = await import(${JSON.stringify(program)})
    const how = { twiceIsOnce: true }
    process.exitCode = await runInForeground(process.execPath, ['-e', ${JSON.stringify(child)}], how)`
  const typed = `'${process.execPath}' --input-type=module -e "$SCRIPT"`
  const terminal = execa('script', ['--quiet', '--return', '--command', typed, '/dev/null'], {
    reject: false,
    env: { SCRIPT: script },
  })
  const [said] = await once(terminal.stdout, 'data')
  process.kill(Number(said), 'SIGINT')
  expect(await terminal).toMatchObject({ exitCode: 9 })
})

test('kill -9 of the launcher ends the program', async () => {
  const launcher = launch(waits)
  const [said] = await once(launcher.stdout, 'data')
  launcher.kill('SIGKILL')
  await launcher
  await expect.poll(() => isRunning(Number(said))).toBe(false)
})
