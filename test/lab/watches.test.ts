import { expect, test } from 'vitest'
import { checkWatches } from '../../lab/watches.ts'

test('a lab for which the kernel has not enough left to watch is refused with what to type', async () => {
  await expect(checkWatches(1_000_000)).rejects.toMatchObject({
    code: 'setup.missing',
    hint: expect.stringContaining('sysctl fs.inotify.max_user_instances='),
  })
})
