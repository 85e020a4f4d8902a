import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createGroups } from '../../lab/cgroup.ts'

test('where control groups are not handed down, as in a container, it is said what to type', () => {
  const mount = mkdtempSync(join(tmpdir(), 'millwright-groups-'))
  onTestFinished(() => rmSync(mount, { recursive: true }))
  // Like a group that has processes of its own, this file can't be written.
  mkdirSync(join(mount, 'cgroup.subtree_control'))
  const cgroups = { version: 'v2', mounts: [mount], unified: mount, mountOf: () => mount } as const

  expect(() => createGroups(cgroups, 'millwright/mw0/web-01', 1)).toThrow(
    expect.objectContaining({ code: 'setup.missing', hint: expect.stringContaining(`mkdir -p ${mount}/init`) }),
  )
})
