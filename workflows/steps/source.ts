// What the source says of it now. That it is over is never believed: it is measured.
import { control } from '../activities.ts'
import { orElse } from '../failed.ts'
import type { Story } from '../story.ts'

/** Where that can't be read, it is not over. */
export async function sourceResolved({ incident }: Story): Promise<boolean> {
  const { status } = await orElse(control.readSource({ incident }), { status: 'firing' } as const)
  return status === 'resolved'
}

/** The same, of what it said new: that is heard with this. */
export function hearSource(story: Story): Promise<boolean> {
  story.sourceChanged = false
  return sourceResolved(story)
}
