/**
 * What authlint adds to a run of ESLint: the parser alone, and the same with a rule that does nothing, against all rules of authlint, in
 * processes of their own: ESLint itself takes longer as soon as any rule is on, which is not authlint's doing. Cold: with nothing cached; warm:
 * with what the run before left.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { installed } from '../support/tarball.mjs';
import { measure } from './measure.mjs';

const FILES = ['**/*.{js,mjs,cjs,jsx,ts,mts,cts,tsx}'];

export function eslint(root, scratch) {
  const folder = installed('eslint10');
  const parser = pathToFileURL(join(folder, 'node_modules/@typescript-eslint/parser/dist/index.js'));
  const plugin = pathToFileURL(join(folder, 'node_modules/authlint/dist/eslint.js'));
  const empty = "{ files, plugins: { bench: { rules: { empty: { create: () => ({}) } } } }, rules: { 'bench/empty': 'error' } },";
  const authlint = (cache) => `{ files, ...authlint.configs.recommended, settings: { authlint: { root: ${JSON.stringify(root)}, cache: ${JSON.stringify(cache)} } } },`;
  const contender = (label, rules, isBase = false) => {
    const config = join(scratch, `eslint-${label}.config.mjs`);
    mkdirSync(scratch, { recursive: true });
    writeFileSync(
      config,
      `import parser from '${parser}';\n${isBase ? '' : `import authlint from '${plugin}';\n`}const files = ${JSON.stringify(FILES)};\n` +
        `export default [{ files, languageOptions: { parser, parserOptions: { ecmaFeatures: { jsx: true } } }, linterOptions: { reportUnusedDisableDirectives: 'off' } }, ${rules}];\n`,
    );
    const args = [join(folder, 'node_modules/eslint/bin/eslint.js'), '--config', config, '--no-inline-config', root];
    return { tool: 'eslint', label: `ESLint, ${label}`, isBase, samples: [], run: () => run(args, root) };
  };
  return [contender('no rules', '', true), contender('one empty rule', empty, true), contender('authlint, cold', authlint(false)), contender('authlint, warm', authlint(join(scratch, 'cache')))];
}

/** Also the time in which ESLint itself saw the rules at work. */
async function run(args, root) {
  const sample = await measure(args, [0, 1], { cwd: root, reads: true, env: { ...process.env, TIMING: 'all' } });
  const times = [...sample.stdout.matchAll(/^authlint\/\S+\s+\|\s+([\d.]+)/gm)].map(([, ms]) => Number(ms));
  return { ...sample, stdout: '', rules: times.reduce((sum, ms) => sum + ms, 0) };
}
