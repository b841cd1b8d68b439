/**
 * A link to a file that the project has under another name too. Node resolves it: both names mean one module. To the engine, the link is a
 * module that hands on what the file exports, so that imports and routing by files find it, and what stands in it is judged once.
 */
import { readFileSync, realpathSync } from 'node:fs';
import { dirname, relative, sep } from 'node:path';
import { wouldDiscover } from './discover.js';

const MODULE = /\.(?:[cm]?[jt]s|[jt]sx)$/;
const COMMON_JS = /\bmodule\.exports\b|^\s*exports\.\w+\s*=/m;

/** The text of that module; `undefined`, where the link leads to something that the project does not have otherwise. */
export function textOfLink(root: string, link: string): Buffer | undefined {
  const target = targetOf(root, link);
  if (target === undefined) return undefined;
  const way = relative(dirname(link), `${root}${sep}${target}`).split(sep).join('/');
  const specifier = JSON.stringify(way.startsWith('.') ? way : `./${way}`);
  const isCommonJs = COMMON_JS.test(readFileSync(link, 'utf8'));
  return Buffer.from(isCommonJs ? `module.exports = require(${specifier});\n` : `export * from ${specifier};\nexport { default } from ${specifier};\n`);
}

/** The file of the project that a link leads to, relative to the root. */
function targetOf(root: string, link: string): string | undefined {
  if (!MODULE.test(link)) return undefined;
  try {
    const inner = relative(realpathSync(root), realpathSync(link)).split(sep).join('/');
    return MODULE.test(inner) && !inner.startsWith('../') && wouldDiscover(root, inner) ? inner : undefined;
  } catch {
    return undefined;
  }
}
