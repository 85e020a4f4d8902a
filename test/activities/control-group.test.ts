// The end of a run's processes on this machine, with a real control group.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { expect, onTestFinished, test } from 'vitest'
import { endGroup, enter, makeControlGroup, removeGroup } from '../../runtime/ansible/control-group.ts'
import { newId } from '../../runtime/ids.ts'

const threads = `
import threading, time
for _ in range(40):
    threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
print(flush=True)
time.sleep(60)`

test('a group whose end was told is gone, also where the threads of one process end one after another', async () => {
  for (let time = 0; time < 10; time += 1) {
    const group = makeControlGroup(`millwright-${newId('run')}`)
    onTestFinished(() => void removeGroup(group))
    const child = spawn('python3', ['-c', threads], { stdio: ['ignore', 'pipe', 'inherit'] })
    enter(group, child.pid ?? 0)
    await once(child.stdout, 'data')
    expect(await endGroup(group, false)).toBe(true)
    expect(existsSync(group.path)).toBe(false)
  }
})
