// The folder outside the clone where what is built once is kept, by version.
export { cachePath } from '../bin/cache.mjs'
