// Finds the engine under test: `analyseFiles(files, config?)` of the npm package of this checkout.
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const npm = fileURLToPath(new URL('../../../npm/', import.meta.url))

/** @returns {Promise<((files: Record<string, string>) => Promise<object[]>) | null>} the endpoints of some files, or null while nothing is built */
export async function loadEngine() {
  const manifest = join(npm, 'package.json')
  if (!existsSync(manifest)) return null
  const { exports, main } = JSON.parse(readFileSync(manifest, 'utf8'))
  const root = exports?.['.'] ?? exports ?? main
  const path = join(npm, typeof root === 'string' ? root : root.import?.default ?? root.import ?? root.default ?? 'dist/index.js')
  if (!existsSync(path)) return null
  const { analyseFiles } = await import(pathToFileURL(path))
  if (!analyseFiles) return null
  return async (files) => (await analyseFiles(files)).inventory.endpoints
}
