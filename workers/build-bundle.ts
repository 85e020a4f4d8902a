// Bundles the workflows into the file that is named, in a process of its own: the bundler takes 200 MB that a worker
// need not keep.
import { renameSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker'

const [, , file] = process.argv
if (file === undefined) throw new Error('Name the file that the bundle shall be written to.')

const { code } = await bundleWorkflowCode({
  workflowsPath: fileURLToPath(new URL('../workflows/index.ts', import.meta.url)),
  // The first is the outermost: what is not ours reaches none of the others.
  workflowInterceptorModules: [
    fileURLToPath(new URL('../workflows/forged.ts', import.meta.url)),
    fileURLToPath(new URL('../workflows/trace.ts', import.meta.url)),
  ],
  failureConverterPath: fileURLToPath(new URL('../workflows/failure-converter.ts', import.meta.url)),
  logger: new DefaultLogger('WARN'),
})
writeFileSync(`${file}.${process.pid}.part`, code)
// Complete or not there at all, whoever else builds it at the same time.
renameSync(`${file}.${process.pid}.part`, file)
