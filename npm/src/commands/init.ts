/** `authlint init`: writes a configuration and says how to go on. It never changes a file that is there, and asks nothing. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findConfig } from '../config.js';
import { reason } from '../discover.js';
import { colorsFor, harmless, harmlessLine, type Output } from '../print/terminal.js';
import { UserError } from '../user-error.js';
import { locate } from './common.js';
import { lookAround, type Host, type Surroundings } from './surroundings.js';

export interface InitOptions {
  /** As the user wrote it; without it, the project is found. */
  root?: string;
}

/** Gives the exit code. */
export function runInit(options: InitOptions, stream: Output = process.stdout): number {
  const { root, configFrom } = locate(options);
  const colors = colorsFor(stream);
  // The tools of the package that the user stands in; the configuration is the whole project's.
  const around = lookAround(options.root ?? '.');
  const there = findConfig(root, configFrom);
  const out: string[] = [];
  if (there === undefined) {
    const path = join(root, 'authlint.config.json');
    write(path, lookAround(root));
    out.push(`${colors.green('✔')} wrote ${colors.cyan(harmlessLine(path))}`);
  } else {
    out.push(`${colors.dim('–')} ${colors.cyan(harmlessLine(there))} is there already and stays as it is`);
  }
  const step = (title: string, lines: readonly string[]) => out.push('', colors.bold(title), ...lines.map((line) => (line === '' ? '' : `  ${harmless(line)}`)));
  if (around.install !== undefined) step('Install it', [around.install]);
  for (const host of around.hosts) step(`${host.title}${host.file === undefined ? '' : `: ${harmlessLine(host.file)}`}`, host.lines);
  if (around.hosts.length === 0) step('Tools', ['Neither ESLint, Oxlint, a bundler nor Next.js was found here: the command line is all you need.']);
  step('Command line', [`${around.run} check                       what is open and should not be`, `${around.run} routes                      every endpoint, and what guards it`]);
  step('Too much at once?', [`${around.run} check --baseline authlint-baseline.json --update-baseline`, 'accepts what is there now; with --baseline authlint-baseline.json, only what is new counts']);
  if (around.workflows) step('GitHub Actions', workflow(around));
  stream.write(`${out.join('\n')}\n`);
  return 0;
}

function write(path: string, around: Surroundings): void {
  const config = { $schema: around.schema, publicRoutes: [], guards: [], ignore: [] };
  try {
    writeFileSync(path, `${JSON.stringify(config, null, 2)}\n`, { flag: 'wx' });
  } catch (error) {
    throw new UserError(`${path} could not be written: ${reason(error)}`);
  }
}

function workflow({ run }: Surroundings): string[] {
  return ['- run: ' + `${run} check --format sarif --fail-on never > authlint.sarif`, '- uses: github/codeql-action/upload-sarif@v4', '  with:', '    sarif_file: authlint.sarif'];
}

export type { Host };
